"""The addresses of the console, and what a browser may do on its pages.

They lie at `/console`, beside `/api/`: one origin, so that no other site takes part. What a page
shows it asks the API for, in the name of whoever signed in; nothing here knows a person.
"""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from functions.console.files import packed, site
from shared.aws.storage import origin
from shared.http.negotiation import BROTLI, GZIP, chosen, encoded_response
from shared.settings import ConsoleSettings, ServiceSettings, TokenSettings, load

# The same for good: another version has another address.
KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
# The text of scripts reaches the page as modules alone; nothing makes markup from a string.
TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types 'none'"
# Tasks are drawn by a library that makes markup from strings. Their page has therefore no rights of
# this origin: it reaches no token and no address, and says its log to the page around it.
TASK_PAGE = "tasks/index.html"
TASK_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
# What that page loads it asks for as a stranger.
FOR_TASKS = ("tasks/", "vendor/jspsych")
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
FRAME = {
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
}


def routes() -> Sequence[BaseRoute]:
    """Return the routes: the page, and below it its settings and its files.

    The page has no slash at its end, because gateways differ in what they make of one.
    """
    return [Route("/console", _page), Route("/console/{path:path}", _below)]


def policy() -> str:
    """Return the Content-Security-Policy of the page (CSP Level 3, Trusted Types)."""
    places = {_origin_of(load(TokenSettings).token_issuer), origin()} - {None}
    connect = " ".join(["'self'", *sorted(filter(None, places))])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
        f" media-src blob:; connect-src {connect}; frame-src 'self'; base-uri 'none';"
        f" form-action 'none'; frame-ancestors 'none'; {TRUSTED_TYPES}"
    )


async def _page(_: Request) -> Response:
    headers = FRAME | {"Content-Security-Policy": policy()}
    return Response(site().page("index.html"), media_type="text/html", headers=headers)


async def _config(_: Request) -> Response:
    """Say what the page cannot know before somebody has signed in."""
    return JSONResponse(
        {
            "issuer": load(TokenSettings).token_issuer,
            "client_id": load(ConsoleSettings).console_client_id,
            "code_version": load(ServiceSettings).code_version,
        }
    )


async def _below(request: Request) -> Response:
    path: str = request.path_params["path"]
    if not path:
        return RedirectResponse("../console", HTTPStatus.PERMANENT_REDIRECT)
    if path == "config.json":
        return await _config(request)
    version, _, name = path.partition("/")
    # Packing takes as long as many requests: none waits for it.
    return await run_sync(_file, version, name, request.headers.get("accept-encoding"))


def _file(version: str, name: str, accept_encoding: str | None) -> Response:
    current = site()
    if version != current.version or name not in current.files:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    headers = KEPT | FRAME | (OPEN if name.startswith(FOR_TASKS) else {})
    if name == TASK_PAGE:
        headers |= {"Content-Security-Policy": TASK_POLICY}
    body = packed(name, chosen(accept_encoding, BROTLI, GZIP))
    return encoded_response(body, accept_encoding, headers)


def _origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
