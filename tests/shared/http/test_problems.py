"""Mistakes of a request, told by their place and never by what was sent."""

import json
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.errors import BadRequest, Conflict, MediLensError, NotFound, Unauthenticated
from shared.http import problems
from shared.http.problems import MAX_TOLD, PROBLEM
from shared.schemas import Problem


def asked(app: FastAPI | None = None, method: str = "GET", path: str = "/a") -> Request:
    return Request(
        {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [],
            "app": app or FastAPI(openapi_url=None),
            "state": {"request_id": "request-a"},
        }
    )


def told(answer: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.body)
    return body


def mistake(*place: str | int, kind: str = "missing") -> dict[str, Any]:
    return {"type": kind, "loc": place, "msg": "Field required", "input": "Ada"}


async def detail_of(*mistakes: dict[str, Any]) -> str:
    answer = await problems.invalid(asked(), RequestValidationError(list(mistakes)))
    return str(told(answer)["detail"])


class TestProblem:
    def test_has_the_status_and_headers_of_its_error(self) -> None:
        answer = problems.problem(asked(), Unauthenticated("No token."))
        assert answer.status_code == told(answer)["status"] == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.media_type == PROBLEM

    def test_names_the_request(self) -> None:
        assert told(problems.problem(asked(), Conflict("a")))["instance"] == "request-a"

    @pytest.mark.parametrize("answers", [True, False])
    def test_function_may_say_it_in_other_words(self, *, answers: bool) -> None:
        def in_other_words(_: Request, said: Problem) -> JSONResponse | None:
            outcome = {"resourceType": "OperationOutcome", "code": said.code}
            return JSONResponse(outcome, said.status) if answers else None

        app = FastAPI(openapi_url=None)
        app.state.in_other_words = in_other_words
        answer = problems.problem(asked(app), Unauthenticated("No token."))
        assert ("resourceType" in told(answer)) is answers
        assert answer.headers["www-authenticate"] == "Bearer"


class TestInvalid:
    @pytest.mark.parametrize(
        ("place", "named"),
        [
            (("body", "heart_rate"), "heart_rate"),
            (("body", "leads", 2, "name"), "leads.2.name"),
            (("query", "days"), "days"),
            (("body",), "body"),
        ],
    )
    async def test_names_the_field_by_its_place(
        self, place: tuple[str | int, ...], named: str
    ) -> None:
        assert await detail_of(mistake(*place)) == f"{named}: Field required"

    async def test_first_mistakes_are_told_and_the_others_counted(self) -> None:
        mistakes = [mistake("body", f"field_{number}") for number in range(MAX_TOLD + 2)]
        detail = await detail_of(*mistakes)
        assert detail.count("Field required") == MAX_TOLD
        assert detail.endswith("; 2 more fields are wrong")
        assert "more" not in await detail_of(*mistakes[:MAX_TOLD])

    async def test_unknown_fields_are_told_after_the_others(self) -> None:
        unknown = mistake("body", "heart_rat", kind="extra_forbidden")
        detail = await detail_of(unknown, mistake("body", "heart_rate"))
        assert detail == "heart_rate: Field required; heart_rat: unknown name"

    async def test_name_that_is_the_callers_own_data_is_not_repeated(self) -> None:
        detail = await detail_of(mistake("body", "Ada Lovelace", kind="extra_forbidden"))
        assert "Ada" not in detail
        assert "1 unknown name in the body" in detail


class TestHttpError:
    @pytest.mark.parametrize(
        ("status", "code"), [(404, "not-found"), (400, "bad-request"), (418, "bad-request")]
    )
    async def test_framework_is_retold(self, status: int, code: str) -> None:
        answer = await problems.http_error(asked(), HTTPException(status, "There was an error"))
        assert told(answer)["code"] == code

    async def test_error_of_ours_that_the_framework_wrapped_counts(self) -> None:
        error = HTTPException(400)
        error.__cause__ = Conflict("It is there already.")
        answer = await problems.http_error(asked(), error)
        assert (answer.status_code, told(answer)["detail"]) == (409, "It is there already.")


class TestNotAllowed:
    @pytest.mark.parametrize(
        ("methods", "allow"),
        [
            (["GET"], "GET, HEAD"),
            (["DELETE", "GET"], "GET, HEAD, DELETE"),
            (["PATCH", "POST"], "POST, PATCH"),
        ],
    )
    async def test_names_the_methods_of_every_route_of_the_path(
        self, methods: list[str], allow: str
    ) -> None:
        app = FastAPI(openapi_url=None)
        for method in methods:
            app.add_api_route("/a", lambda: None, methods=[method])
        app.add_api_route("/b", lambda: None, methods=["PUT"])
        answer = await problems.http_error(asked(app, "PUT"), HTTPException(405))
        assert answer.headers["allow"] == allow
        assert told(answer)["detail"] == f"This path answers {allow}."


class TestLog:
    @pytest.fixture
    def logged(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        ids: list[str] = []
        monkeypatch.setattr(problems, "log_failure", lambda _, request_id: ids.append(request_id))
        return ids

    @pytest.mark.parametrize("refusal", [NotFound("a"), BadRequest("a"), Conflict("a")])
    async def test_mistake_of_a_caller_is_none_of_ours(
        self, logged: list[str], refusal: MediLensError
    ) -> None:
        await problems.refused(asked(), refusal)
        assert logged == []

    def test_mistake_of_ours_is_found_by_its_request(self, logged: list[str]) -> None:
        answer = problems.unexpected(asked(), KeyError("Ada"))
        assert logged == ["request-a"]
        assert answer.status_code == 500
        assert "Ada" not in answer.body.decode()  # type: ignore[union-attr]
