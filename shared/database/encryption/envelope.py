"""AES-256-GCM around one value, bound to the place where it stands.

An envelope is `version 1 | key id 4 | nonce 12 | ciphertext | tag 16` in bytes. Where it stands
(table, column, row, organization) is its associated data, so that one copied elsewhere does not
open. In columns of text and JSON it is base64 behind `mle:`, so that both kinds of rows, plain ones
of before and encrypted ones, live in the same column until all are encrypted.
"""

import os
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

# The standard library's takes a note longer than the cipher does.
from pybase64 import b64decode, b64encode_as_string

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES, TAG_BYTES = 32, 4, 12, 16
NONCE_AT = len(VERSION) + KEY_ID_BYTES
HEAD_BYTES = NONCE_AT + NONCE_BYTES
LEAST_BYTES = HEAD_BYTES + TAG_BYTES
PREFIX = "mle:"
NONCE, SEALED = slice(NONCE_AT, HEAD_BYTES), slice(HEAD_BYTES, None)
# Of `b64decode`: no other alphabet, and nothing beside it. By name it would take as long again.
STRICT = True
AFTER_PREFIX = slice(len(PREFIX), None)


class NotAnEnvelope(ValueError):
    """Bytes are no envelope of a version that this release knows."""


class Unreadable(ValueError):
    """An envelope was sealed with another key or for another place, or a byte was changed."""


def place(table: str, column: str, row: UUID, organization: UUID) -> bytes:
    """Return where a value stands, as its envelope's associated data."""
    return placed(table, column) + row.bytes + b"|" + organization.bytes


@cache
def placed(table: str, column: str) -> bytes:
    """Return what the associated data of every row of a column begins with."""
    return f"{table}|{column}|".encode()


@dataclass(frozen=True)
class Key:
    """A key of AES-256, and what envelopes call it: a number, or what follows from the key."""

    secret: bytes = field(repr=False)
    number: int | None = None

    @cached_property
    def id(self) -> bytes:
        if self.number is not None:
            return self.number.to_bytes(KEY_ID_BYTES)
        return sha256(b"medilens key id" + self.secret).digest()[:KEY_ID_BYTES]

    @cached_property
    def head(self) -> bytes:
        """What the envelopes that it seals begin with."""
        return VERSION + self.id

    @cached_property
    def cipher(self) -> "AESGCM":
        # Cryptography takes a twentieth of a start, and not every request needs it.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self.secret)


def new_key(number: int | None = None) -> Key:
    return Key(os.urandom(KEY_BYTES), number)


def seal(key: Key, plain: bytes, associated_data: bytes) -> bytes:
    """Return the envelope of a value; the same value gives another one each time."""
    nonce = os.urandom(NONCE_BYTES)
    return key.head + nonce + key.cipher.encrypt(nonce, plain, associated_data)


def key_id(envelope: bytes) -> bytes:
    """Return which key an envelope was sealed with.

    Raises
    ------
    NotAnEnvelope
    """
    if envelope[:1] != VERSION or len(envelope) < LEAST_BYTES:
        raise NotAnEnvelope(f"an envelope of version 1 has {LEAST_BYTES} bytes or more")
    return envelope[len(VERSION) : NONCE_AT]


def open_envelope(key: Key, envelope: bytes, associated_data: bytes) -> bytes:
    """Return what an envelope holds.

    Raises
    ------
    NotAnEnvelope, Unreadable
    """
    if envelope[:NONCE_AT] != key.head or len(envelope) < LEAST_BYTES:
        key_id(envelope)
        raise Unreadable("the envelope names another key")
    try:
        return key.cipher.decrypt(
            envelope[NONCE_AT:HEAD_BYTES], envelope[HEAD_BYTES:], associated_data
        )
    except invalid_tag():
        raise Unreadable("the envelope was changed, or belongs to another place") from None


def invalid_tag() -> type[Exception]:
    """Python asks only where something was raised, and looking an import up costs as the cipher."""
    from cryptography.exceptions import InvalidTag

    return InvalidTag


def from_text(stored: str) -> bytes | None:
    """Return the envelope that a column of text holds; None where it holds plain text."""
    if not stored.startswith(PREFIX):
        return None
    try:
        envelope = b64decode(stored[AFTER_PREFIX], None, STRICT)
    except ValueError:
        return None
    is_envelope = len(envelope) >= LEAST_BYTES and envelope.startswith(VERSION)
    return envelope if is_envelope else None


def seal_text(key: Key, plain: bytes, associated_data: bytes) -> str:
    """Return what a column of text holds of a value."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = key.cipher.encrypt(nonce, plain, associated_data)
    return PREFIX + b64encode_as_string(key.head + nonce + sealed)
