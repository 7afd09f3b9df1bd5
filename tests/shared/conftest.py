"""An engine of a test's own, and a store or queue that answers as it is told."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from weakref import WeakKeyDictionary

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import settings
from shared.aws import requests
from shared.database import engine
from tests.conftest import Addresses

type Reconfigure = Callable[..., None]


@pytest.fixture
async def reconfigure(
    configured: Addresses, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Reconfigure]:
    """Set MEDILENS_ settings for one test, whose engine is made and disposed of anew."""
    engines: list[WeakKeyDictionary[object, AsyncEngine]] = []

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"MEDILENS_{name.upper()}", value)
        settings.load.cache_clear()
        engines.append(WeakKeyDictionary())
        monkeypatch.setattr(engine, "_engines", engines[-1])

    yield change
    for made in engines:
        for own in made.values():
            await own.dispose()


class Answers(BaseHTTPRequestHandler):
    """Answers with the statuses it is given, one after the other, and keeps what it was sent."""

    statuses: ClassVar[list[int]]
    body: ClassVar[bytes]
    # Of the body, what it sends before it closes the connection.
    sent_bytes: ClassVar[int | None] = None
    received: ClassVar[list[dict[str, str]]]
    url: ClassVar[str]

    def do_GET(self) -> None:
        self.received.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(self.statuses.pop(0))
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body[: self.sent_bytes])

    def do_DELETE(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def answers() -> Iterator[type[Answers]]:
    class Own(Answers):
        statuses: ClassVar[list[int]] = []
        body = b""
        received: ClassVar[list[dict[str, str]]] = []

    server = HTTPServer(("127.0.0.1", 0), Own)
    Own.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Own
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of a function's role, and no waiting between tries."""
    for name in (
        *("MEDILENS_AWS_ACCESS_KEY_ID", "MEDILENS_AWS_SECRET_ACCESS_KEY"),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEDILENS_AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "role")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    monkeypatch.setattr(requests, "RETRY_DELAYS_S", (0.001, 0.001))
    settings.load.cache_clear()
