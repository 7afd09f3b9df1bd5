"""Files in storage: announced, checked, used by an assessment, deleted or expired."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    RowMapping,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.uploaded_file import UploadedFile
from shared.database.repositories import schedule
from shared.database.repositories.assessments import person_named
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.vocabulary import UploadStatus

UPLOADS = table_of(UploadedFile)


@dataclass(frozen=True, kw_only=True)
class NewUpload:
    """A file as it is announced."""

    id: UUID
    content_type: str
    file_size_bytes: int
    sha256: str
    suffix: str | None
    status: UploadStatus
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Upload(NewUpload):
    """A file as it is known: whose it is, where it lies, what became of it."""

    user_id: UUID
    storage_key: str
    multipart_id: str | None
    created_at: datetime
    completed_at: datetime | None
    assessment_id: UUID | None


@dataclass(frozen=True)
class ExpiredUpload:
    """A file whose bytes are due to be removed, those too that came in parts."""

    id: UUID
    storage_key: str
    multipart_id: str | None


COLUMNS = tuple(UPLOADS.c[field.name] for field in fields(Upload))


async def create_upload(
    connection: AsyncConnection, announced: NewUpload, *, subject_id: UUID | None
) -> Upload:
    """Announce a file about `subject_id` (default: the caller), under its organization's prefix."""
    values = {
        **asdict(announced),
        "organization_id": ORGANIZATION,
        "created_by": CALLER,
        "user_id": subject_id or CALLER,
        "storage_key": cast(ORGANIZATION, Text).concat(f"/{announced.id}"),
    }
    statement = insert(UPLOADS).values(values).returning(*COLUMNS)
    with person_named(subject_id):
        return _upload((await connection.execute(statement)).mappings().one())


def _upload(row: RowMapping) -> Upload:
    return Upload(**{**row, "status": UploadStatus(row["status"])})


async def get_uploads(
    connection: AsyncConnection, ids: Sequence[UUID], *, own: bool = False
) -> Sequence[Upload]:
    """Return those of `ids` that the caller may see and that are not deleted, in any order.

    `own` leaves those that the caller has announced.
    """
    rows = await connection.execute(_get(own=own), {"ids": list(ids)})
    return [_upload(row) for row in rows.mappings()]


@cache
def _get(*, own: bool) -> Select[Any]:
    rows = select(*COLUMNS).where(
        UPLOADS.c.organization_id == ORGANIZATION,
        UPLOADS.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
        UPLOADS.c.deleted_at.is_(None),
    )
    own_rows = rows.where(UPLOADS.c.created_by == CALLER)
    return audited(own_rows if own else rows, "uploaded_files", resource="id")


async def find_begun(
    connection: AsyncConnection, announced: NewUpload, *, subject_id: UUID | None
) -> Upload | None:
    """Return what the caller has begun to send in parts of the same file, and may go on with."""
    rows = (
        select(*COLUMNS)
        .where(
            UPLOADS.c.organization_id == ORGANIZATION,
            UPLOADS.c.user_id == (subject_id or CALLER),
            UPLOADS.c.created_by == CALLER,
            UPLOADS.c.sha256 == announced.sha256,
            UPLOADS.c.file_size_bytes == announced.file_size_bytes,
            UPLOADS.c.content_type == announced.content_type,
            UPLOADS.c.suffix.is_not_distinct_from(announced.suffix),
            UPLOADS.c.multipart_id.is_not(None),
            UPLOADS.c.status.in_((UploadStatus.PENDING, UploadStatus.COMPLETE)),
            UPLOADS.c.assessment_id.is_(None),
            UPLOADS.c.deleted_at.is_(None),
            UPLOADS.c.expires_at > func.now(),
        )
        .order_by(UPLOADS.c.created_at.desc())
        .limit(1)
    )
    begun = await connection.execute(audited(rows, "uploaded_files", resource="id"))
    row = begun.mappings().one_or_none()
    return _upload(row) if row else None


async def begin_parts(connection: AsyncConnection, upload_id: UUID, multipart_id: str) -> bool:
    """Keep what the store calls a file's parts; False where another request did so before."""
    statement = (
        update(UPLOADS)
        .where(
            UPLOADS.c.id == upload_id,
            UPLOADS.c.status == UploadStatus.PENDING,
            UPLOADS.c.deleted_at.is_(None),
            UPLOADS.c.multipart_id.is_(None),
        )
        .values(multipart_id=multipart_id)
    )
    return (await connection.execute(statement)).rowcount == 1


async def settle_upload(
    connection: AsyncConnection, upload_id: UUID, status: UploadStatus, *, expires_at: datetime
) -> Upload | None:
    """Say what became of a pending file; None where another request has said so, or deleted it."""
    statement = (
        update(UPLOADS)
        .where(
            UPLOADS.c.id == upload_id,
            UPLOADS.c.status == UploadStatus.PENDING,
            UPLOADS.c.deleted_at.is_(None),
        )
        .values(status=status, completed_at=func.now(), expires_at=expires_at)
        .returning(*COLUMNS)
    )
    settled = (await connection.execute(statement)).mappings().one_or_none()
    return _upload(settled) if settled else None


async def use_uploads(
    connection: AsyncConnection, ids: Sequence[UUID], assessment_id: UUID
) -> None:
    """Keep files as long as the first assessment that used them; none are none.

    A later assessment of the same files names them in its provenance.
    """
    if not ids:
        return
    statement = (
        update(UPLOADS)
        .where(
            UPLOADS.c.id.in_(ids),
            UPLOADS.c.assessment_id.is_(None),
            UPLOADS.c.deleted_at.is_(None),  # its bytes are removed, as whoever deleted it asked
        )
        .values(assessment_id=assessment_id, expires_at=None)
    )
    await connection.execute(statement)


async def delete_upload(connection: AsyncConnection, upload_id: UUID) -> Upload | None:
    """Delete a file of the caller's that no assessment used, and return it.

    None where there is none such.
    """
    statement = (
        update(UPLOADS)
        .where(
            UPLOADS.c.id == upload_id,
            UPLOADS.c.created_by == CALLER,
            UPLOADS.c.assessment_id.is_(None),
            UPLOADS.c.deleted_at.is_(None),
        )
        .values(deleted_at=func.now())
        .returning(*COLUMNS)
    )
    deleted = (await connection.execute(statement)).mappings().one_or_none()
    return _upload(deleted) if deleted else None


async def expired_uploads(connection: AsyncConnection, *, most: int) -> Sequence[ExpiredUpload]:
    """Return what no assessment used in time, of all organizations.

    What was deleted is returned too, a day later: its bytes may have come after that.
    """
    due = await schedule.work(connection, "expired_uploads", most=most)
    return [
        ExpiredUpload(UUID(upload["id"]), upload["storage_key"], upload["multipart_id"])
        for upload in due
    ]


async def expire_uploads(connection: AsyncConnection, ids: Sequence[UUID]) -> int:
    """Mark files as expired, once their bytes are gone; return how many were."""
    (number,) = await schedule.work(connection, "expire_uploads", ids=[str(key) for key in ids])
    return int(number)
