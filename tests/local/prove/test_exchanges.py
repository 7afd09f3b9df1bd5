"""What was touched is kept by its names, and whoever asks too often waits as told."""

from collections.abc import Sequence

import httpx
import jwt
import pytest

from local.prove.exchanges import MOST_WAITED_S, Exchange, Recorded, claims_of_request, fields_of

SECRET = "a secret of thirty-two characters"


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long was waited, without waiting."""
    pauses_s: list[float] = []

    async def sleep(pause_s: float) -> None:
        pauses_s.append(pause_s)

    monkeypatch.setattr("local.prove.exchanges.asyncio.sleep", sleep)
    return pauses_s


async def sent(
    answers: Sequence[httpx.Response], *, impatient: bool = False, **request: object
) -> tuple[httpx.Response, list[Exchange]]:
    """Send one request, which is answered with these in turn."""
    waiting, kept_of = iter(answers), list[Exchange]()
    inner = httpx.MockTransport(lambda _: next(waiting))
    transport = Recorded(inner, "admin of ours", kept_of)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(
            "/a?limit=1&role=own",
            extensions={"impatient": impatient},
            **request,  # type: ignore[arg-type]
        )
    return answer, kept_of


def busy(retry_after: str | None = "2") -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": retry_after} if retry_after else {})


class TestRecorded:
    @pytest.mark.usefixtures("waited")
    async def test_names_are_kept_and_no_values(self) -> None:
        token = jwt.encode({"sub": "ada", "fva": [0, -1]}, SECRET)
        headers = {"Authorization": f"Bearer {token}", "X-Reason": "a patient's name"}
        _, (exchange,) = await sent([httpx.Response(201)], headers=headers, json={"note": "cancer"})
        assert (exchange.who, exchange.method, exchange.path) == ("admin of ours", "POST", "/a")
        assert exchange.query == {"limit", "role"}
        assert exchange.fields == {"note"}
        assert {"authorization", "x-reason"} <= exchange.headers
        assert exchange.status == 201
        for word in ("ada", "cancer", "patient's", token):
            assert word not in repr(exchange)

    async def test_who_asks_too_often_waits_and_asks_again(self, waited: list[float]) -> None:
        answer, exchanges_kept = await sent([busy("1.5"), httpx.Response(404)])
        assert (answer.status_code, waited) == (404, [1.5])
        assert [exchange.status for exchange in exchanges_kept] == [404]

    async def test_second_refusal_is_the_answer(self, waited: list[float]) -> None:
        answer, _ = await sent([busy(), busy()])
        assert (answer.status_code, len(waited)) == (429, 1)

    @pytest.mark.parametrize("retry_after", [None, str(MOST_WAITED_S + 1)])
    async def test_nobody_waits_too_long_or_without_a_time(
        self, retry_after: str | None, waited: list[float]
    ) -> None:
        answer, _ = await sent([busy(retry_after)])
        assert (answer.status_code, waited) == (429, [])

    async def test_attack_on_the_limit_itself_waits_for_nothing(self, waited: list[float]) -> None:
        answer, _ = await sent([busy()], impatient=True)
        assert (answer.status_code, waited) == (429, [])

    async def test_other_refusals_are_not_waited_for(self, waited: list[float]) -> None:
        answer, _ = await sent([httpx.Response(503, headers={"Retry-After": "1"})])
        assert (answer.status_code, waited) == (503, [])


class TestClaims:
    def of(self, **claims: object) -> frozenset[tuple[str, int]]:
        return claims_of_request(f"Bearer {jwt.encode(claims, SECRET)}")

    def test_other_values_have_other_fingerprints(self) -> None:
        assert self.of(sub="ada") == self.of(sub="ada") != self.of(sub="eve")
        assert {name for name, _ in self.of(sub="ada", exp=1)} == {"sub", "exp"}

    @pytest.mark.parametrize(
        "header", ["", "Bearer ", "Bearer mlk_key", "Basic YTpi", "e30.e30.e30"]
    )
    def test_what_is_no_token_claims_nothing(self, header: str) -> None:
        assert claims_of_request(header) == frozenset()


class TestFields:
    @pytest.mark.parametrize("body", [b"", b"[1]", b'"text"', b"\xff", b"{"])
    def test_what_has_no_names_has_none(self, body: bytes) -> None:
        assert fields_of(body, "application/json") == frozenset()
