"""Keys made in the application, so an insert needs no second round trip."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a UUID version 7: 48 bits of Unix milliseconds, then randomness (RFC 9562).

    Its order is the order of creation, which keeps index pages warm. It tells when it was
    made, so it is never a share token.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = (
        milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    )
    return UUID(int=value)
