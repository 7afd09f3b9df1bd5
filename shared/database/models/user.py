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
    within,
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


class PersonIdentifier(TenantRecord, table=True):
    """What a system of the clinic calls a person, such as a medical record number."""

    __tablename__ = "person_identifiers"
    __table_args__ = (
        belongs_to_person(),
        # A removed one may be given to somebody else.
        Index(
            "uq_person_identifiers_in_use",
            "organization_id",
            "system",
            "value",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "uq_person_identifiers_token_in_use",
            "organization_id",
            "system",
            "value_token",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_person_identifiers_person", "organization_id", "user_id"),
    )

    user_id: UUID
    system: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)
    # Equal for equal values of the organization, and tells nothing of them: what is looked for.
    value_token: bytes | None = Field(default=None, sa_type=LargeBinary)
    deleted_at: datetime | None = timestamp()


class UserProfile(TenantRecord, table=True):
    """What a person tells about themselves."""

    __tablename__ = "user_profiles"
    __table_args__ = (
        belongs_to_person(),
        UniqueConstraint("organization_id", "user_id"),
        within("fitzpatrick_type", 1, 6),
    )

    user_id: UUID
    fitzpatrick_type: int | None = None
    ethnicity: str | None = Field(default=None, sa_type=Text)
    medical_history: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    medications: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    allergies: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    language: str = Field(default="en", sa_type=Text, sa_column_kwargs={"server_default": "en"})
    timezone: str = Field(default="UTC", sa_type=Text, sa_column_kwargs={"server_default": "UTC"})
    updated_at: datetime | None = timestamp()
