"""Where a request comes from, as far as somebody who is believed says so."""

import os
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.datastructures import Headers

type Network = IPv4Network | IPv6Network

# Vercel writes it itself, whatever the caller sent under that name.
VERCEL_HEADER = "x-vercel-forwarded-for"


def client_address(
    peer: str | None, headers: Headers, trusted_proxies: Collection[Network]
) -> str | None:
    """Return the caller's address, or None where nothing tells one that can be stored.

    `X-Forwarded-For` counts only as far as known proxies wrote it: from its end, up to the first
    address that is not one of them.
    """
    if "VERCEL_REGION" in os.environ:
        return _plain(headers.get(VERCEL_HEADER, "").partition(",")[0]) or _plain(peer)
    return _beyond(_plain(peer), headers, trusted_proxies)


def _beyond(
    address: str | None, headers: Headers, trusted_proxies: Collection[Network]
) -> str | None:
    """Walk back from the peer, past every proxy that is known."""
    hops = [hop for line in headers.getlist("x-forwarded-for") for hop in line.split(",")]
    while hops and address and _is_trusted(address, trusted_proxies):
        earlier = _plain(hops.pop())
        if earlier is None:
            break
        address = earlier
    return address


def _plain(written: str | None) -> str | None:
    """An address without port and zone, or None where the words are no address."""
    words = (written or "").strip().partition("%")[0]
    try:
        return str(ip_address(words))
    except ValueError:
        return None


def _is_trusted(address: str, trusted_proxies: Collection[Network]) -> bool:
    host = ip_address(address)
    return any(host in network for network in trusted_proxies)
