from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_person,
    timestamp,
)


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
