"""Announced, sent, checked: no connection to the database is held while bytes travel."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.uploads.inspection import UploadDiffers, inspect
from functions.uploads.schemas import SignedRequest, UploadCreate, UploadCreated, UploadRead
from shared.aws import storage
from shared.aws.storage import Object, SignedAddress
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories import uploads
from shared.database.repositories.uploads import NewUpload, Upload
from shared.errors import Conflict, Forbidden, NotFound, UploadTooLarge
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
    """The caller may see the upload, but only whoever made it may remove it."""

    code = "not-your-upload"

    def __init__(self, upload_id: UUID) -> None:
        super().__init__(
            "Only whoever announced this upload may remove it.",
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

    Raises
    ------
    UploadTooLarge, NotFound, UploadsNotOffered
    """
    largest = load(StorageSettings).max_upload_bytes
    if announced.size_bytes > largest:
        raise UploadTooLarge(f"An upload may have at most {largest:,} bytes.")
    upload = await uploads.create_upload(
        connection,
        NewUpload(
            id=uuid7(),
            content_type=announced.content_type,
            file_size_bytes=announced.size_bytes,
            sha256=announced.sha256,
            suffix=announced.suffix,
            status=UploadStatus.PENDING,
            expires_at=datetime.now(UTC) + PENDING_LIFETIME,
        ),
        subject_id=announced.subject_id,
    )
    signed = await run_sync(storage.signed_address, _object(upload))
    return UploadCreated(**vars(UploadRead.of(upload)), request=_request(signed))


async def get(connection: AsyncConnection, upload_id: UUID) -> UploadRead:
    return UploadRead.of(await _find(connection, upload_id))


async def complete(caller: Caller, upload_id: UUID) -> UploadRead:
    """Check what came; what is not what was announced is removed.

    Raises
    ------
    NotFound, UploadClosed, UploadNotArrived, UploadDiffers, Unavailable
    """
    about = Resource("uploaded_files", upload_id)
    opened = transaction.begin(caller, Permission.CREATE_ASSESSMENT, about=about)
    async with opened as connection:
        upload = await _find(connection, upload_id)
    if upload.status == UploadStatus.COMPLETE:
        return UploadRead.of(upload)
    is_due = upload.expires_at is None or upload.expires_at < datetime.now(UTC)
    if upload.status != UploadStatus.PENDING or is_due:
        raise UploadClosed
    try:
        await run_sync(inspect, _object(upload))
    except UploadDiffers:
        settled = await _settle(caller, upload_id, UploadStatus.REJECTED)
        if settled.status == UploadStatus.REJECTED:
            await run_sync(storage.delete, upload.storage_key)
        raise
    settled = await _settle(caller, upload_id, UploadStatus.COMPLETE)
    if settled.status != UploadStatus.COMPLETE:
        raise UploadClosed
    return UploadRead.of(settled)


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
    about = Resource("uploaded_files", upload_id)
    opened = transaction.begin(caller, Permission.CREATE_ASSESSMENT, about=about)
    async with opened as connection:
        key = await uploads.delete_upload(connection, upload_id)
        if key is None:
            upload = await _find(connection, upload_id)
            raise UploadInUse if upload.assessment_id else NotAnnouncedByCaller(upload_id)
    await run_sync(storage.delete, key)


async def _find(connection: AsyncConnection, upload_id: UUID) -> Upload:
    matches = await uploads.get_uploads(connection, [upload_id])
    if not matches:
        raise NotFound(
            "There is no such upload.", resource_type="uploaded_files", resource_id=upload_id
        )
    return matches[0]


def _object(upload: Upload) -> Object:
    return Object(upload.storage_key, upload.content_type, upload.file_size_bytes, upload.sha256)


def _request(signed: SignedAddress) -> SignedRequest:
    return SignedRequest(
        method="PUT", url=signed.url, headers=signed.headers, expires_at=signed.expires_at
    )
