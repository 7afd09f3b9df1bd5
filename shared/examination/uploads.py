"""Recordings that came ahead of their analysis and lie in storage."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.aws import storage
from shared.aws.requests import NotThere
from shared.aws.storage import Object
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories import uploads
from shared.database.repositories.terms import get_terms
from shared.database.repositories.uploads import NewUpload, Upload
from shared.errors import Conflict, InvalidRequest, NotFound
from shared.examination.file_types import ANY_TYPE, KEPT_SUFFIXES
from shared.examination.request import AnalysisRequest
from shared.identifiers import uuid7
from shared.permissions import Permission
from shared.recording import RecordingFile
from shared.vocabulary import UploadStatus

# An assessment takes these files at once; only a crash in between leaves them without one.
DEPOSIT_LIFETIME = timedelta(hours=24)


class UploadNotComplete(Conflict):
    """The upload was not checked yet, was rejected, or has expired."""

    code = "upload-not-complete"

    def __init__(self, upload_id: UUID) -> None:
        super().__init__(
            f"The upload {upload_id} is not complete. Send the file, then ask for"
            f" /api/uploads/{upload_id}/complete."
        )


class UploadChanged(Conflict):
    """The bytes in storage are not those that were checked."""

    code = "upload-changed"

    def __init__(self, upload_id: UUID) -> None:
        super().__init__(
            f"The file of the upload {upload_id} has changed since it was completed."
            " Announce and send it again."
        )


@dataclass(frozen=True)
class StoredFile:
    """A complete upload."""

    id: UUID
    key: str
    suffix: str
    sha256: str


def permitted(
    caller: Caller, requested: AnalysisRequest
) -> AbstractAsyncContextManager[AsyncConnection]:
    """Begin to ask whether the caller may have this person's recording analyzed.

    Raises
    ------
    Forbidden, Unavailable
    """
    person = requested.subject_id
    about = Resource("users", person) if person else None
    return transaction.begin(caller, Permission.CREATE_ASSESSMENT, about=about)


async def find_uploads(
    connection: AsyncConnection, requested: AnalysisRequest
) -> Mapping[UUID, Upload]:
    """Return the uploads of a request, complete or not, by their ids; none of none.

    Raises
    ------
    NotFound
    """
    ids = requested.upload_ids
    if not ids:
        return {}
    announced = {upload.id: upload for upload in await uploads.get_uploads(connection, ids)}
    for key in ids:
        if key not in announced:
            raise NotFound(
                "There is no such upload.", resource_type="uploaded_files", resource_id=key
            )
    return announced


def complete_uploads(
    requested: AnalysisRequest, announced: Mapping[UUID, Upload]
) -> tuple[AnalysisRequest, tuple[StoredFile, ...]]:
    """Return the files of a request, which is about whomever they are.

    Raises
    ------
    UploadNotComplete, InvalidRequest
    """
    named = [announced[upload_id] for upload_id in requested.upload_ids]
    for upload in named:
        if upload.status != UploadStatus.COMPLETE or _is_expired(upload):
            raise UploadNotComplete(upload.id)
    people = {upload.user_id for upload in named}
    if len(people) > 1:
        raise InvalidRequest("upload_id: the uploads belong to different people")
    if requested.subject_id is not None and requested.subject_id not in people:
        raise InvalidRequest("subject_id: the upload belongs to another person")
    return replace(requested, subject_id=people.pop()), tuple(map(_stored, named))


def _is_expired(upload: Upload) -> bool:
    return upload.expires_at is not None and upload.expires_at < datetime.now(UTC)


def _stored(upload: Upload) -> StoredFile:
    return StoredFile(upload.id, upload.storage_key, upload.suffix or "", upload.sha256)


async def deposit_files(
    caller: Caller, requested: AnalysisRequest, files: Sequence[RecordingFile]
) -> tuple[AnalysisRequest, tuple[StoredFile, ...]]:
    """Put files that came with a request into storage, as if they had been uploaded.

    Raises
    ------
    NotFound, PersonMerged, Forbidden, QuotaUsedUp, Unavailable, UploadsNotOffered
    """
    expires_at = datetime.now(UTC) + DEPOSIT_LIFETIME
    async with permitted(caller, requested) as connection:
        await get_terms(connection, requested.subject_id, coming=1)
        deposited = [
            await uploads.create_upload(
                connection, _announced(file, expires_at), subject_id=requested.subject_id
            )
            for file in files
        ]
    for upload, file in zip(deposited, files, strict=True):
        await run_sync(_put, upload.storage_key, file)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        for upload in deposited:
            await uploads.settle_upload(
                connection, upload.id, UploadStatus.COMPLETE, expires_at=expires_at
            )
    ids = tuple(upload.id for upload in deposited)
    return replace(requested, upload_ids=ids), tuple(map(_stored, deposited))


def _announced(file: RecordingFile, expires_at: datetime) -> NewUpload:
    suffix = PurePath(file.name).suffix.lower()
    return NewUpload(
        id=uuid7(),
        content_type=ANY_TYPE,
        file_size_bytes=len(file.content),
        sha256=file.sha256,
        suffix=suffix if suffix in KEPT_SUFFIXES else None,
        status=UploadStatus.PENDING,
        expires_at=expires_at,
    )


def _put(key: str, file: RecordingFile) -> None:
    storage.put(Object(key, ANY_TYPE, len(file.content), file.sha256), file.content)


async def fetch_uploads(stored: Sequence[StoredFile]) -> tuple[RecordingFile, ...]:
    """Read files from storage; all that is left of their names is the suffix.

    Raises
    ------
    UploadChanged, Unavailable
    """
    return tuple([await run_sync(_fetch, file) for file in stored])


def _fetch(stored: StoredFile) -> RecordingFile:
    try:
        file = RecordingFile(stored.suffix, storage.get(stored.key))
    except NotThere:
        raise UploadChanged(stored.id) from None
    if file.sha256 != stored.sha256:
        raise UploadChanged(stored.id)
    return file
