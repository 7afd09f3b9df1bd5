"""Recordings that came ahead of their analysis and lie in storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from anyio.to_thread import run_sync

from shared import database, storage
from shared.aws import NotThere
from shared.database import Caller
from shared.errors import Conflict, InvalidRequest, NotFound
from shared.permissions import Permission
from shared.repositories import uploads
from shared.upload import RecordingFile
from shared.vocabulary import UploadStatus


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
        super().__init__(f"The file of the upload {upload_id} is not the one that was checked.")


@dataclass(frozen=True)
class StoredFile:
    """A complete upload."""

    id: UUID
    subject_id: UUID
    key: str
    suffix: str
    sha256: str


async def find(caller: Caller, ids: Sequence[UUID]) -> tuple[StoredFile, ...]:
    """Return the caller's complete uploads, in the order asked for.

    Raises
    ------
    NotFound, UploadNotComplete, InvalidRequest
    """
    async with database.transaction(caller, Permission.CREATE_ASSESSMENT) as connection:
        rows = {row["id"]: row for row in await uploads.get_uploads(connection, ids)}
        for one in ids:
            if one not in rows:
                raise NotFound(
                    "There is no such upload.", resource_type="uploaded_files", resource_id=one
                )
    for one in ids:
        expires_at = rows[one]["expires_at"]
        expired = expires_at is not None and expires_at < datetime.now(UTC)
        if rows[one]["status"] != UploadStatus.COMPLETE or expired:
            raise UploadNotComplete(one)
    found = tuple(
        StoredFile(one, row["user_id"], row["storage_key"], row["suffix"] or "", row["sha256"])
        for one, row in ((one, rows[one]) for one in ids)
    )
    if len({one.subject_id for one in found}) > 1:
        raise InvalidRequest("upload_id: the uploads are of different people")
    return found


async def fetch(stored: Sequence[StoredFile]) -> tuple[RecordingFile, ...]:
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
