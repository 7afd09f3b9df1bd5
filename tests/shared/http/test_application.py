"""What every answer has in common, above all when something is wrong."""

from typing import Any, ClassVar

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from shared import settings
from shared.http.application import create_app
from shared.http.problems import PROBLEM
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.shared.http.trial import CANARY, LIMIT, chunks, problem_of, router


class TestProblems:
    async def test_no_token(self, clinic: Clinic) -> None:
        async with clinic.client(None) as anonymous:
            answer = await anonymous.get("/api/records/assessments")
        problem_of(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"

    async def test_no_permission(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.RESEARCHER) as researcher:
            answer = await researcher.delete(
                f"/api/records/assessments/{clinic.person_id(RoleName.PATIENT)}"
            )
        problem_of(answer, 403, "forbidden")

    @pytest.mark.parametrize("path", ["nothing", "fine/", "", "../other/fine", "%00"])
    async def test_no_such_route(self, client: AsyncClient, path: str) -> None:
        problem_of(await client.get(f"http://test/api/trial/{path}"), 404, "not-found")

    @pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"])
    async def test_no_such_method(self, client: AsyncClient, method: str) -> None:
        answer = await client.request(method, "/fine")
        problem_of(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "GET, HEAD"

    async def test_our_own_refusals(self, client: AsyncClient) -> None:
        body = problem_of(await client.get("/conflict"), 409, "conflict")
        assert body["detail"] == "It is there already."

    async def test_a_mistake_of_ours_tells_nothing(self, client: AsyncClient) -> None:
        answer = await client.get("/mistake")
        problem_of(answer, 500, "internal")
        assert CANARY not in answer.text
        assert "KeyError" not in answer.text

    async def test_a_part_that_is_away_says_when_to_come_back(self, client: AsyncClient) -> None:
        answer = await client.get("/away")
        problem_of(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "1"
        assert CANARY not in answer.text


class TestInvalid:
    @pytest.mark.parametrize(
        "body",
        [
            {"heart_rate": CANARY},
            {"name": CANARY},
            {"heart_rate": 70, CANARY: 1},
            [CANARY],
            CANARY,
            {"heart_rate": {"of": CANARY}},
        ],
    )
    async def test_names_the_field_and_never_repeats_what_was_sent(
        self, client: AsyncClient, body: Any
    ) -> None:
        answer = await client.post("/note", json=body)
        problem_of(answer, 422, "invalid-request")
        assert CANARY not in answer.text

    async def test_many_mistakes_are_told_briefly(self, client: AsyncClient) -> None:
        answer = await client.post("/numbers", json=["x"] * 400)
        body = problem_of(answer, 422, "invalid-request")
        assert body["detail"].endswith("; 395 more fields are wrong")

    async def test_says_which_field(self, client: AsyncClient) -> None:
        body = problem_of(await client.post("/note", json={}), 422, "invalid-request")
        assert body["detail"] == "heart_rate: Field required"

    async def test_says_so_of_parameters_and_forms_too(self, client: AsyncClient) -> None:
        answer = await client.get("/search", params={"days": CANARY})
        assert problem_of(answer, 422, "invalid-request")["detail"].startswith("days: ")
        assert CANARY not in answer.text
        answer = await client.post("/upload", files={"file": b"x"}, data={"age": CANARY})
        assert problem_of(answer, 422, "invalid-request")["detail"].startswith("age: ")
        assert CANARY not in answer.text

    async def test_broken_json_and_multipart(self, client: AsyncClient) -> None:
        answer = await client.post(
            "/note", content=f'{{"name": "{CANARY}', headers={"Content-Type": "application/json"}
        )
        problem_of(answer, 422, "invalid-request")
        assert CANARY not in answer.text
        answer = await client.post(
            "/upload",
            content=CANARY,
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == PROBLEM
        assert CANARY not in answer.text


class TestSize:
    async def test_a_declared_length_over_the_limit(self, client: AsyncClient) -> None:
        answer = await client.post(
            "/note",
            content=b" " * (LIMIT + 1),
            headers={"Content-Type": "application/json"},
        )
        assert answer.request.headers["content-length"] == str(LIMIT + 1)
        problem_of(answer, 413, "request-too-large")

    async def test_chunks_without_a_length(self, client: AsyncClient) -> None:
        answer = await client.post(
            "/note", content=chunks(2 * LIMIT), headers={"Content-Type": "application/json"}
        )
        assert "content-length" not in answer.request.headers
        problem_of(answer, 413, "request-too-large")

    async def test_an_upload(self, client: AsyncClient) -> None:
        answer = await client.post("/upload", files={"file": b"x" * LIMIT}, data={"age": "1"})
        problem_of(answer, 413, "upload-too-large")

    async def test_a_length_that_lies(self, client: AsyncClient) -> None:
        answer = await client.post(
            "/note",
            content=chunks(2 * LIMIT),
            headers={"Content-Type": "application/json", "Content-Length": "10"},
        )
        problem_of(answer, 413, "request-too-large")

    async def test_just_at_the_limit_is_read(self, client: AsyncClient) -> None:
        content = b'{"heart_rate": 70}'.ljust(LIMIT)
        answer = await client.post(
            "/note", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.json() == {"heart_rate": 70}


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/fine", "/nothing", "/mistake", "/conflict", "/away", "/search", "/note"]
    )
    async def test_every_answer_stays_out_of_caches_frames_and_guesses(
        self, client: AsyncClient, path: str
    ) -> None:
        headers = (await client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert "server" not in headers

    async def test_no_other_origin_is_let_in(self, client: AsyncClient) -> None:
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
        for method in ("GET", "OPTIONS"):
            answer = await client.request(method, "/fine", headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control")]

    @pytest.mark.parametrize("given", ["a" * 8, "A-z_09" * 4, "x" * 64])
    async def test_a_harmless_request_id_comes_back(self, client: AsyncClient, given: str) -> None:
        answer = await client.get("/fine", headers={"X-Request-Id": given})
        assert answer.headers["x-request-id"] == given

    @pytest.mark.parametrize(
        "given", [b"short", b"x" * 65, b"with space", b"<script>1", b"\xe9" * 9, b"a" * 8 + b"\n"]
    )
    async def test_any_other_is_replaced(self, app: FastAPI, given: bytes) -> None:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/trial/fine",
            "raw_path": b"/api/trial/fine",
            "query_string": b"",
            "headers": [(b"x-request-id", given)],
            "client": None,
            "server": ("test", 80),
            "scheme": "http",
        }
        await app(scope, receive, send)

        answered = dict(sent[0]["headers"])[b"x-request-id"]
        assert answered != given
        assert len(answered) == 36


class TestHealth:
    async def test_says_that_the_function_lives_without_a_database(
        self, client: AsyncClient
    ) -> None:
        answer = await client.get("/health")
        assert answer.json() == {"function": "trial", "status": "ok", "database": None}

    async def test_asked_deeply_includes_the_database(self, clinic: Clinic) -> None:
        async with clinic.client(None) as anonymous:
            answer = await anonymous.get("/api/records/health", params={"deep": 1})
        assert answer.json()["database"] == "ok"


class TestBasePath:
    """A domain that has the API under a path of its own, which its gateway leaves on."""

    @pytest.fixture
    def app(self, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
        monkeypatch.setenv("MEDILENS_BASE_PATH", "/medilens")
        settings.load.cache_clear()
        return create_app("trial", "For this test", router)

    @pytest.mark.parametrize("base", ["/medilens", ""], ids=["left-on", "taken-off"])
    async def test_routes_are_reached(self, app: FastAPI, base: str) -> None:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://t") as client:
            answer = await client.get(f"{base}/api/trial/fine")
            documented = await client.get(f"{base}/api/trial/openapi.json")

        assert answer.json() == {"answer": "fine"}
        assert documented.json()["servers"] == [{"url": "/medilens"}]

    @pytest.mark.usefixtures("app")
    def test_addresses_in_answers_have_it(self) -> None:
        assert settings.public_path("/api/records/x") == "/medilens/api/records/x"


class TestOtherOrigins:
    """Where no gateway answers for them."""

    ASKED: ClassVar[dict[str, str]] = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, idempotency-key",
    }

    @pytest.fixture
    def app(self, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
        monkeypatch.setenv("MEDILENS_ALLOWED_ORIGINS", "https://app.example.org")
        settings.load.cache_clear()
        return create_app("trial", "For this test", router)

    @pytest.mark.parametrize(
        ("origin", "allowed"),
        [("https://app.example.org", "https://app.example.org"), ("https://evil.example", None)],
    )
    async def test_only_those_that_are_named_are_let_in(
        self, app: FastAPI, origin: str, allowed: str | None
    ) -> None:
        headers = {"origin": origin}
        async with AsyncClient(transport=ASGITransport(app), base_url="http://t") as client:
            asked = await client.options("/api/trial/fine", headers=headers | self.ASKED)
            answer = await client.get("/api/trial/fine", headers=headers)
            refused = await client.get("/api/trial/none", headers=headers)

        assert asked.status_code == (200 if allowed else 400)
        for given in (asked, answer, refused):
            assert given.headers.get("access-control-allow-origin") == allowed
        assert "access-control-allow-credentials" not in answer.headers

    async def test_nobody_is_where_none_is_named(self) -> None:
        app = create_app("trial", "For this test", router)
        headers = {"origin": "https://app.example.org"}
        async with AsyncClient(transport=ASGITransport(app), base_url="http://t") as client:
            answer = await client.get("/api/trial/fine", headers=headers)
        assert "access-control-allow-origin" not in answer.headers
