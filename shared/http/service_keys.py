"""Keys of programs, in place of a person's token: `mlk_` and 32 random bytes."""

import secrets
from hashlib import sha256
from ipaddress import ip_address, ip_network

from shared.caller import KeyHolder
from shared.database.service_keys import find_holder
from shared.errors import Unauthenticated

PREFIX = "mlk_"
KEY_BYTES = 32


def made() -> str:
    """Return a new key, of which only the hash is to be kept."""
    return PREFIX + secrets.token_urlsafe(KEY_BYTES)


def hashed(key: str) -> bytes:
    """A hash without salt is enough for what nobody can guess."""
    return sha256(key.encode()).digest()


async def holder(key: str, address: str | None) -> KeyHolder:
    """Return for whom a key stands that is used from `address`.

    Raises
    ------
    Unauthenticated
        It is unknown, revoked or expired, or may not be used from there.
    Unavailable
    """
    key_holder = await find_holder(hashed(key))
    if key_holder is None:
        raise Unauthenticated("The service key is unknown, revoked or expired.")
    if key_holder.networks and not _is_within(address, key_holder.networks):
        raise Unauthenticated("The service key may not be used from this address.")
    return key_holder


def _is_within(address: str | None, networks: tuple[str, ...]) -> bool:
    return address is not None and any(
        ip_address(address) in ip_network(network) for network in networks
    )
