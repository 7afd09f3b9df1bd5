"""Checkpoints of the audit trail: signed, and kept where the database's owner does not reach.

A checkpoint is a text, its signature and the key that verifies it, so that nothing is ever
serialized again. Each is stored under a name of its own and as the latest; a bucket with object
lock keeps every version of both. All of this waits for the network: call it in a thread.
"""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from shared.aws import secrets, storage
from shared.aws.requests import NotThere
from shared.errors import Unavailable
from shared.settings import CheckpointSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.aws.checkpoint_key import CheckpointKey

FOLDER = "audit/checkpoints"
LATEST = "latest.json"


def are_kept() -> bool:
    """Whether there is a place for checkpoints and a key to sign them."""
    to = secrets.load(CheckpointSettings)
    has_place = to.checkpoint_bucket or to.checkpoint_folder
    return bool(has_place and (to.checkpoint_kms_key or to.checkpoint_key))


def latest() -> bytes | None:
    """Return the latest checkpoint as it was stored, or None where there is none yet.

    Raises
    ------
    Unavailable
    """
    return read(LATEST)


def read(place: str) -> bytes | None:
    """Return what is stored at a place beside the checkpoints, or None.

    Raises
    ------
    Unavailable
    """
    to = secrets.load(CheckpointSettings)
    with suppress(NotThere, FileNotFoundError):
        if to.checkpoint_folder:
            return (to.checkpoint_folder / place).read_bytes()
        if to.checkpoint_bucket:
            return storage.get(f"{FOLDER}/{place}", bucket=to.checkpoint_bucket)
    return None


def keep(name: str, text: str) -> bytes:
    """Sign a checkpoint, store it under its own name and as the latest, and return its bytes.

    Raises
    ------
    Unavailable
    """
    return write((f"{name}.json", LATEST), text)


def write(places: Sequence[str], text: str) -> bytes:
    """Sign a text, store it at each of the places in turn, and return its bytes.

    Raises
    ------
    Unavailable
    """
    to = secrets.load(CheckpointSettings)
    content = _signed(text)
    for place in places:
        if to.checkpoint_folder:
            _write(to.checkpoint_folder / place, content)
        else:
            described = storage.Object(
                f"{FOLDER}/{place}",
                "application/json",
                len(content),
                sha256(content).hexdigest(),
            )
            storage.put(described, content, bucket=to.checkpoint_bucket)
    return content


def text_of(stored: bytes) -> str:
    """Return the text that was signed; whether it is ours is another question."""
    text: str = json.loads(stored)["checkpoint"]
    return text


def is_ours(stored: bytes) -> bool:
    """Whether a text was signed with our key.

    Raises
    ------
    Unavailable
    """
    return signing_key().has_signed(json.loads(stored))


def signing_key() -> CheckpointKey:
    """Return the key of the settings."""
    from shared.aws.checkpoint_key import CheckpointKey

    return CheckpointKey(secrets.load(CheckpointSettings))


def _signed(text: str) -> bytes:
    key = signing_key()
    verifies = key.public()
    assert verifies is not None
    told = {
        "checkpoint": text,
        "signature": b64encode(key.sign(text)).decode(),
        "public_key": b64encode(verifies).decode(),
    }
    return json.dumps(told).encode()


def _write(place: Path, content: bytes) -> None:
    """A reader sees the file before or after, never a part of it."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_suffix(".part")
        half.write_bytes(content)
        half.replace(place)
    except OSError as failure:
        raise Unavailable("The checkpoint cannot be written to its folder.") from failure
