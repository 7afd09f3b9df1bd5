"""A person's record, handed over: in one answer where it is small, else in archives.

Where there is a queue, messages read archive after archive: each hands the lease of the export over
to the next. A poll looks on then, and reads an archive itself where nobody holds the lease: without
a queue, and where the worker has been silent for longer than the lease.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.exports import archive as archives
from functions.accounts.exports import queries, slices
from functions.accounts.exports.archive import ANSWER_BYTES
from functions.accounts.exports.contents import Place
from functions.accounts.exports.queries import Export, Stored
from functions.accounts.exports.schemas import ArchiveRead, ExportRead
from functions.accounts.record import queries as record
from shared.aws import queue, storage
from shared.aws.storage import UploadsNotOffered
from shared.caller import Caller
from shared.database.repositories import people
from shared.errors import Denied, Gone, NotFound, Unavailable
from shared.runtime.observability import log_failure
from shared.settings import StorageSettings, load

# How long a message holds the lease: until its worker has read, after a failed try or two as well.
LEFT_TO_WORKER = timedelta(minutes=2)
LEFT_TO_ANYBODY = timedelta()


class ExportMessage(queue.Message):
    """An export whose next archive is to be read by whoever holds the lease."""

    function: Literal["accounts"] = "accounts"
    person_id: UUID
    export_id: UUID
    leased_until: datetime


async def hand_over(caller: Caller, person_id: UUID) -> bytes | ExportRead:
    """Return all that is stored of a person as a zip, or the export that was begun instead.

    Raises
    ------
    NotFound, UploadsNotOffered, Unavailable
    """
    with archives.opened(ANSWER_BYTES, slices.READ_S) as archive:
        place = await slices.fill(caller, person_id, Place(), archive)
        if place is None:
            await run_sync(archive.finish, "manifest.json", slices.manifest(person_id))
            content = await run_sync(archive.read)
            if len(content) <= ANSWER_BYTES:
                return content
    if load(StorageSettings).storage_bucket is None:
        raise UploadsNotOffered
    return await _begin(caller, person_id)


async def _begin(caller: Caller, person_id: UUID) -> ExportRead:
    """Begin an export, or go on with the caller's own: by the queue, where nobody reads it yet."""
    async with slices.begins(caller, person_id) as connection:
        key = await queries.begin(connection, person_id)
        export = await _current(connection, person_id, key)
        leased_until = (
            await queries.STORED.lease(connection, key, LEFT_TO_WORKER) if queue.offered() else None
        )
    if leased_until:
        try:
            await _send(caller, export, leased_until)
        except Unavailable as failure:
            log_failure(failure)  # polls read it
    return _told(export)


async def poll(caller: Caller, person_id: UUID, export_id: UUID) -> ExportRead:
    """Read on for a while, unless another does, and return how the export stands.

    Raises
    ------
    NotFound, Gone, Unavailable
    """
    async with slices.changing(caller, export_id) as connection:
        export = await _current(connection, person_id, export_id)
        leased_until = (
            None if export.completed_at else await queries.STORED.lease(connection, export_id)
        )
    if leased_until is None:
        return _told(export)
    moved = await _read_on(caller, export, leased_until, LEFT_TO_ANYBODY)
    if moved:
        return _told(moved)
    async with slices.changing(caller, export_id) as connection:
        return _told(await _current(connection, person_id, export_id))


async def _read_on(
    caller: Caller, export: Export, leased_until: datetime, left_for: timedelta
) -> Export | None:
    """Read the next archive by a lease that nobody else knows: a failure lets go of it.

    Raises
    ------
    NotFound, Unavailable
    """
    try:
        return await slices.read_on(caller, export, leased_until, left_for)
    except Exception:
        await _let_go(caller, export.id, leased_until)
        raise


async def work(message: ExportMessage) -> None:
    """Read the next archive, and send word to whoever reads the one after it.

    A message that comes twice, or after somebody else has taken over, does nothing; nor does one
    whose export has ended, or whose caller may not read it any more.

    Raises
    ------
    Unavailable
    """
    caller, key = message.caller, message.export_id
    try:
        async with slices.changing(caller, key) as connection:
            export = await _current(connection, message.person_id, key)
            if export.completed_at:
                return
            leased_until = export.leased_until
            if leased_until != message.leased_until:
                leased_until = await queries.STORED.lease(connection, key, LEFT_TO_WORKER)
        if leased_until is None:
            return
        # What its message names, the next try goes on with, or `give_up` lets go of.
        read_on = slices.read_on if leased_until == message.leased_until else _read_on
        moved = await read_on(caller, export, leased_until, LEFT_TO_WORKER)
    except Denied:
        return
    if moved and moved.leased_until and moved.completed_at is None:
        await _send(caller, moved, moved.leased_until)


async def give_up(message: ExportMessage, _failure: Exception) -> None:
    """Leave an export to whoever polls for it.

    Raises
    ------
    Forbidden, Unavailable
    """
    await _let_go(message.caller, message.export_id, message.leased_until)


async def _send(caller: Caller, export: Export, leased_until: datetime) -> None:
    """Hand the lease over to a worker, or let go of it where there is no way to one.

    Raises
    ------
    Unavailable
    """
    message = ExportMessage(
        caller=caller, person_id=export.user_id, export_id=export.id, leased_until=leased_until
    )
    try:
        await run_sync(queue.send, message)
    except Unavailable:
        await _let_go(caller, export.id, leased_until)
        raise


async def _let_go(caller: Caller, export_id: UUID, leased_until: datetime) -> None:
    async with slices.changing(caller, export_id) as connection:
        await queries.STORED.release(connection, export_id, leased_until)


async def cancel(caller: Caller, person_id: UUID, export_id: UUID) -> None:
    """End an export and remove its archives.

    Raises
    ------
    NotFound, Gone
    """
    async with slices.changing(caller, export_id) as connection:
        export = await _current(connection, person_id, export_id)
        await queries.STORED.cancel(connection, export_id)
    for number in range(max(export.objects, len(export.files))):
        await run_sync(storage.delete, export.key(number))


def _told(export: Export) -> ExportRead:
    is_finished = export.completed_at is not None
    return ExportRead(
        id=export.id,
        person_id=export.user_id,
        is_finished=is_finished,
        reading=None if is_finished else Place.of(export.place).table,
        archives=[
            ArchiveRead(
                name=slices.archive_name(place),
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
    return storage.reading_address(export.key(archive.number))


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
