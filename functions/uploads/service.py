"""Announced, sent, checked: no connection to the database is held while bytes travel."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.uploads.inspection import UploadDiffers, inspect
from functions.uploads.parts import arrived, join
from functions.uploads.schemas import (
    PartAsked,
    PartsAsked,
    PartSigned,
    PartsSigned,
    SignedRequest,
    UploadCreate,
    UploadCreated,
    UploadRead,
)
from shared.aws import multipart, storage
from shared.aws.parts import PART_BYTES, Part, part_sizes
from shared.aws.requests import NotThere
from shared.aws.storage import Object, SignedAddress
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories import uploads
from shared.database.repositories.uploads import NewUpload, Upload
from shared.errors import Conflict, Forbidden, InvalidRequest, NotFound, UploadTooLarge
from shared.identifiers import uuid7
from shared.permissions import Permission
from shared.settings import StorageSettings, load
from shared.vocabulary import UploadStatus

# A file that does not come, and one that no analysis asks for.
PENDING_LIFETIME = timedelta(hours=24)
UNUSED_LIFETIME = timedelta(days=7)


class UploadClosed(Conflict):
    """The file was rejected, or has expired."""

    code = "upload-closed"

    def __init__(self) -> None:
        super().__init__("This upload was rejected or has expired. Announce the file again.")


class NotAnnouncedByCaller(Forbidden):
    """The caller may see the upload; whoever announced it alone may send or remove it."""

    code = "not-your-upload"

    def __init__(self, upload_id: UUID) -> None:
        super().__init__(
            "Only whoever announced this upload may send or remove it.",
            resource_type="uploaded_files",
            resource_id=upload_id,
        )


class UploadInUse(Conflict):
    """The file belongs to an assessment and is kept as long."""

    code = "upload-in-use"

    def __init__(self) -> None:
        super().__init__(
            "An assessment was made from this file, so the file is kept with the assessment."
        )


async def create(connection: AsyncConnection, announced: UploadCreate) -> UploadCreated:
    """Announce a file and sign the request that may send it.

    A large file that the caller has begun to send in parts before is gone on with.

    Raises
    ------
    UploadTooLarge, NotFound, UploadsNotOffered, Unavailable
    """
    largest = load(StorageSettings).max_upload_bytes
    if announced.size_bytes > largest:
        raise UploadTooLarge(f"An upload may have at most {largest:,} bytes.")
    if announced.size_bytes > PART_BYTES and (begun := await _begun(connection, announced)):
        return begun
    upload = await uploads.create_upload(
        connection, _new(announced), subject_id=announced.subject_id
    )
    return await _created(upload)


async def _begun(connection: AsyncConnection, announced: UploadCreate) -> UploadCreated | None:
    upload = await uploads.find_begun(connection, _new(announced), subject_id=announced.subject_id)
    if upload:
        with suppress(NotThere):
            return await _created(upload, await run_sync(arrived, upload))
    return None


async def _created(upload: Upload, parts: Sequence[Part] = ()) -> UploadCreated:
    signed = await run_sync(storage.signed_address, _object(upload))
    return UploadCreated(**vars(UploadRead.of(upload, parts)), request=_request(signed))


def _new(announced: UploadCreate) -> NewUpload:
    return NewUpload(
        id=uuid7(),
        content_type=announced.content_type,
        file_size_bytes=announced.size_bytes,
        sha256=announced.sha256,
        suffix=announced.suffix,
        status=UploadStatus.PENDING,
        expires_at=datetime.now(UTC) + PENDING_LIFETIME,
    )


async def get(caller: Caller, upload_id: UUID) -> UploadRead:
    """Show what is known of a file, and which parts of it have arrived.

    Raises
    ------
    NotFound, Unavailable
    """
    async with _about(caller, upload_id, read_only=True) as connection:
        upload = await _find(connection, upload_id)
    with suppress(NotThere):
        return UploadRead.of(upload, await run_sync(arrived, upload))
    return UploadRead.of(upload)


async def sign_parts(caller: Caller, upload_id: UUID, asked: PartsAsked) -> PartsSigned:
    """Sign the requests that may send some parts of a file.

    Raises
    ------
    NotFound, NotAnnouncedByCaller, UploadClosed, InvalidRequest, Unavailable
    """
    async with _about(caller, upload_id) as connection:
        upload = await _find_own(connection, upload_id)
    _check_open(upload)
    sizes = part_sizes(upload.file_size_bytes)
    for part in asked.parts:
        if part.number not in sizes:
            raise InvalidRequest(f"parts: the file has {len(sizes)} parts, no {part.number}")
    together = upload.multipart_id or await _begin_parts(caller, upload)

    def signed(part: PartAsked) -> PartSigned:
        address = multipart.signed_part(
            upload.storage_key, together, part.number, sizes[part.number], part.sha256
        )
        return PartSigned(number=part.number, request=_request(address))

    return PartsSigned(parts=await run_sync(lambda: list(map(signed, asked.parts))))


async def _begin_parts(caller: Caller, upload: Upload) -> str:
    """Return what the store calls the parts; another request may have had it begin before."""
    together = await run_sync(multipart.begin, _object(upload))
    async with _about(caller, upload.id) as connection:
        if await uploads.begin_parts(connection, upload.id, together):
            return together
        now = await _find(connection, upload.id)
    await run_sync(multipart.abort, upload.storage_key, together)
    if now.multipart_id is None:
        raise UploadClosed
    return now.multipart_id


async def complete(caller: Caller, upload_id: UUID) -> UploadRead:
    """Join what came in parts and check it; what is not what was announced is removed.

    Raises
    ------
    NotFound, UploadClosed, PartsMissing, UploadNotArrived, UploadDiffers, Unavailable
    """
    async with _about(caller, upload_id) as connection:
        upload = await _find(connection, upload_id)
    if upload.status == UploadStatus.COMPLETE:
        return UploadRead.of(upload)
    _check_open(upload)
    await run_sync(join, upload)
    try:
        await run_sync(inspect, _object(upload))
    except UploadDiffers:
        settled = await _settle(caller, upload_id, UploadStatus.REJECTED)
        if settled.status == UploadStatus.REJECTED:
            await run_sync(multipart.remove, upload.storage_key, upload.multipart_id)
        raise
    settled = await _settle(caller, upload_id, UploadStatus.COMPLETE)
    if settled.status != UploadStatus.COMPLETE:
        raise UploadClosed
    return UploadRead.of(settled)


def _check_open(upload: Upload) -> None:
    is_due = upload.expires_at is None or upload.expires_at < datetime.now(UTC)
    if upload.status != UploadStatus.PENDING or is_due:
        raise UploadClosed


async def _settle(caller: Caller, upload_id: UUID, status: UploadStatus) -> Upload:
    """Return the file as it is then; another request may have settled it otherwise before."""
    expires_at = datetime.now(UTC) + UNUSED_LIFETIME
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        settled = await uploads.settle_upload(connection, upload_id, status, expires_at=expires_at)
        return settled or await _find(connection, upload_id)


async def delete(caller: Caller, upload_id: UUID) -> None:
    """Remove a file that no assessment was made from.

    Raises
    ------
    NotFound, NotAnnouncedByCaller, UploadInUse, Unavailable
    """
    async with _about(caller, upload_id) as connection:
        deleted = await uploads.delete_upload(connection, upload_id)
        if deleted is None:
            upload = await _find(connection, upload_id)
            raise UploadInUse if upload.assessment_id else NotAnnouncedByCaller(upload_id)
    await run_sync(multipart.remove, deleted.storage_key, deleted.multipart_id)


def _about(
    caller: Caller, upload_id: UUID, *, read_only: bool = False
) -> AbstractAsyncContextManager[AsyncConnection]:
    about = Resource("uploaded_files", upload_id)
    return transaction.begin(caller, Permission.CREATE_ASSESSMENT, read_only=read_only, about=about)


async def _find(connection: AsyncConnection, upload_id: UUID) -> Upload:
    matches = await uploads.get_uploads(connection, [upload_id])
    if not matches:
        raise NotFound(
            "There is no such upload.", resource_type="uploaded_files", resource_id=upload_id
        )
    return matches[0]


async def _find_own(connection: AsyncConnection, upload_id: UUID) -> Upload:
    own = await uploads.get_uploads(connection, [upload_id], own=True)
    if not own:
        await _find(connection, upload_id)
        raise NotAnnouncedByCaller(upload_id)
    return own[0]


def _object(upload: Upload) -> Object:
    return Object(upload.storage_key, upload.content_type, upload.file_size_bytes, upload.sha256)


def _request(signed: SignedAddress) -> SignedRequest:
    return SignedRequest(
        method="PUT", url=signed.url, headers=signed.headers, expires_at=signed.expires_at
    )
