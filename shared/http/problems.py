"""Refusals as `application/problem+json` (RFC 9457), the same for every function."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.errors import InvalidRequest, MediLensError
from shared.runtime.observability import log_failure
from shared.schemas import Problem

PROBLEM = "application/problem+json"
PROBLEM_TYPES = "urn:medilens:problem:"

# What any route may answer instead of its own shape.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {PROBLEM: {}}}
    for status in (401, 403, 404, 413, 422, 503)
}


def problem(request: Request, error: MediLensError, **extra: Any) -> JSONResponse:
    """Write a refusal as `application/problem+json` (RFC 9457)."""
    body = Problem(
        type=PROBLEM_TYPES + error.code,
        title=error.title,
        status=int(error.status),
        code=error.code,
        detail=error.detail,
        instance=request.state.request_id,
        **extra,
    )
    return JSONResponse(
        body.model_dump(mode="json", exclude_none=True),
        status_code=error.status,
        headers=error.headers,
        media_type=PROBLEM,
    )


async def refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MediLensError)
    if error.status.is_server_error:
        log_failure(error, request_id=request.state.request_id)
    return problem(request, error)


async def invalid(request: Request, error: Exception) -> JSONResponse:
    """Name the fields and what is wrong with them, never what was sent."""
    assert isinstance(error, RequestValidationError)
    places = [f"{_place(item)}: {item['msg']}" for item in error.errors()]
    return problem(request, InvalidRequest("; ".join(places)))


def _place(item: Mapping[str, Any]) -> str:
    """Name a field of ours; what a caller named is the caller's own data."""
    where, *path = item["loc"]
    if item["type"] == "extra_forbidden":
        path = path[:-1]
    return ".".join(map(str, path)) or str(where)


async def http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, MediLensError):
        # FastAPI wraps whatever happens while a body is read.
        return problem(request, error.__cause__)
    status = HTTPStatus(error.status_code)
    body = Problem(
        type=PROBLEM_TYPES + status.name.lower().replace("_", "-"),
        title=status.phrase,
        status=status,
        code=status.name.lower().replace("_", "-"),
        detail=status.description or status.phrase,
        instance=request.state.request_id,
    )
    return JSONResponse(
        body.model_dump(mode="json", exclude_none=True),
        status_code=status,
        headers=error.headers,
        media_type=PROBLEM,
    )


def unexpected(request: Request, error: Exception) -> JSONResponse:
    """Log what happened, tell nothing."""
    log_failure(error, request_id=request.state.request_id)
    return problem(request, MediLensError("This is our mistake. The request id finds it."))
