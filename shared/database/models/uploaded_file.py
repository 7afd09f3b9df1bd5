from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_assessment,
    belongs_to_person,
    one_of,
    timestamp,
)
from shared.vocabulary import UploadStatus


class UploadedFile(TenantRecord, table=True):
    """A file that went straight to storage, and what is known about its bytes."""

    __tablename__ = "uploaded_files"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("created_by"),
        belongs_to_assessment(),
        UniqueConstraint("organization_id", "id"),
        Index("ix_uploaded_files_person", "organization_id", "user_id", "created_at"),
        # What the scheduled function looks for.
        Index(
            "ix_uploaded_files_expiring", "expires_at", postgresql_where=text("deleted_at IS NULL")
        ),
        Index(
            "ix_uploaded_files_deleted",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL AND status <> 'expired'"),
        ),
        one_of("status", UploadStatus),
        CheckConstraint("suffix ~ '^\\.[a-z0-9]{1,8}$'", name="suffix_plain"),
        CheckConstraint("file_size_bytes >= 0", name="file_size_bytes_range"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
    )

    user_id: UUID
    created_by: UUID
    assessment_id: UUID | None = None
    # The name under which it is stored: never the caller's, which may hold a patient's name.
    storage_key: str = Field(sa_type=Text)
    # What the store calls the parts of it, once it is sent in parts.
    multipart_id: str | None = Field(default=None, sa_type=Text)
    # The ending of its name, where it tells the parts of a recording apart; nothing else of it.
    suffix: str | None = Field(default=None, sa_type=Text)
    content_type: str = Field(sa_type=Text)
    file_size_bytes: int = Field(sa_type=BigInteger)
    # None once it was purged.
    sha256: str | None = Field(default=None, sa_type=Text)
    status: str = Field(
        default=UploadStatus.PENDING,
        sa_type=Text,
        sa_column_kwargs={"server_default": text("'pending'")},
    )
    expires_at: datetime | None = timestamp()
    completed_at: datetime | None = timestamp()
    deleted_at: datetime | None = timestamp()
