"""All functions on one port, each reached by the path it has in the cloud.

What stands after `/api/` chooses the function, `/console` is the console's, and the path goes on
untouched: API Gateway and Vercel do not strip it either, so a route that answers here answers
there.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.engines import missing_engine
from local.issuer import Issuer, issuer_routes
from local.pages import docs_page, start_page
from local.sign_in import SignIn

log = logging.getLogger(__name__)

# Nothing from elsewhere, and no script: the pages are words and one style.
PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


@dataclass(frozen=True)
class Function:
    """One folder of `functions/`: what it says of itself, and how to get its application."""

    summary: str
    load: Callable[[], FastAPI]


def discover(root: Path) -> dict[str, Function]:
    """Find `functions/*/app.py` below `root`, without importing any of them.

    A module that cannot be imported is told of by its first request, and not at the start.
    """
    return {
        path.parent.name: Function(_summary(path.with_name("README.md")), _importer(path))
        for path in sorted(root.glob("functions/*/app.py"))
    }


class Server:
    """The ASGI application: the functions, the pages that list them, perhaps an issuer and more.

    A function is imported when it is first asked for, as at a cold start. So the server is up at
    once, and one broken function leaves the others working; mended, it works without a restart.
    Start-up and shutdown never reach the functions, because Lambda has no such moments.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        issuer: Issuer | None = None,
        more: Sequence[Route] = (),
    ) -> None:
        self._functions = functions
        self._pages = Starlette(
            routes=[
                Route("/", self._start),
                Route("/docs", self._docs),
                Route("/openapi.json", self._openapi),
                *([*issuer_routes(issuer), *SignIn(issuer).routes()] if issuer else []),
                *more,
            ],
            exception_handlers={HTTPException: _not_here},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._chosen(scope)(scope, receive, send)

    def _chosen(self, scope: Scope) -> ASGIApp:
        """Return what answers; no function takes part in anything but HTTP."""
        match scope.get("path", "").split("/"):
            case ["", "api", name, *_] | ["", "console" as name, *_] if (
                scope["type"] == "http" and name in self._functions
            ):
                if reason := missing_engine(name):
                    return _problem(HTTPStatus.NOT_IMPLEMENTED, reason)
                return self._loaded(name) or _broken(name)
        return self._pages

    def _loaded(self, name: str) -> FastAPI | None:
        """Return a function's application, or None where it cannot be imported.

        The import is made on the event loop's thread on purpose: Mangum asks for that loop.
        """
        try:
            return self._functions[name].load()
        except Exception:
            log.exception("The function %s could not be imported", name)
            return None

    async def _start(self, _: Request) -> Response:
        summaries = {name: function.summary for name, function in self._functions.items()}
        return HTMLResponse(start_page(summaries), headers=PAGE_HEADERS)

    async def _docs(self, _: Request) -> Response:
        loaded = {name: self._loaded(name) for name in self._functions}
        documents = {name: app.openapi() if app else None for name, app in loaded.items()}
        return HTMLResponse(docs_page(documents), headers=PAGE_HEADERS)

    async def _openapi(self, _: Request) -> Response:
        loaded = {name: self._loaded(name) for name in self._functions}
        return JSONResponse(merged({name: app.openapi() for name, app in loaded.items() if app}))


def merged(documents: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Merge the OpenAPI documents of all functions into one.

    Two functions may give one name to different schemas, so each schema is named after its
    function as well.
    """
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "MediLens", "version": "local"},
        "paths": {},
        "components": {"schemas": {}, "examples": {}, "securitySchemes": {}},
    }
    for name, document in documents.items():
        text = json.dumps(document)
        own = json.loads(text.replace("#/components/schemas/", f"#/components/schemas/{name}."))
        for operations in own["paths"].values():
            for operation in operations.values():
                operation["tags"] = [name]
        whole["paths"] |= own["paths"]
        components = own.get("components", {})
        for part in ("examples", "securitySchemes"):
            whole["components"][part] |= components.get(part, {})
        schemas = components.get("schemas", {}).items()
        whole["components"]["schemas"] |= {f"{name}.{key}": schema for key, schema in schemas}
    return whole


def _importer(path: Path) -> Callable[[], FastAPI]:
    module = f"functions.{path.parent.name}.app"
    return lambda: cast("FastAPI", import_module(module).app)


def _summary(readme: Path) -> str:
    """Return the first paragraph below the title."""
    if not readme.exists():
        return ""
    paragraphs = readme.read_text(encoding="utf-8").split("\n\n")
    words = (part.strip() for part in paragraphs if part.strip() and not part.startswith("#"))
    return " ".join(next(words, "").split())


def _broken(name: str) -> Response:
    return _problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"The function {name} could not be imported; the terminal says why.",
    )


async def _not_here(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return _problem(status, f"{request.url.path}: {status.description}. / lists what is here.")


def _problem(status: HTTPStatus, detail: str) -> Response:
    """Answer as the functions do (RFC 9457)."""
    return JSONResponse(
        {
            "type": "about:blank",
            "title": status.phrase,
            "status": status,
            "code": status.phrase.lower().replace(" ", "-"),
            "detail": detail,
            "instance": "",
        },
        status,
        media_type="application/problem+json",
    )
