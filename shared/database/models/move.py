from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp


class Move(TenantRecord, table=True):
    """An assessment that stood under the wrong person: whose it was, whose it is, who said so."""

    __tablename__ = "moves"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("from_person_id"),
        belongs_to_person("moved_by"),
        belongs_to_person("undone_by"),
        ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessments.organization_id", "assessments.id"],
            ondelete="RESTRICT",
        ),
        ForeignKeyConstraint(
            ["organization_id", "merge_id"],
            ["merges.organization_id", "merges.id"],
            ondelete="RESTRICT",
        ),
        CheckConstraint("from_person_id <> user_id", name="from_person_id_other"),
        CheckConstraint("length(reason) BETWEEN 3 AND 2800", name="reason_length"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_someone"),
        Index("ix_moves_assessment", "organization_id", "assessment_id"),
        Index("ix_moves_person", "organization_id", "user_id", "id"),
        Index("ix_moves_from_person", "organization_id", "from_person_id", "id"),
        Index(
            "ix_moves_merge",
            "organization_id",
            "merge_id",
            postgresql_where=text("merge_id IS NOT NULL"),
        ),
    )

    # The right person.
    user_id: UUID
    from_person_id: UUID
    assessment_id: UUID
    # What moved it along with everything else of a person.
    merge_id: UUID | None = None
    moved_by: UUID
    reason: str = Field(sa_type=Text)
    undone_at: datetime | None = timestamp()
    undone_by: UUID | None = None
