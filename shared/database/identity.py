"""Requests sealed for the database, which lets nobody else in: the key is no right of its role.

A role that may run any statement may call any function that it may call, so whom `medilens.enter`
lets in has to be told in a way that SQL cannot: an HMAC, whose pads the migration job has written
to a table that the functions' role does not see. The database refuses what is older than 20 s.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

from shared.aws import secrets
from shared.settings import IdentitySettings

BLOCK_BYTES = 64  # of SHA-256

# Other sessions of the role read the beginning of each statement in `pg_stat_activity`, and a
# sealed request is good for a while. What is shown, with the server's own default, is this.
SHOWN_BYTES = 1_024
BLANK = " " * SHOWN_BYTES


def sealed(purpose: str, **request: Any) -> str:
    """Return the arguments of a way in, such as `medilens.enter`, as hexadecimal literals.

    `purpose` is sealed too, so that a request for one way in opens no other.

    Raises
    ------
    SettingsMissing, Unavailable
    """
    key = secrets.load(IdentitySettings).identity_key.get_secret_value().encode()
    told = json.dumps({"purpose": purpose, "at": time.time(), **request}, default=str).encode()
    mac = hmac.digest(key, told, "sha256")
    return f"'\\x{told.hex()}'::bytea, '\\x{mac.hex()}'::bytea"


def asking(function: str, purpose: str, **request: Any) -> str:
    """Return what asks a function for its rows, sealed for it.

    Raises
    ------
    SettingsMissing, Unavailable
    """
    # Names of ours, and hexadecimal.
    return f"{BLANK}SELECT * FROM medilens.{function}({sealed(purpose, **request)})"  # noqa: S608


def pads(keys: Sequence[str]) -> Iterator[tuple[bytes, bytes]]:
    """Return what HMAC-SHA-256 puts before the message and before its hash (RFC 2104)."""
    for key in keys:
        encoded = key.encode()
        if len(encoded) > BLOCK_BYTES:
            encoded = hashlib.sha256(encoded).digest()
        block = encoded.ljust(BLOCK_BYTES, b"\0")
        yield bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
