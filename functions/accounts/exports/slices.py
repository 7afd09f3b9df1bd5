"""Archives of an export, one after another: each is read for some seconds, and stored.

What is read is read in the name of whoever asked for the export, in transactions of their own, so
that each asks for the permission anew. An archive is listed once it is stored.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.exports import archive as archives
from functions.accounts.exports import contents, queries
from functions.accounts.exports.archive import Archive
from functions.accounts.exports.contents import Place
from functions.accounts.exports.queries import Export, Stored
from functions.accounts.record import queries as record
from functions.accounts.record.queries import Row
from shared.aws import storage
from shared.aws.requests import NotThere
from shared.aws.storage import Object, UploadsNotOffered
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories import people
from shared.permissions import Permission

# An archive is closed beyond this. A recording that is larger has an archive of its own, where the
# disk takes it: 512 MB on Lambda and Vercel, which MEDILENS_MAX_UPLOAD_BYTES may exceed.
ARCHIVE_BYTES = 64_000_000
# How long an archive, or a small record, is read; with the last recording and the storage below
# 20 s.
READ_S = 10.0
ZIP = "application/zip"


async def read_on(
    caller: Caller, export: Export, leased_until: datetime, left_for: timedelta
) -> Export | None:
    """Read and store the next archive, and keep the lease for a while for whoever goes on.

    None where another has taken over, or there is no such export any more.

    Raises
    ------
    NotFound, Unavailable
    """
    with archives.opened(ARCHIVE_BYTES, READ_S) as archive:
        place = await fill(caller, export.user_id, Place.of(export.place), archive)
        async with changing(caller, export.id) as connection:
            number = await queries.STORED.name_objects(connection, export.id, leased_until, 1)
        if number is None:
            return None
        stored = await _store(export, archive, number)
    async with changing(caller, export.id) as connection:
        moved = await queries.advance(connection, export, leased_until, stored, place, left_for)
    if moved is None:
        await run_sync(storage.delete, export.key(number))
    return moved


async def fill(
    caller: Caller, person_id: UUID, place: Place | None, archive: Archive
) -> Place | None:
    """Read on into an archive until it is full; return where the next begins, None at the end."""
    while place is not None and not archive.is_full:
        if place.is_of_recordings:
            place = await _add_recordings(caller, person_id, place, archive)
            continue
        async with reading(caller, person_id) as connection:
            slice_ = await contents.read(connection, person_id, place)
        await run_sync(archive.add, slice_.files)
        place = slice_.place
    return place


async def _add_recordings(
    caller: Caller, person_id: UUID, place: Place, archive: Archive
) -> Place | None:
    async with reading(caller, person_id) as connection:
        uploads, others = await contents.recordings(connection, person_id, place)
    for upload in uploads:
        is_stored = upload["status"] == "complete"
        if is_stored and (archive.is_full or not archive.takes(upload["file_size_bytes"])):
            return place
        if is_stored:
            await _add_recording(upload, archive)
        place = contents.after_recording(upload)
    return others


async def _add_recording(upload: Row, archive: Archive) -> None:
    if not archive.has_disk_for(upload["file_size_bytes"]):
        archive.left_out.append({"id": upload["id"], "reason": "larger than the disk of exports"})
        return
    try:
        chunks = storage.read(upload["storage_key"])
        digest = await run_sync(archive.add_recording, contents.recording_name(upload), chunks)
    except (NotThere, UploadsNotOffered):
        archive.left_out.append({"id": upload["id"], "reason": "not in the storage"})
        return
    if digest != upload["sha256"]:
        archive.altered.append({"id": upload["id"], "reason": "not the bytes that were checked"})


def manifest(person_id: UUID) -> dict[str, object]:
    return {"person_id": person_id, "read_until": datetime.now(UTC)}


async def _store(export: Export, archive: Archive, number: int) -> Stored:
    place = len(export.files)
    listing = contents.numbered("manifest", place + 1)
    await run_sync(archive.finish, listing, manifest(export.user_id))
    stored = Stored(archive.size_bytes, await run_sync(lambda: archive.digest), number)
    announced = Object(
        export.key(number), ZIP, stored.size_bytes, stored.sha256, archive_name(place)
    )
    await run_sync(storage.put_file, announced, archive.file)
    return stored


def archive_name(place: int) -> str:
    return f"record-{place + 1}.zip"


def begins(caller: Caller, person_id: UUID) -> AbstractAsyncContextManager[AsyncConnection]:
    """Begin to write of a person's exports."""
    about = Resource("users", person_id)
    return transaction.begin(caller, Permission.EXPORT_DATA, about=about)


def changing(caller: Caller, export_id: UUID) -> AbstractAsyncContextManager[AsyncConnection]:
    """Begin to change an export."""
    about = Resource("person_exports", export_id)
    return transaction.begin(caller, Permission.EXPORT_DATA, about=about)


@asynccontextmanager
async def reading(caller: Caller, person_id: UUID) -> AsyncIterator[AsyncConnection]:
    """Begin to read of a person.

    Raises
    ------
    NotFound
        Nobody within reach is this person, or they were erased.
    """
    about = Resource("users", person_id)
    async with transaction.begin(
        caller, Permission.EXPORT_DATA, read_only=True, about=about
    ) as connection:
        if not await record.is_there(connection, person_id):
            raise people.no_such_person(person_id)
        yield connection
