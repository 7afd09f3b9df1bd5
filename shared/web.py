"""What every function's application has in common: problems, request ids, limits and health."""

import re
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    MutableMapping,
    Sequence,
)
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException

from shared import auth, database, garbage, snapshot
from shared.database import Caller
from shared.errors import InvalidRequest, MediLensError, UploadTooLarge
from shared.identifiers import uuid7
from shared.observability import log_failure, log_request
from shared.permissions import Permission
from shared.schemas import Health, Problem
from shared.settings import ServiceSettings, Settings, check_settings, load

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]

PROBLEM = "application/problem+json"
PROBLEM_TYPES = "urn:medilens:problem:"
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
MAX_USER_AGENT = 256

# What any route may answer instead of its own shape.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {PROBLEM: {}}}
    for status in (401, 403, 404, 413, 422, 503)
}

# No answer with somebody's data stays in a cache, and no answer is taken for another type.
HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
]
# The interactive documentation loads its scripts and styles.
DOCUMENTATION = re.compile(r"/docs$")


def create_app(
    function: str, summary: str, *routers: APIRouter, own_settings: Sequence[type[Settings]] = ()
) -> FastAPI:
    """Build the application of one function, all of whose routes lie under `/api/<function>`.

    Raises
    ------
    SettingsMissing
    """
    check_settings(*own_settings)
    prefix = f"/api/{function}"
    app = FastAPI(
        title=f"MediLens {function}",
        summary=summary,
        version=load(ServiceSettings).code_version,
        docs_url=f"{prefix}/docs",
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        openapi_url=f"{prefix}/openapi.json",
        responses=PROBLEMS,
        redirect_slashes=False,  # a redirect behind a gateway names the wrong scheme and host
    )
    app.include_router(_health(function), prefix=prefix)
    for router in routers:
        app.include_router(router, prefix=prefix)
    app.add_exception_handler(MediLensError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_middleware(RequestFrame, prefix=prefix)
    snapshot.register_hooks(function)
    garbage.take_up()
    return app


class RequestFrame:
    """Give each request an id, a size limit, safe headers and its line in the log."""

    def __init__(
        self, app: Callable[[Scope, Receive, Send], Awaitable[None]], *, prefix: str
    ) -> None:
        self.app = app
        self.prefix = prefix
        self.function = prefix.rpartition("/")[2]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status: int | None = None

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_headers(scope["path"], request_id)]
            await send(message)

        try:
            await self.app(scope, _limited(receive), send_framed)
        except Exception as error:
            # Further out it would be logged with its message, which may quote a row.
            answer = _unexpected(Request(scope), error)
            if status is not None:
                raise
            await answer(scope, receive, send_framed)
        finally:
            log_request(
                request_id,
                self.function,
                scope["method"],
                self._route(scope),
                status,
                round(1000 * (time.perf_counter() - started), 1),
            )

    def _route(self, scope: Scope) -> str:
        """Name the route as written, without what was asked for; it knows not where it lies."""
        route = scope.get("route")
        if route is None:
            return "unknown"
        path = str(getattr(route, "path", ""))
        return path if path.startswith(self.prefix) else self.prefix + path


def _headers(path: str, request_id: str) -> list[tuple[bytes, bytes]]:
    own = HEADERS if not DOCUMENTATION.search(path) else HEADERS[:2]
    return [*own, (b"x-request-id", request_id.encode())]


def _request_id(scope: Scope) -> str:
    """The caller's own id if it is harmless, so that it can be found in both logs."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    return str(uuid7())


def _limited(receive: Receive) -> Receive:
    """Count the body as it comes: a declared length may be missing or wrong."""
    limit = load(ServiceSettings).max_request_bytes
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise UploadTooLarge(
                f"The request is larger than {limit:,} bytes. Announce the recording to"
                " /api/uploads, send it to storage, and analyze it by its upload_id."
            )
        return message

    return receive_limited


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


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MediLensError)
    if error.status.is_server_error:
        log_failure(error, request_id=request.state.request_id)
    return problem(request, error)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
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


async def _http(request: Request, error: Exception) -> JSONResponse:
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


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    """Log what happened, tell nothing."""
    log_failure(error, request_id=request.state.request_id)
    return problem(request, MediLensError("This is our mistake. The request id finds it."))


def _health(function: str) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/health", summary="Is the function alive; with deep=1, does its database answer")
    async def health(deep: Annotated[bool, Query()] = False) -> Health:
        if deep:
            await database.ping()
        return Health(function=function, status="ok", database="ok" if deep else None)

    return router


# Only for the documentation: it says which routes ask for a token. `auth.verify` reads it.
BEARER = HTTPBearer(auto_error=False, description="A token of the identity provider")


async def caller(request: Request, _token: Annotated[object, Depends(BEARER)]) -> Caller:
    """Say who asks, for the database and the audit trail."""
    token = await auth.verify(request.headers.get("authorization"))
    agent = request.headers.get("user-agent")
    return Caller(
        subject=token.subject,
        organization=token.organization,
        request_id=request.state.request_id,
        session_id=token.session_id,
        ip=database.client_address(request.client.host if request.client else None),
        user_agent=agent[:MAX_USER_AGENT] if agent else None,
    )


CurrentCaller = Annotated[Caller, Depends(caller)]


def allowed(permission: Permission, *, read_only: bool = False) -> Any:
    """Open the request's one transaction for a caller who holds `permission`.

    It commits before the answer is sent, so a failing commit is never answered as a success.
    """

    async def connection(caller: CurrentCaller) -> AsyncIterator[AsyncConnection]:
        async with database.transaction(caller, permission, read_only=read_only) as opened:
            yield opened

    return Depends(connection, scope="function")
