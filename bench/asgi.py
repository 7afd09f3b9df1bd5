"""One request into an application, as Mangum makes it: no socket and no client library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Request:
    """A request made ready, so that making it costs the measured side nothing."""

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any = None

    async def to(self, app: ASGIApp) -> Answer:
        content = b"" if self.body is None else json.dumps(self.body).encode()
        started: Message = {}
        chunks: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                chunks.append(message.get("body", b""))

        await app(self._scope(), receive, send)
        return Answer(started["status"], dict(started["headers"]), b"".join(chunks))

    def _scope(self) -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "https",
            "path": self.path,
            "raw_path": self.path.encode(),
            "root_path": "",
            "query_string": urlencode(self.query).encode(),
            "headers": [
                (b"host", b"bench"),
                (b"content-type", b"application/json"),
                *((name.encode(), value.encode()) for name, value in self.headers.items()),
            ],
            "client": ("127.0.0.1", 50000),
            "server": ("bench", 443),
        }
