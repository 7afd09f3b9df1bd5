from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text, text
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_person,
    timestamp,
)


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
