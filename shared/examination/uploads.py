"""Recordings that came ahead of their analysis and lie in storage."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from uuid import UUID

from anyio.to_thread import run_sync

from shared.aws import storage
from shared.aws.requests import NotThere
from shared.aws.storage import Object
from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import uploads
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


async def find_uploads(
    caller: Caller, requested: AnalysisRequest
) -> tuple[AnalysisRequest, tuple[StoredFile, ...]]:
    """Return the complete uploads of a request, which is about whomever they are.

    Raises
    ------
    NotFound, UploadNotComplete, InvalidRequest
    """
    ids = requested.upload_ids
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        announced = {one.id: one for one in await uploads.get_uploads(connection, ids)}
        for one in ids:
            if one not in announced:
                raise NotFound(
                    "There is no such upload.", resource_type="uploaded_files", resource_id=one
                )
    for one in ids:
        expires_at = announced[one].expires_at
        expired = expires_at is not None and expires_at < datetime.now(UTC)
        if announced[one].status != UploadStatus.COMPLETE or expired:
            raise UploadNotComplete(one)
    people = {announced[one].user_id for one in ids}
    if len(people) > 1:
        raise InvalidRequest("upload_id: the uploads belong to different people")
    if requested.subject_id is not None and requested.subject_id not in people:
        raise InvalidRequest("subject_id: the upload belongs to another person")
    return replace(requested, subject_id=people.pop()), tuple(
        _stored(announced[one]) for one in ids
    )


def _stored(upload: Upload) -> StoredFile:
    return StoredFile(upload.id, upload.storage_key, upload.suffix or "", upload.sha256)


async def deposit_files(
    caller: Caller, requested: AnalysisRequest, files: Sequence[RecordingFile]
) -> tuple[AnalysisRequest, tuple[StoredFile, ...]]:
    """Put files that came with a request into storage, as if they had been uploaded.

    Raises
    ------
    NotFound, Forbidden, Unavailable, UploadsNotOffered
    """
    expires_at = datetime.now(UTC) + DEPOSIT_LIFETIME
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
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
    return tuple([await run_sync(_fetch, one) for one in stored])


def _fetch(one: StoredFile) -> RecordingFile:
    try:
        file = RecordingFile(one.suffix, storage.get(one.key))
    except NotThere:
        raise UploadChanged(one.id) from None
    if file.sha256 != one.sha256:
        raise UploadChanged(one.id)
    return file
