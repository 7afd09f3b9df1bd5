"""Count the round trips a client of Postgres makes, with a proxy in the test's own loop.

A round trip is counted each time the client speaks after the server has spoken, or first on a
connection. It depends on the protocol only, not on the load of the machine, so a test asserts it.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

TERMINATE = b"X\x00\x00\x00\x04"
CHUNK_BYTES = 1 << 20


@dataclass
class Traffic:
    """What passed since the last `take`."""

    round_trips: int = 0
    connections: int = 0
    sent: list[bytes] = field(default_factory=list, repr=False)

    @property
    def transactions(self) -> int:
        return sum(part.count(b"BEGIN") for part in self.sent)


class RoundTripProxy:
    """A proxy before the server of `url`; leaving the `async with` block stops it."""

    def __init__(self, url: str) -> None:
        self._upstream = urlsplit(url)
        self._traffic = Traffic()
        self._relays: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self.cut()

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        credentials = self._upstream.netloc.rpartition("@")[0]
        return self._upstream._replace(netloc=f"{credentials}@127.0.0.1:{port}").geturl()

    def take(self) -> Traffic:
        """Return the traffic since the last call and start again at zero."""
        taken, self._traffic = self._traffic, Traffic()
        return taken

    async def cut(self) -> None:
        """Break every connection, as a failover does."""
        for relay in list(self._relays):
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._traffic.connections += 1
        relay = asyncio.ensure_future(self._relay(reader, writer))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await relay

    async def _relay(
        self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter
    ) -> None:
        host, port = self._upstream.hostname, self._upstream.port
        server_in, server_out = await asyncio.open_connection(host, port)
        server_spoke_last = True

        async def upstream() -> None:
            nonlocal server_spoke_last
            while data := await client_in.read(CHUNK_BYTES):
                if data != TERMINATE:
                    self._traffic.round_trips += server_spoke_last
                    self._traffic.sent.append(data)
                server_spoke_last = False
                server_out.write(data)
            server_out.close()

        async def downstream() -> None:
            nonlocal server_spoke_last
            while data := await server_in.read(CHUNK_BYTES):
                server_spoke_last = True
                client_out.write(data)
            client_out.close()

        try:
            await asyncio.gather(upstream(), downstream())
        finally:
            client_out.close()
            server_out.close()
