"""What becomes of a person's record in the end: held, erased, or handed over whole."""

import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.lifecycle import queries
from functions.accounts.lifecycle.schemas import ErasureRead, HoldCreate, HoldList, HoldRead
from shared.aws import storage
from shared.aws.requests import NotThere
from shared.database.repositories import people
from shared.errors import Conflict, InvalidRequest, NotFound
from shared.settings import StorageSettings, load

# What every platform lets out in one answer; pictures and recordings beyond it are fetched apart.
MOST_BYTES = 4_000_000
NOT_SHOWN = {"organization_id", "wrapped_key", "value_token", "content"}
SUFFIXES = {"image/svg+xml": ".svg", "image/png": ".png"}


class Retained(Conflict):
    """The record has to be kept for a while yet."""

    code = "retention-stands"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"The record has to be kept until {until:%Y-%m-%d}. Send when_due to hide the person"
            " now and have them erased then."
        )
        self.until = until

    @property
    def members(self) -> dict[str, Any]:
        return {"retained_until": self.until}


class Held(Conflict):
    """A legal hold is on the person."""

    code = "legal-hold"

    def __init__(self) -> None:
        super().__init__("A legal hold is on this person: nothing is erased until it is released.")


async def list_holds(connection: AsyncConnection, person_id: UUID) -> HoldList:
    if not await people.is_within_reach(connection, person_id):
        raise _no_person(person_id)
    rows = await queries.get_holds(connection, person_id)
    return HoldList(items=[HoldRead.model_validate(row) for row in rows])


async def place(connection: AsyncConnection, person_id: UUID, hold: HoldCreate) -> HoldList:
    """Keep whatever is stored of a person.

    Raises
    ------
    NotFound, InvalidRequest
    """
    if not await people.is_within_reach(connection, person_id):
        raise _no_person(person_id)
    if hold.held_until and hold.held_until <= datetime.now(UTC):
        raise InvalidRequest("held_until: lies in the past")
    await queries.place(connection, person_id, hold.reason, hold.held_until)
    return await list_holds(connection, person_id)


async def release(connection: AsyncConnection, person_id: UUID, hold_id: UUID) -> HoldList:
    """End a hold; the clocks of the records go on as if it had never been.

    Raises
    ------
    NotFound
    """
    if not await queries.release(connection, person_id, hold_id):
        raise NotFound(
            "There is no such hold in force.", resource_type="legal_holds", resource_id=hold_id
        )
    return await list_holds(connection, person_id)


async def erase(connection: AsyncConnection, person_id: UUID, *, when_due: bool) -> ErasureRead:
    """Destroy a person's key and all that tells who they are, or say until when that waits.

    Raises
    ------
    NotFound, Retained, Held
    """
    told = await queries.erase(connection, person_id, when_due=when_due)
    if told is None:
        raise _no_person(person_id)
    if "erased_at" in told:
        return ErasureRead(person_id=person_id, **told)
    until = told["retained_until"] and datetime.fromisoformat(told["retained_until"])
    if when_due:
        return ErasureRead(person_id=person_id, due_at=until)
    if told["is_held"]:
        raise Held
    raise Retained(until)


async def export(connection: AsyncConnection, person_id: UUID) -> bytes:
    """Return all that is stored of a person as a zip: tables, pictures and recordings.

    Raises
    ------
    NotFound, Unavailable
    """
    stored = await queries.get_everything(connection, person_id)
    if not stored["users"]:
        raise _no_person(person_id)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for table, rows in stored.items():
            archive.writestr(f"tables/{table}.json", _written(rows))
        pictures = _add_pictures(archive, stored["assessment_pictures"], packed)
        recordings = await _add_recordings(archive, stored["uploaded_files"], packed)
        manifest = {
            "person_id": str(person_id),
            "pictures_left_out": pictures,
            "recordings_left_out": recordings,
        }
        archive.writestr("manifest.json", json.dumps(manifest, default=str, indent=1))
    return packed.getvalue()


def _written(rows: Sequence[Mapping[str, Any]]) -> str:
    shown = [{name: value for name, value in row.items() if name not in NOT_SHOWN} for row in rows]
    return json.dumps(shown, default=str, ensure_ascii=False, indent=1)


def _picture(row: Mapping[str, Any]) -> tuple[str, bytes]:
    content: bytes = row["content"]
    if row["content_encoding"] == "gzip":
        content = gzip.decompress(content)
    suffix = SUFFIXES.get(row["media_type"], "")
    return f"pictures/{row['assessment_id']}/{row['name']}{suffix}", content


def _add_pictures(
    archive: ZipFile, pictures: Sequence[Mapping[str, Any]], packed: BytesIO
) -> list[dict[str, Any]]:
    """Add the pictures that fit, and return by which ids and names the others are asked for."""
    left_out = []
    for picture in pictures:
        name, content = _picture(picture)
        if packed.tell() + len(content) <= MOST_BYTES:
            archive.writestr(name, content)
        else:
            left_out.append({key: picture[key] for key in ("assessment_id", "name")})
    return left_out


async def _add_recordings(
    archive: ZipFile, uploads: Sequence[Mapping[str, Any]], packed: BytesIO
) -> list[dict[str, Any]]:
    """Add the recordings that are stored and fit, and return where the others are fetched."""
    left_out: list[dict[str, Any]] = []
    if not load(StorageSettings).storage_bucket:
        return left_out
    for upload in uploads:
        if upload["status"] != "complete":
            continue
        if packed.tell() + upload["file_size_bytes"] > MOST_BYTES:
            left_out.append(_elsewhere(upload))
            continue
        try:
            content = await run_sync(storage.get, upload["storage_key"])
        except NotThere:
            left_out.append({"id": upload["id"], "reason": "not in the storage"})
            continue
        archive.writestr(_recording(upload), content)
    return left_out


def _recording(upload: Mapping[str, Any]) -> str:
    return f"recordings/{upload['id']}{upload['suffix'] or ''}"


def _elsewhere(upload: Mapping[str, Any]) -> dict[str, Any]:
    """Say where a recording is fetched, how large it is, and how long the address lasts."""
    return {
        "id": upload["id"],
        "file": _recording(upload),
        "size_bytes": upload["file_size_bytes"],
        "sha256": upload["sha256"],
        "address": storage.reading_address(upload["storage_key"]),
        "expires_at": datetime.now(UTC) + storage.ADDRESS_LIFETIME,
    }


def _no_person(person_id: UUID) -> NotFound:
    return NotFound("There is no such person.", resource_type="users", resource_id=person_id)
