"""A proxy before Postgres that breaks or holds what passes, at the moment a test chooses."""

import asyncio
import contextlib
from collections.abc import Callable
from enum import Enum
from typing import Self
from urllib.parse import urlsplit

CHUNK_BYTES = 1 << 16


class Do(Enum):
    """What happens to what the client has just said."""

    PASS = "passes"
    CUT = "is lost, and the connection with it"
    PASS_AND_CUT = "arrives, and the connection is lost before the answer"


type Rule = Callable[[bytes], Do]


def let_pass(_: bytes) -> Do:
    return Do.PASS


class CuttingProxy:
    """A proxy before the server of `url`; leaving the `async with` block stops it."""

    def __init__(self, url: str) -> None:
        self._upstream = urlsplit(url)
        self._relays: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.rule: Rule = let_pass
        self.cuts = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._flowing.set()
        for relay in list(self._relays):
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        credentials = self._upstream.netloc.rpartition("@")[0]
        return self._upstream._replace(netloc=f"{credentials}@127.0.0.1:{port}").geturl()

    def lead_to(self, url: str) -> None:
        """Connections made from now on go elsewhere."""
        self._upstream = urlsplit(url)

    async def stall(self, seconds: float) -> None:
        """Hold everything, as a network does that has lost its way for a while."""
        self._flowing.clear()
        await asyncio.sleep(seconds)
        self._flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = asyncio.ensure_future(self._relay(reader, writer))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await relay

    async def _relay(
        self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter
    ) -> None:
        try:
            server_in, server_out = await asyncio.open_connection(
                self._upstream.hostname, self._upstream.port
            )
        except OSError:
            client_out.close()
            return
        answers = asyncio.ensure_future(self._answers(server_in, client_out))
        try:
            await self._questions(client_in, server_out, answers)
        finally:
            answers.cancel()
            client_out.close()
            server_out.close()

    async def _questions(
        self,
        client_in: asyncio.StreamReader,
        server_out: asyncio.StreamWriter,
        answers: asyncio.Task[None],
    ) -> None:
        while data := await client_in.read(CHUNK_BYTES):
            await self._flowing.wait()
            do = self.rule(data)
            if do is not Do.PASS:
                self.cuts += 1
                answers.cancel()
            if do is not Do.CUT:
                server_out.write(data)
                await server_out.drain()
            if do is not Do.PASS:
                return

    async def _answers(
        self, server_in: asyncio.StreamReader, client_out: asyncio.StreamWriter
    ) -> None:
        while data := await server_in.read(CHUNK_BYTES):
            await self._flowing.wait()
            client_out.write(data)
        client_out.close()


def every(nth: int, word: bytes, do: Do) -> Rule:
    """Do it to every nth message that has the word in it."""
    count = 0

    def rule(data: bytes) -> Do:
        nonlocal count
        if word not in data:
            return Do.PASS
        count += 1
        return do if count % nth == 0 else Do.PASS

    return rule
