"""Somebody who is told of events: an HTTPS server of this machine with its own certificate."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local.child import LOOPBACK
from local.tls import write_certificates
from shared import settings
from shared.outgoing import post

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(frozen=True)
class Delivery:
    """One request that came: its line, its headers by their small names, its body."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass
class Receiver:
    """Keeps what came, answers with `answer` after `delay_s`, and hangs up `hold_s` later."""

    url: str
    deliveries: list[Delivery] = field(default_factory=list)
    answer: bytes = OK
    delay_s: float = 0.0
    hold_s: float = 0.0

    def answers(self, status: int, *lines: str) -> None:
        head = "\r\n".join([f"HTTP/1.1 {status} Whatever", *lines, "", ""])
        self.answer = head.encode()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *lines = head.strip().split("\r\n")
            headers = {
                name.lower(): value for name, value in (line.split(": ", 1) for line in lines)
            }
            body = await reader.readexactly(int(headers["content-length"]))
            self.deliveries.append(Delivery(line, headers, body))
            await asyncio.sleep(self.delay_s)
            writer.write(self.answer)
            await writer.drain()
            await asyncio.sleep(self.hold_s)
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever called has left
        finally:
            writer.close()


@asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[Receiver]:
    """Listen on this machine, trusted by whoever calls from here until the end."""
    files = write_certificates(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    receiver = Receiver("")
    server = await asyncio.start_server(receiver.take, LOOPBACK, 0, ssl=context)
    receiver.url = f"https://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/hooks"
    trusted = ssl.create_default_context(cafile=files.authority)
    with pytest.MonkeyPatch.context() as patch, own_networks(f"{LOOPBACK}/32"):
        patch.setattr(post, "tls_context", lambda: trusted)
        try:
            yield receiver
        finally:
            server.close()


@contextmanager
def own_networks(listed: str) -> Iterator[None]:
    """Have an operator allow networks of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDILENS_OUTGOING_NETWORKS", listed)
        settings.load.cache_clear()
        yield
    settings.load.cache_clear()
