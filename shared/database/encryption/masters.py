"""The master key, which wraps the organizations' keys and nothing else: local, or at AWS KMS.

Each organization's keys lie in the database as one blob that names its master. Opened they stay in
memory for a while, so that KMS is asked once an organization and sandbox, not once a request.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from anyio.to_thread import run_sync

from shared.aws import kms, secrets
from shared.database.encryption import memory
from shared.database.encryption.envelope import (
    KEY_BYTES,
    Key,
    Unreadable,
    open_envelope,
    place,
    seal,
)
from shared.database.encryption.texts import OrganizationKeys, Texts
from shared.errors import Unavailable
from shared.settings import EncryptionSettings

# One wraps the keys of people, one makes tokens, one encrypts what belongs to no person.
PARTS = 3


class MasterKeyMissing(Unavailable):
    """The organization's keys are wrapped by a master key that this function does not have."""

    code = "encryption-key-missing"


@dataclass(frozen=True)
class WrappedKeys:
    """The keys of an organization as they are stored."""

    organization: UUID
    number: int
    master: str
    wrapped: bytes


@dataclass(frozen=True)
class Parts:
    """The three keys in a blob."""

    wrapping: bytes = field(repr=False)
    index: bytes = field(repr=False)
    texts: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        return cls(*(os.urandom(KEY_BYTES) for _ in range(PARTS)))

    @classmethod
    def of(cls, joined: bytes) -> Self:
        return cls(*(joined[k : k + KEY_BYTES] for k in range(0, PARTS * KEY_BYTES, KEY_BYTES)))

    @property
    def joined(self) -> bytes:
        return self.wrapping + self.index + self.texts


async def wrap(organization: UUID, number: int, parts: Parts) -> WrappedKeys:
    """Wrap keys with the master of the settings: at KMS where one is named there.

    Raises
    ------
    SettingsMissing, Unavailable
    """
    settings = secrets.load(EncryptionSettings)
    if settings.master_kms_key:
        name = settings.master_kms_key
        blob = await run_sync(kms.encrypt, name, parts.joined, _context(organization, number))
        return WrappedKeys(organization, number, f"kms:{name}", blob)
    key = _local_keys(settings)[0]
    blob = seal(key, parts.joined, _place(organization, number))
    return WrappedKeys(organization, number, local_name(key), blob)


async def unwrap(keys: WrappedKeys) -> Parts:
    """Open an organization's keys of one number with the master that wrapped them.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    if keys.master.startswith("kms:"):
        context = _context(keys.organization, keys.number)
        name = keys.master.removeprefix("kms:")
        return Parts.of(await run_sync(kms.decrypt, name, keys.wrapped, context))
    for key in _local_keys(secrets.load(EncryptionSettings)):
        if local_name(key) == keys.master:
            try:
                place = _place(keys.organization, keys.number)
                return Parts.of(open_envelope(key, keys.wrapped, place))
            except Unreadable:
                break
    raise MasterKeyMissing(
        f"The keys of this organization were wrapped by the master key {keys.master}, which"
        " MEDILENS_MASTER_KEY does not hold (see docs/operating.md, Rotation)."
    )


def current_master() -> str:
    """Return what the master key is called that wraps from now on."""
    settings = secrets.load(EncryptionSettings)
    if settings.master_kms_key:
        return f"kms:{settings.master_kms_key}"
    return local_name(_local_keys(settings)[0])


def _local_keys(settings: EncryptionSettings) -> Sequence[Key]:
    """Return the local master keys; the first wraps."""
    told = settings.master_key.get_secret_value() if settings.master_key else ""
    return [Key(bytes.fromhex(digits)) for digits in told.split()]


def local_name(key: Key) -> str:
    """Return what a local master key is called, which tells nothing of it."""
    return f"local:{key.id.hex()}"


def _context(organization: UUID, number: int) -> dict[str, str]:
    return {"organization": str(organization), "number": str(number)}


def _place(organization: UUID, number: int) -> bytes:
    named = place("organization_keys", "wrapped", organization, organization)
    return named + number.to_bytes(4)


async def opened(stored: Sequence[WrappedKeys]) -> OrganizationKeys:
    """Return the keys of one organization, of all its numbers, from memory where they are there.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    organization, blobs = stored[0].organization, frozenset(keys.wrapped for keys in stored)
    known = memory.ORGANIZATIONS.get(organization)
    if known and known.blobs == blobs:
        return known.keys
    parts = {keys.number: await unwrap(keys) for keys in stored}
    newest = parts[max(parts)]
    keys = OrganizationKeys(
        organization,
        {number: Key(part.wrapping, number) for number, part in parts.items()},
        newest.index,
        Texts(organization, Key(newest.texts)),
    )
    memory.ORGANIZATIONS.put(organization, memory.Opened(blobs, keys))
    return keys
