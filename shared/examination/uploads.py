"""Recordings that came ahead of their analysis and lie in storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID

from anyio.to_thread import run_sync

from shared.aws import storage
from shared.aws.requests import NotThere
from shared.aws.storage import Object
from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import uploads
from shared.errors import Conflict, InvalidRequest, NotFound
from shared.examination.file_types import ANY_TYPE, KEPT_SUFFIXES
from shared.examination.request import Order
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
        super().__init__(f"The file of the upload {upload_id} is not the one that was checked.")


@dataclass(frozen=True)
class StoredFile:
    """A complete upload."""

    id: UUID
    key: str
    suffix: str
    sha256: str


async def find_uploads(caller: Caller, order: Order) -> tuple[Order, tuple[StoredFile, ...]]:
    """Return the complete uploads of an order, which is about whomever they are.

    Raises
    ------
    NotFound, UploadNotComplete, InvalidRequest
    """
    ids = order.upload_ids
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
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
    people = {rows[one]["user_id"] for one in ids}
    if len(people) > 1:
        raise InvalidRequest("upload_id: the uploads are of different people")
    if order.subject_id is not None and order.subject_id not in people:
        raise InvalidRequest("subject_id: the upload is of another person")
    return replace(order, subject_id=people.pop()), tuple(_stored(rows[one]) for one in ids)


def _stored(row: Mapping[Any, Any]) -> StoredFile:
    return StoredFile(row["id"], row["storage_key"], row["suffix"] or "", row["sha256"])


async def deposit_files(
    caller: Caller, order: Order, files: Sequence[RecordingFile]
) -> tuple[Order, tuple[StoredFile, ...]]:
    """Put files that came with a request into storage, as if they had been uploaded.

    Raises
    ------
    NotFound, Forbidden, Unavailable, UploadsNotOffered
    """
    expires_at = datetime.now(UTC) + DEPOSIT_LIFETIME
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        rows = [
            await uploads.create_upload(
                connection, _row(file, expires_at), subject_id=order.subject_id
            )
            for file in files
        ]
    for row, file in zip(rows, files, strict=True):
        await run_sync(_put, row["storage_key"], file)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        for row in rows:
            await uploads.settle_upload(
                connection, row["id"], UploadStatus.COMPLETE, expires_at=expires_at
            )
    return replace(order, upload_ids=tuple(row["id"] for row in rows)), tuple(map(_stored, rows))


def _row(file: RecordingFile, expires_at: datetime) -> dict[str, Any]:
    suffix = PurePath(file.name).suffix.lower()
    return {
        "id": uuid7(),
        "content_type": ANY_TYPE,
        "file_size_bytes": len(file.content),
        "sha256": file.sha256,
        "suffix": suffix if suffix in KEPT_SUFFIXES else None,
        "status": UploadStatus.PENDING,
        "expires_at": expires_at,
    }


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
