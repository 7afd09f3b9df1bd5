from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp


class LegalHold(TenantRecord, table=True):
    """Why nothing of a person is erased, by whose word, and until when."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("placed_by"),
        belongs_to_person("released_by"),
        CheckConstraint("length(reason) BETWEEN 3 AND 2800", name="reason_length"),
        CheckConstraint(
            "(released_at IS NULL) = (released_by IS NULL)", name="released_by_someone"
        ),
        Index("ix_legal_holds_person", "organization_id", "user_id"),
    )

    user_id: UUID
    placed_by: UUID
    reason: str = Field(sa_type=Text)
    # Without an end until it is released.
    held_until: datetime | None = timestamp()
    released_at: datetime | None = timestamp()
    released_by: UUID | None = None
