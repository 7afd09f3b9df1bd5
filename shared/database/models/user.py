from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_organization,
    belongs_to_person,
    one_of,
    timestamp,
)

SEXES_AT_BIRTH = ("female", "male", "intersex", "unknown")


class User(TenantRecord, table=True):
    """A person in one organization; a patient without a login has no `identity_subject`."""

    __tablename__ = "users"
    __table_args__ = (
        belongs_to_organization(),
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("organization_id", "identity_subject"),
        Index("ix_users_identity_subject", "identity_subject"),
        one_of("gender", ("female", "male", "other", "unknown")),
        # Who was born on a day is looked for by it; a later person of the same day is compared.
        belongs_to_person("merged_into"),
        CheckConstraint("merged_into <> id", name="merged_into_other"),
        Index(
            "ix_users_merged",
            "organization_id",
            "merged_into",
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
        Index("ix_users_date_of_birth", "organization_id", "date_of_birth"),
        Index("ix_users_surname_token", "organization_id", "surname_token"),
        # What the schedule looks through for what is due.
        Index(
            "ix_users_deleted",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL AND purged_at IS NULL"),
        ),
        one_of("sex_at_birth", SEXES_AT_BIRTH),
        CheckConstraint("date_of_birth > '1850-01-01'", name="date_of_birth_range"),
        CheckConstraint("revision >= 1", name="revision_range"),
    )

    # What the identity provider calls this person in its tokens.
    identity_subject: str | None = Field(default=None, sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    email_verified: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    username: str | None = Field(default=None, sa_type=Text)
    first_name: str | None = Field(default=None, sa_type=Text)
    last_name: str | None = Field(default=None, sa_type=Text)
    date_of_birth: date | None = None
    # Equal for equal surnames and birth dates of the organization: what is looked for.
    surname_token: bytes | None = Field(default=None, sa_type=LargeBinary)
    # Reference ranges are given by it; `gender` is what the person says of themselves.
    sex_at_birth: str | None = Field(default=None, sa_type=Text)
    gender: str | None = Field(default=None, sa_type=Text)
    phone: str | None = Field(default=None, sa_type=Text)
    address: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    updated_at: datetime | None = timestamp()
    # Who was registered twice: whose record stands for this one too.
    merged_into: UUID | None = None
    last_login_at: datetime | None = timestamp()
    deleted_at: datetime | None = timestamp()
    # When all that tells who it was went, and the key; the row stays as the tombstone.
    purged_at: datetime | None = timestamp()
    # Each change makes another: what `ETag` and `If-Match` name.
    revision: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
