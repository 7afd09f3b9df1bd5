from uuid import UUID

from sqlalchemy import CheckConstraint, Integer, Text, UniqueConstraint
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    belongs_to_assessment,
    belongs_to_person,
    one_of,
)
from shared.vocabulary import AssessmentStatus


class SignOff(AssessmentPart, TenantRecord, table=True):
    """One professional's word on one state of an assessment; added, never changed."""

    __tablename__ = "sign_offs"
    __table_args__ = (
        belongs_to_assessment(),
        belongs_to_person("signed_by"),
        # A state is signed off once: whoever signs next signs the state that this left.
        UniqueConstraint("organization_id", "assessment_id", "revision"),
        one_of("status", (AssessmentStatus.COMPLETED, AssessmentStatus.FAILED)),
        CheckConstraint("revision >= 1", name="revision_range"),
        CheckConstraint("length(note) <= 21400", name="note_length"),
    )

    signed_by: UUID
    # What was signed: the assessment's status and revision as they were.
    status: str = Field(sa_type=Text)
    revision: int = Field(sa_type=Integer)
    note: str | None = Field(default=None, sa_type=Text)
