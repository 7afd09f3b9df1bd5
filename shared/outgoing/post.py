"""One HTTPS POST to an address that an organization named, of whose answer the first line is read.

Neither redirects nor bodies are of any use here, so no client library follows or stores them; the
connection goes to the address that was checked (decision 0015).
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus

from shared.outgoing.addresses import NotPublic, Target, parse_target, resolve
from shared.outgoing.attempts import DELIVERED, Outcome

# The longest first line that is read of an answer.
MAX_STATUS_LINE_BYTES = 1_024
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([2-5][0-9][0-9])[ \r\n]")
# Of a name with many addresses so many are tried.
MAX_ADDRESSES = 2


class NotAnswered(Exception):
    """No answer came; `code` says why, and nothing of what lies behind the address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def posted(url: str, headers: Mapping[str, str], body: bytes, *, within_s: float) -> Outcome:
    """Post to where an address leads, if that is on a public network, and return how it went."""
    try:
        status = await post(parse_target(url), headers, body, within_s=within_s)
    except NotAnswered as failure:
        return Outcome(failure.code)
    except ValueError:
        # An address that was callable when it was taken, by the settings of then.
        return Outcome("no-public-address")
    return Outcome(DELIVERED if is_delivered(status) else "refused", status)


async def post(target: Target, headers: Mapping[str, str], body: bytes, *, within_s: float) -> int:
    """Return the status that was answered.

    Raises
    ------
    NotAnswered
    """
    try:
        async with asyncio.timeout(within_s):
            line = await _exchange(target, _request(target, headers, body))
    except NotPublic:
        raise NotAnswered("no-public-address") from None
    except TimeoutError:
        raise NotAnswered("timed-out") from None
    except ssl.SSLError:
        raise NotAnswered("tls-failed") from None
    except (OSError, asyncio.IncompleteReadError):
        raise NotAnswered("unreachable") from None
    except (ValueError, asyncio.LimitOverrunError):
        raise NotAnswered("malformed-answer") from None
    status = STATUS_LINE.match(line)
    if status is None:
        raise NotAnswered("malformed-answer")
    return int(status[1])


def is_delivered(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


async def _exchange(target: Target, request: bytes) -> bytes:
    reader, writer = await _connect(target)
    try:
        writer.write(request)
        await writer.drain()
        return await reader.readuntil(b"\n")
    finally:
        # Whatever else is on its way is not waited for.
        writer.transport.abort()


async def _connect(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    *others, last = (await resolve(target))[:MAX_ADDRESSES]
    for address in others:
        try:
            return await _connect_to(address, target)
        except ssl.SSLError:
            raise
        except OSError:
            continue
    return await _connect_to(last, target)


async def _connect_to(
    address: str, target: Target
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(
        address,
        target.port,
        ssl=tls_context(),
        server_hostname=target.host,
        limit=MAX_STATUS_LINE_BYTES,
    )


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    told = {
        "Host": target.authority,
        "User-Agent": "MediLens",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


@cache
def tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()
