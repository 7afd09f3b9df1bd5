from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    belongs_to_assessment,
    belongs_to_person,
    timestamp,
)


class AiExplanation(AssessmentPart, TenantRecord, table=True):
    """An assessment in words, with what wrote it."""

    __tablename__ = "ai_explanations"
    __table_args__ = (
        belongs_to_assessment(),
        belongs_to_person("released_by"),
        Index("ix_ai_explanations_assessment", "organization_id", "user_id", "assessment_id"),
        Index("ix_ai_explanations_rests_on", "rests_on", postgresql_using="gin"),
        Index(
            "ix_ai_explanations_reserved",
            "pending_until",
            postgresql_where=text("reserved_tokens IS NOT NULL"),
        ),
        CheckConstraint("tokens_used >= 0", name="tokens_used_range"),
        CheckConstraint("generation_time_ms >= 0", name="generation_time_ms_range"),
        CheckConstraint(
            "(released_at IS NULL) = (released_by IS NULL)", name="released_by_somebody"
        ),
        CheckConstraint(
            "reserved_tokens >= 0 AND pending_until IS NOT NULL OR reserved_tokens IS NULL",
            name="reserved_tokens_range",
        ),
    )

    # Of a history the assessments whose values it tells of: it goes with the first of them.
    rests_on: list[UUID] = Field(
        default_factory=list,
        sa_type=ARRAY(Uuid),
        sa_column_kwargs={"server_default": text("'{}'")},
    )
    explanation_text: str = Field(sa_type=Text)
    model_used: str = Field(sa_type=Text)
    tokens_used: int | None = Field(default=None, sa_type=Integer)
    generation_time_ms: int | None = Field(default=None, sa_type=Integer)
    # A model's free words: the person reads them once a reviewer has released them.
    is_free: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    released_at: datetime | None = timestamp()
    released_by: UUID | None = None
    # A model's words may come until then in place of the template's; later, and without it, none.
    pending_until: datetime | None = timestamp()
    # What the month's budget lacks meanwhile, until a worker takes it up.
    reserved_tokens: int | None = Field(default=None, sa_type=Integer)
    # Until then one worker asks for it, and no other does.
    leased_until: datetime | None = timestamp()
