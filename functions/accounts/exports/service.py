"""A person's record, handed over: in one answer where it is small, else in archives.

Each poll reads on for some seconds into an archive of its own and stores it. What is read is read
in the name of whoever asks, in transactions of their own; an archive is listed once it is stored.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.exports import archive as archives
from functions.accounts.exports import contents, queries
from functions.accounts.exports.archive import ANSWER_BYTES, Archive
from functions.accounts.exports.contents import Place
from functions.accounts.exports.queries import Export, Stored
from functions.accounts.exports.schemas import ArchiveRead, ExportRead
from functions.accounts.record import queries as record
from functions.accounts.record.queries import Row
from shared.aws import storage
from shared.aws.requests import NotThere
from shared.aws.storage import Object, UploadsNotOffered
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories import people
from shared.database.repositories.exports import storage_key
from shared.errors import Gone, NotFound
from shared.permissions import Permission
from shared.settings import StorageSettings, load

# An archive is closed beyond this, on a disk that holds the largest recording beside it.
ARCHIVE_BYTES = 64_000_000
# How long a poll, or a small record, is read; with the last recording and the storage below 20 s.
READ_S = 10.0
ZIP = "application/zip"


async def hand_over(caller: Caller, person_id: UUID) -> bytes | ExportRead:
    """Return all that is stored of a person as a zip, or the export that was begun instead.

    Raises
    ------
    NotFound, UploadsNotOffered, Unavailable
    """
    with archives.opened(ANSWER_BYTES, READ_S) as archive:
        place = await _fill(caller, person_id, Place(), archive)
        if place is None:
            await run_sync(archive.finish, "manifest.json", _manifest(person_id))
            content = await run_sync(archive.read)
            if len(content) <= ANSWER_BYTES:
                return content
    if load(StorageSettings).storage_bucket is None:
        raise UploadsNotOffered
    async with _changing(caller, Resource("users", person_id)) as connection:
        key = await queries.begin(connection, person_id)
        return _told(await _current(connection, person_id, key))


async def poll(caller: Caller, person_id: UUID, export_id: UUID) -> ExportRead:
    """Read on for a while, unless another request does, and return how the export stands.

    Raises
    ------
    NotFound, Gone, Unavailable
    """
    about = Resource("person_exports", export_id)
    async with _changing(caller, about) as connection:
        export = await _current(connection, person_id, export_id)
        leased_until = (
            None if export.completed_at else await queries.STORED.lease(connection, export_id)
        )
    if leased_until is None:
        return _told(export)
    with archives.opened(ARCHIVE_BYTES, READ_S) as archive:
        place = await _fill(caller, person_id, Place.of(export.place), archive)
        async with _changing(caller, about) as connection:
            number = await queries.STORED.name_objects(connection, export_id, leased_until, 1)
        stored = None if number is None else await _store(export, archive, number)
    async with _changing(caller, about) as connection:
        moved = stored and await queries.advance(connection, export, leased_until, stored, place)
    if moved:
        return _told(moved)
    # Another request has taken over, or there is no such export any more.
    if stored:
        await run_sync(storage.delete, _key(export, stored.number))
    async with _changing(caller, about) as connection:
        return _told(await _current(connection, person_id, export_id))


async def cancel(caller: Caller, person_id: UUID, export_id: UUID) -> None:
    """End an export and remove its archives.

    Raises
    ------
    NotFound, Gone
    """
    async with _changing(caller, Resource("person_exports", export_id)) as connection:
        export = await _current(connection, person_id, export_id)
        await queries.STORED.cancel(connection, export_id)
    for number in range(max(export.objects, len(export.files))):
        await run_sync(storage.delete, _key(export, number))


async def _fill(
    caller: Caller, person_id: UUID, place: Place | None, archive: Archive
) -> Place | None:
    """Read on into an archive until it is full; return where the next begins, None at the end."""
    while place is not None and not archive.is_full:
        if place.is_of_recordings:
            place = await _add_recordings(caller, person_id, place, archive)
            continue
        async with _reading(caller, person_id) as connection:
            slice_ = await contents.read(connection, person_id, place)
        await run_sync(archive.add, slice_.files)
        place = slice_.place
    return place


async def _add_recordings(
    caller: Caller, person_id: UUID, place: Place, archive: Archive
) -> Place | None:
    async with _reading(caller, person_id) as connection:
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
    try:
        chunks = storage.read(upload["storage_key"])
        await run_sync(archive.add_recording, contents.recording_name(upload), chunks)
    except (NotThere, UploadsNotOffered):
        archive.left_out.append({"id": upload["id"], "reason": "not in the storage"})


def _manifest(person_id: UUID) -> dict[str, object]:
    return {"person_id": person_id, "read_until": datetime.now(UTC)}


async def _store(export: Export, archive: Archive, number: int) -> Stored:
    place = len(export.files)
    name = contents.numbered("manifest", place + 1)
    await run_sync(archive.finish, name, _manifest(export.user_id))
    stored = Stored(archive.size_bytes, await run_sync(lambda: archive.digest), number)
    announced = Object(_key(export, number), ZIP, stored.size_bytes, stored.sha256, _name(place))
    await run_sync(storage.put_file, announced, archive.file)
    return stored


def _key(export: Export, number: int) -> str:
    return storage_key(export.organization_id, export.id, number)


def _name(place: int) -> str:
    return f"record-{place + 1}.zip"


def _told(export: Export) -> ExportRead:
    is_finished = export.completed_at is not None
    return ExportRead(
        id=export.id,
        person_id=export.user_id,
        is_finished=is_finished,
        reading=None if is_finished else Place.of(export.place).table,
        archives=[
            ArchiveRead(
                name=_name(place),
                size_bytes=stored.size_bytes,
                sha256=stored.sha256,
                address=_address(export, stored) if is_finished else None,
            )
            for place, stored in enumerate(export.files)
        ],
        began_at=export.created_at,
        expires_at=export.expires_at,
    )


def _address(export: Export, archive: Stored) -> str:
    return storage.reading_address(_key(export, archive.number))


def _changing(caller: Caller, about: Resource) -> AbstractAsyncContextManager[AsyncConnection]:
    return transaction.begin(caller, Permission.EXPORT_DATA, about=about)


@asynccontextmanager
async def _reading(caller: Caller, person_id: UUID) -> AsyncIterator[AsyncConnection]:
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


async def _current(connection: AsyncConnection, person_id: UUID, export_id: UUID) -> Export:
    export = await queries.get(connection, person_id, export_id)
    if export is None or export.cancelled_at is not None:
        raise _no_export(export_id)
    if export.expires_at <= datetime.now(UTC):
        raise Gone(
            "The export has expired, and its archives were removed. Begin another.",
            resource_type="person_exports",
            resource_id=export_id,
        )
    if not await record.is_there(connection, person_id):
        raise people.no_such_person(person_id)
    return export


def _no_export(export_id: UUID) -> NotFound:
    return NotFound(
        "There is no such export.", resource_type="person_exports", resource_id=export_id
    )
