"""What every function's application has in common: problems, request ids, limits and health."""

import re
import time
from collections.abc import (
    Awaitable,
    Callable,
    Mapping,
    MutableMapping,
    Sequence,
)
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from shared import notices, rates
from shared.database import engine
from shared.errors import MediLensError, RequestTooLarge, UploadTooLarge
from shared.http import problems, reference
from shared.http.content_types import UnsupportedMediaType
from shared.http.documents import Application
from shared.http.health import health_routes
from shared.http.names import declared_names_only
from shared.identifiers import uuid7
from shared.outgoing import send_just_written
from shared.runtime import garbage, snapshot
from shared.runtime.observability import log_request
from shared.setting_check import check_settings
from shared.settings import ServiceSettings, Settings, load

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

# No answer with somebody's data stays in a cache, and no answer is taken for another type.
HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
]
# A recording comes as a part of a form; whatever else a request says fits into this.
MAX_WORDS_BYTES = 131_072
# More files than any recording has, more fields than any form.
FORM_LIMITS: Any = {"max_files": 32, "max_fields": 64, "max_part_size": 16_384}
# What a web application of another origin may send and see; template.yaml says the same.
CORS: Mapping[str, Any] = {
    "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
    "allow_headers": [
        *("authorization", "content-type", "idempotency-key", "if-match", "last-event-id"),
        *("prefer", "x-request-id"),
    ],
    "expose_headers": [
        *("etag", "location", "medilens-break-glass", "preference-applied", "ratelimit"),
        *("ratelimit-policy", "retry-after", "x-request-id"),
    ],
    "max_age": 600,
}


def create_app(
    function: str, summary: str, *routers: APIRouter, own_settings: Sequence[type[Settings]] = ()
) -> Application:
    """Build the application of one function, all of whose routes lie under `/api/<function>`.

    Raises
    ------
    SettingsMissing
    """
    check_settings(*own_settings)
    service = load(ServiceSettings)
    prefix = f"/api/{function}"
    app = Application(
        title=f"MediLens {function}",
        summary=summary,
        version=service.code_version,
        docs_url=None,  # `reference` serves it without help from elsewhere
        redoc_url=None,
        openapi_url=f"{prefix}/openapi.json",
        dependencies=[Depends(declared_names_only)],
        form_limits=FORM_LIMITS,
        redirect_slashes=False,  # a redirect behind a gateway names the wrong scheme and host
    )
    app.include_router(health_routes(function), prefix=prefix)
    app.include_router(reference.router(prefix), prefix=prefix)
    for router in routers:
        app.include_router(router, prefix=prefix)
    app.add_exception_handler(MediLensError, problems.refused)
    app.add_exception_handler(RequestValidationError, problems.invalid)
    app.add_exception_handler(HTTPException, problems.http_error)
    app.add_middleware(RequestFrame, prefix=prefix)
    if service.allowed_origins:
        app.add_middleware(CORSMiddleware, allow_origins=sorted(service.allowed_origins), **CORS)
    snapshot.register_hooks(function, after_restore=engine.forget_connections)
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
        self.base_path = load(ServiceSettings).base_path or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        scope["root_path"] = self.base_path
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        standing, heard = rates.begin_request(), notices.begin_request()
        status: int | None = None

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # What the act has to tell others is on disk with it; one try is made right away.
                await send_just_written(heard.messages)
                told = (standing.headers() if standing else {}) | heard.headers(message["status"])
                message["headers"] = _framed(message["headers"], request_id, told)
            await send(message)

        asked, send_asked = _as_get(scope, send_framed)
        try:
            await self.app(asked, _limited(scope, receive), send_asked)
        except Exception as error:
            # Further out it would be logged with its message, which may quote a row.
            answer = problems.unexpected(Request(scope), error)
            if status is not None:
                raise
            await answer(scope, receive, send_asked)
        finally:
            took_ms = round(1000 * (time.perf_counter() - started), 1)
            route = self._route(asked)
            log_request(request_id, self.function, scope["method"], route, status, took_ms)

    def _route(self, scope: Scope) -> str:
        """Name the route as written, without what was asked for; it knows not where it lies."""
        route = scope.get("route")
        if route is None:
            return "unknown"
        path = str(getattr(route, "path", ""))
        return path if path.startswith(self.prefix) else self.prefix + path


def _as_get(scope: Scope, send: Send) -> tuple[Scope, Send]:
    """Turn HEAD into what a GET would say of itself, without saying it."""
    if scope["method"] != "HEAD":
        return scope, send

    async def send_start_alone(message: Message) -> None:
        if message["type"] != "http.response.start":
            message = {**message, "body": b""}
        await send(message)

    state = {**scope.get("state", {}), "is_head": True}
    return {**scope, "method": "GET", "state": state}, send_start_alone


def _framed(
    headers: Sequence[tuple[bytes, bytes]], request_id: str, told: Mapping[str, str]
) -> list[tuple[bytes, bytes]]:
    """Add what every answer says, unless the answer says it in its own way."""
    own = {name.lower() for name, _ in headers}
    added = [(name, value) for name, value in HEADERS if name not in own]
    heard = [(name.encode(), value.encode()) for name, value in told.items()]
    return [*headers, *added, *heard, (b"x-request-id", request_id.encode())]


def _request_id(scope: Scope) -> str:
    """The caller's own id if it is harmless, so that it can be found in both logs."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    return str(uuid7())


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Count the body as it comes: a declared length may be missing or wrong."""
    headers = Headers(scope=scope)
    is_form = headers.get("content-type", "").lower().startswith("multipart/")
    limit = load(ServiceSettings).max_request_bytes
    limit = limit if is_form else min(limit, MAX_WORDS_BYTES)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise _too_large(limit, is_form=is_form)
        if received and encoding != "identity":
            raise UnsupportedMediaType("Send the body as it is: no Content-Encoding is read.")
        return message

    return receive_limited


def _too_large(limit: int, *, is_form: bool) -> MediLensError:
    if not is_form:
        return RequestTooLarge(f"A request without a file may have {limit:,} bytes.")
    return UploadTooLarge(
        f"The request is larger than {limit:,} bytes. Announce the recording to"
        " /api/uploads, send it to storage, and analyze it by its upload_id."
    )
