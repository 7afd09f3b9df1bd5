"""The page on which endpoints can be read and tried; it loads nothing from elsewhere."""

import gzip
from functools import cache
from html import escape
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Header
from starlette.responses import HTMLResponse, Response

from shared.http.negotiation import GZIP, Encoded, encoded_response

SWAGGER_UI = Path(__file__).with_name("swagger_ui")

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{place}/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="{place}/swagger-ui-bundle.js"></script>
<script src="{place}/start.js"></script>
</body>
</html>
"""

# Without an address of a validator no document is sent to one.
# Where the console shows its list of endpoints in another tab, it hands over the session's token.
START = """const channel = new BroadcastChannel("medilens.docs");
const ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  onComplete: () => channel.postMessage("ready"),
});
channel.onmessage = ({data}) => data.token && ui.preauthorizeApiKey("HTTPBearer", data.token);
"""

# Swagger UI sets styles of its own and draws icons from data.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The same for everybody, and changed by releases alone.
CACHED = {"Cache-Control": "public, max-age=86400"}
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}


def router(prefix: str) -> APIRouter:
    """Return the routes of the page and of what it loads, all below `prefix`/docs."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def page() -> HTMLResponse:
        title = f"MediLens {prefix.rpartition('/')[2]}"
        content = PAGE.format(title=escape(title), place="docs")
        return HTMLResponse(content, headers={"Content-Security-Policy": POLICY})

    @routes.get("/docs/start.js")
    async def start() -> Response:
        return Response(START, media_type="text/javascript", headers=CACHED)

    @routes.get("/docs/{name}")
    async def part(
        name: Literal["swagger-ui.css", "swagger-ui-bundle.js"],
        accept_encoding: Annotated[str | None, Header()] = None,
    ) -> Response:
        return encoded_response(_part(name), accept_encoding, CACHED)

    return routes


@cache
def _part(name: str) -> Encoded:
    path = SWAGGER_UI / name
    return Encoded(gzip.compress(path.read_bytes(), mtime=0), MEDIA_TYPES[path.suffix], GZIP)
