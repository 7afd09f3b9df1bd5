"""One request into an application, as Mangum makes it: no socket and no client library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.types import ASGIApp, Message

ACCEPTED = {200, 201}


class WrongAnswer(AssertionError):
    """A subject did not do what it was timed for."""


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
    content_type: str = "application/json"

    async def to(self, app: ASGIApp) -> Answer:
        content = self._content()
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

    async def accepted_by(self, app: ASGIApp) -> Answer:
        """Send it, and insist that it was done."""
        answer = await self.to(app)
        if answer.status not in ACCEPTED:
            raise WrongAnswer(f"{self.method} {self.path}: {answer.status} {answer.body!r}")
        return answer

    def _content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()

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
                (b"content-type", self.content_type.encode()),
                *((name.encode(), value.encode()) for name, value in self.headers.items()),
            ],
            "client": ("127.0.0.1", 50000),
            "server": ("bench", 443),
        }


def app_of(function: str) -> FastAPI:
    """Return a function's application, imported under the settings of this moment."""
    app: FastAPI = import_module(f"functions.{function}.app").app
    return app
