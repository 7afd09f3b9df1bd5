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


async def holder(key: str) -> KeyHolder:
    """Return for whom a key stands.

    Raises
    ------
    Unauthenticated
        It is unknown, revoked or expired.
    Unavailable
    """
    key_holder = await find_holder(hashed(key))
    if key_holder is None:
        raise Unauthenticated("The service key is unknown, revoked or expired.")
    return key_holder


def is_usable_from(address: str | None, held: KeyHolder) -> bool:
    """Tell whether the address lies in the networks of the key, if it names any."""
    return not held.networks or (
        address is not None
        and any(ip_address(address) in ip_network(network) for network in held.networks)
    )
