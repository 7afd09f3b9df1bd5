"""Exports from their kick-off to their end: each poll reads some slices and stores their files.

A slice is one transaction in the name of whoever asks, whose rows the policies decide anew; its
files are stored once what was read stands in the audit trail, and listed once they are stored.
"""

import time
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.bulk import queries, slices
from functions.fhir.bulk.files import File, Listed
from functions.fhir.bulk.order import NDJSON, Order
from functions.fhir.bulk.queries import Advance, Export
from shared.aws import storage
from shared.aws.requests import NotThere
from shared.aws.storage import Object, UploadsNotOffered
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories.exports import LIFETIME, storage_key
from shared.errors import Gone, InvalidRequest, NotFound, Unavailable
from shared.limits_reached import TooManyRequests
from shared.permissions import Permission
from shared.settings import StorageSettings, load

# An export that nobody has asked for in so long is no longer under way.
FORGOTTEN_AFTER = timedelta(minutes=10)
# How long a poll goes on reading; with the last slice's files that is less than 20 s.
POLL_S = 10.0
RETRY_AFTER_S = 120


class ExportUnderWay(TooManyRequests):
    """An export of the caller's has not ended yet."""

    code = "export-under-way"
    title = "Finish the other export first"

    def __init__(self) -> None:
        super().__init__(RETRY_AFTER_S)

    @property
    def detail(self) -> str:
        return "An export of yours has not ended. Ask for its status until it has, or cancel it."


class CohortsOnly(InvalidRequest):
    """A researcher asked for single records, and may have cohorts alone."""

    code = "cohorts-only"
    title = "Ask for a cohort"

    def __init__(self) -> None:
        super().__init__(
            "Research takes many people's records as a cohort, in which nobody stands out: ask for"
            " /api/fhir/cohorts."
        )


async def begin(connection: AsyncConnection, order: Order, request_url: str) -> UUID:
    """Begin an export and return its id.

    Raises
    ------
    UploadsNotOffered, CohortsOnly, ExportUnderWay
    """
    if await queries.is_researcher(connection):
        raise CohortsOnly
    if load(StorageSettings).storage_bucket is None:
        raise UploadsNotOffered
    if await queries.is_exporting(connection, FORGOTTEN_AFTER):
        raise ExportUnderWay
    return await queries.begin(connection, order, request_url, LIFETIME)


async def poll(caller: Caller, export_id: UUID, base: str) -> Export:
    """Read on for a while, unless another request does, and return how the export stands.

    Raises
    ------
    NotFound, Gone
    """
    async with _changing(caller, export_id) as connection:
        export = await _current(connection, export_id)
        leased_until = (
            None if export.completed_at else await queries.STORED.lease(connection, export_id)
        )
    if leased_until is None:
        return export
    until_s = time.monotonic() + POLL_S
    moved: Export | None = export
    try:
        while moved and not moved.completed_at:
            moved = await _read_on(caller, moved, leased_until, base)
            if time.monotonic() >= until_s:
                break
    finally:
        async with _changing(caller, export_id) as connection:
            await queries.STORED.release(connection, export_id, leased_until)
    if moved:
        return moved
    async with _changing(caller, export_id) as connection:
        return await _current(connection, export_id)


def _changing(caller: Caller, export_id: UUID) -> AbstractAsyncContextManager[AsyncConnection]:
    about = Resource("fhir_exports", export_id)
    return transaction.begin(caller, Permission.EXPORT_DATA, about=about)


async def _read_on(
    caller: Caller, export: Export, leased_until: datetime, base: str
) -> Export | None:
    """Read a slice, store its files, and write down that they are there.

    None where the export was cancelled in the meantime, or another request has taken it over.
    """
    async with transaction.begin(caller, Permission.EXPORT_DATA, read_only=True) as connection:
        slice_ = await slices.read(connection, export, base)
    files = list(slice_.files.closed())
    async with _changing(caller, export.id) as connection:
        first = await queries.STORED.name_objects(connection, export.id, leased_until, len(files))
    if first is None:
        return None
    listed = [await _store(export, file, number) for number, file in enumerate(files, start=first)]
    added = Advance(listed, slice_.assessments, slice_.place)
    async with _changing(caller, export.id) as connection:
        moved = await queries.advance(connection, export, leased_until, added)
    if moved is None:
        await _remove(export, range(first, first + len(files)))
    return moved


async def _store(export: Export, file: File, number: int) -> Listed:
    key = storage_key(export.organization_id, export.id, number)
    announced = Object(key, NDJSON, len(file.content), file.listed.sha256)
    await run_sync(storage.put, announced, file.content)
    return replace(file.listed, number=number)


async def fetch(caller: Caller, export_id: UUID, number: int) -> bytes:
    """Return the bytes of a file of a finished export, which are those that were stored.

    Raises
    ------
    NotFound, Gone, Unavailable
    """
    about = Resource("fhir_exports", export_id)
    async with transaction.begin(
        caller, Permission.EXPORT_DATA, read_only=True, about=about
    ) as connection:
        export = await _current(connection, export_id)
        if export.completed_at is None or number >= len(export.files):
            raise _no_export(export_id)
    listed = export.files[number]
    object_number = number if listed.number is None else listed.number
    key = storage_key(export.organization_id, export.id, object_number)
    try:
        content = await run_sync(storage.get, key)
    except NotThere:
        raise _expired(export_id) from None
    if sha256(content).hexdigest() != listed.sha256:
        raise Unavailable("The storage gave other bytes than were stored. Begin another export.")
    return content


async def cancel(caller: Caller, export_id: UUID) -> None:
    """End an export and remove its files.

    Raises
    ------
    NotFound, Gone
    """
    async with _changing(caller, export_id) as connection:
        export = await _current(connection, export_id)
        await queries.STORED.cancel(connection, export_id)
    await _remove(export, range(max(export.objects, len(export.files))))


async def _remove(export: Export, numbers: range) -> None:
    for number in numbers:
        await run_sync(storage.delete, storage_key(export.organization_id, export.id, number))


async def _current(connection: AsyncConnection, export_id: UUID) -> Export:
    export = await queries.get(connection, export_id)
    if export is None or export.cancelled_at is not None:
        raise _no_export(export_id)
    if export.expires_at <= datetime.now(UTC):
        raise _expired(export_id)
    return export


def _no_export(export_id: UUID) -> NotFound:
    return NotFound("There is no such export.", resource_type="fhir_exports", resource_id=export_id)


def _expired(export_id: UUID) -> Gone:
    return Gone(
        "The export has expired, and its files were removed. Begin another.",
        resource_type="fhir_exports",
        resource_id=export_id,
    )
