from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp


class Merge(TenantRecord, table=True):
    """Two records of one person: which stays, which points at it, who said so."""

    __tablename__ = "merges"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("merged_person_id"),
        belongs_to_person("merged_by"),
        belongs_to_person("undone_by"),
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("merged_person_id <> user_id", name="merged_person_id_other"),
        CheckConstraint("length(reason) BETWEEN 3 AND 2800", name="reason_length"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_someone"),
        Index("ix_merges_person", "organization_id", "user_id", "id"),
        Index("ix_merges_merged_person", "organization_id", "merged_person_id", "id"),
        Index(
            "uq_merges_standing",
            "organization_id",
            "merged_person_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    # Whose record stays.
    user_id: UUID
    merged_person_id: UUID
    merged_by: UUID
    reason: str = Field(sa_type=Text)
    undone_at: datetime | None = timestamp()
    undone_by: UUID | None = None
