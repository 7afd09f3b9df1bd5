"""Refusals as `application/problem+json` (RFC 9457), the same for every function."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.errors import (
    BadRequest,
    InvalidRequest,
    MediLensError,
    MethodNotAllowed,
    NotFound,
    OurMistake,
)
from shared.http.names import tell_unknown
from shared.runtime.observability import log_failure
from shared.schemas import Problem

PROBLEM = "application/problem+json"
PROBLEM_TYPES = "urn:medilens:problem:"

# So many mistakes of one request are told.
MAX_TOLD = 5
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


# How a function says a refusal where its routes speak another format; None where they do not.
type OtherWords = Callable[[Request, Problem], JSONResponse | None]


def problem(request: Request, error: MediLensError, **extra: Any) -> JSONResponse:
    """Write a refusal as `application/problem+json` (RFC 9457), or in its function's own words."""
    body = Problem(
        type=PROBLEM_TYPES + error.code,
        title=error.title,
        status=int(error.status),
        code=error.code,
        detail=error.detail,
        instance=request.state.request_id,
        **error.members,
        **extra,
    )
    in_other_words: OtherWords | None = getattr(request.app.state, "in_other_words", None)
    answer = in_other_words(request, body) if in_other_words else None
    if answer is None:
        told = body.model_dump(mode="json", exclude_none=True)
        answer = JSONResponse(told, status_code=error.status, media_type=PROBLEM)
    answer.headers.update(error.answer_headers)
    return answer


async def refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MediLensError)
    if error.status.is_server_error:
        log_failure(error, request_id=request.state.request_id)
    return problem(request, error)


async def invalid(request: Request, error: Exception) -> JSONResponse:
    """Name the first fields and what is wrong with them, never what was sent."""
    assert isinstance(error, RequestValidationError)
    mistakes = error.errors()
    unknown = [str(item["loc"][-1]) for item in mistakes if item["type"] == "extra_forbidden"]
    others = [item for item in mistakes if item["type"] != "extra_forbidden"]
    told = [f"{_place(item)}: {item['msg']}" for item in others[:MAX_TOLD]]
    if more := len(others) - len(told):
        told.append(f"{more} more fields are wrong")
    if unknown:
        told.append(tell_unknown(unknown, (), "body"))
    return problem(request, InvalidRequest("; ".join(told)))


def _place(item: Mapping[str, Any]) -> str:
    """Name a field of ours; what a caller named is the caller's own data."""
    where, *path = item["loc"]
    return ".".join(map(str, path)) or str(where)


async def http_error(request: Request, error: Exception) -> JSONResponse:
    """Say what the framework refused in words of ours."""
    assert isinstance(error, HTTPException)
    cause = error.__cause__
    if isinstance(cause, MediLensError):
        # FastAPI wraps whatever happens while a body is read.
        return problem(request, cause)
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return problem(request, NotFound("Nothing is at this path."))
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return _not_allowed(request)
        case _:
            return problem(request, BadRequest(str(error.detail)))


def _not_allowed(request: Request) -> JSONResponse:
    """Name every method of the path, not those of its first route alone."""
    allowed = [method for method in METHODS if _answers(request, method)]
    if "GET" in allowed:
        allowed.insert(1, "HEAD")
    named = ", ".join(allowed)
    answer = problem(request, MethodNotAllowed(f"This path answers {named}."))
    answer.headers["Allow"] = named
    return answer


def _answers(request: Request, method: str) -> bool:
    scope = {
        "type": "http",
        "method": method,
        "path": request.scope["path"],
        "root_path": request.scope.get("root_path", ""),
    }
    return any(route.matches(dict(scope))[0] is Match.FULL for route in request.app.routes)


def unexpected(request: Request, error: Exception) -> JSONResponse:
    """Log what happened, tell nothing."""
    log_failure(error, request_id=request.state.request_id)
    return problem(request, OurMistake("This is our mistake. The request id finds it."))
