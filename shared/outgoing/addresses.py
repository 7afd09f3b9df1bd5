"""Which addresses an organization may have called: HTTPS, by public names, on public networks.

What a name stands for is looked up for each call, and the call goes to the address that was looked
at: a name that is public when it is checked and private when it is called reaches nothing.
"""

import asyncio
import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

from shared.outgoing.public_networks import may_be_called, own_networks

HTTPS_PORT = 443
# Below it listen services that speak something else, such as mail and shells.
FIRST_UNRESERVED_PORT = 1024
MAX_URL_CHARACTERS = 500
PRINTABLE = re.compile(r"[!-~]+")
# The last label of a name begins with a letter: `127.1` and `0x7f.1` are addresses in disguise.
NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\.?")
# What is never public (RFC 6761, RFC 6762, RFC 8375), and what clouds call their own.
PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa", ".test", ".invalid", ".onion")


class NotPublic(ValueError):
    """The name stands for nothing that may be called, or for nothing at all."""


@dataclass(frozen=True)
class Target:
    """Where a call goes to, as its address says it."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS_PORT else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """Return where an address leads, without asking anybody.

    Raises
    ------
    ValueError
        It is no HTTPS address, or one that nobody may be called at.
    """
    if not PRINTABLE.fullmatch(url) or len(url) > MAX_URL_CHARACTERS or "\\" in url:
        raise ValueError(f"expected at most {MAX_URL_CHARACTERS} characters of ASCII, no blanks")
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("expected an HTTPS address, such as https://hooks.example.org/medilens")
    if "@" in parts.netloc or parts.fragment:
        raise ValueError("holds a user or a fragment, which no call sends")
    port = HTTPS_PORT if parts.port is None else parts.port
    if port != HTTPS_PORT and port < FIRST_UNRESERVED_PORT:
        raise ValueError(f"expected port {HTTPS_PORT}, or one from {FIRST_UNRESERVED_PORT} up")
    _check_host(parts.hostname)
    return Target(parts.hostname, port, _path(parts))


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _check_host(host: str) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        if not NAME.fullmatch(host) or (_is_private_name(host) and not own_networks()):
            raise ValueError("names no host of the public internet") from None
        return
    if not may_be_called(address):
        raise ValueError("names no host of the public internet")


def _is_private_name(host: str) -> bool:
    return f".{host.rstrip('.')}".endswith(PRIVATE_NAMES)


async def resolve(target: Target) -> list[str]:
    """Return the addresses behind a name, IPv4 first: all of them have to be callable.

    Raises
    ------
    NotPublic
    """
    try:
        entries = await asyncio.get_running_loop().getaddrinfo(
            target.host, target.port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        raise NotPublic from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    if not addresses or not all(may_be_called(ip_address(address)) for address in addresses):
        raise NotPublic
    return sorted(addresses, key=lambda address: ":" in address)


def _url(written: str) -> str:
    parse_target(written)
    return written


CallableUrl = Annotated[str, Field(max_length=MAX_URL_CHARACTERS), AfterValidator(_url)]
