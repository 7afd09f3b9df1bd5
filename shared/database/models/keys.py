from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_organization,
    belongs_to_person,
    timestamp,
)


class OrganizationKey(TenantRecord, table=True):
    """The keys of an organization, wrapped by the master key; the highest number wraps anew."""

    __tablename__ = "organization_keys"
    __table_args__ = (
        belongs_to_organization(),
        UniqueConstraint("organization_id", "number"),
        CheckConstraint("number >= 1", name="number_range"),
    )

    number: int = Field(sa_type=Integer)
    # Which master key opens it: `local:` and what follows from the key, or `kms:` and its name.
    master: str = Field(sa_type=Text)
    wrapped: bytes = Field(sa_type=LargeBinary)


class PersonKey(TenantRecord, table=True):
    """What a person's names and free text are encrypted with; without it they are noise."""

    __tablename__ = "person_keys"
    __table_args__ = (
        belongs_to_person(),
        UniqueConstraint("organization_id", "user_id"),
        CheckConstraint(
            "(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="wrapped_or_destroyed"
        ),
        Index(
            "ix_person_keys_unlisted",
            "destroyed_at",
            postgresql_where=text("destroyed_at IS NOT NULL AND erasure_list IS NULL"),
        ),
    )

    user_id: UUID
    # Wrapped by the organization's key that its envelope names; empty once it was destroyed.
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    destroyed_at: datetime | None = timestamp()
    # The list of erased people, kept elsewhere, that names whose key it was.
    erasure_list: int | None = Field(default=None, sa_type=BigInteger)
