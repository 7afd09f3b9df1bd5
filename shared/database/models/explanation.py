from sqlalchemy import CheckConstraint, Index, Integer, Text
from sqlmodel import Field

from shared.database.models.base import AssessmentPart, TenantRecord, belongs_to_assessment


class AiExplanation(AssessmentPart, TenantRecord, table=True):
    """An assessment in words, with what wrote it."""

    __tablename__ = "ai_explanations"
    __table_args__ = (
        belongs_to_assessment(),
        Index("ix_ai_explanations_assessment", "organization_id", "user_id", "assessment_id"),
        CheckConstraint("tokens_used >= 0", name="tokens_used_range"),
        CheckConstraint("generation_time_ms >= 0", name="generation_time_ms_range"),
    )

    explanation_text: str = Field(sa_type=Text)
    model_used: str = Field(sa_type=Text)
    tokens_used: int | None = Field(default=None, sa_type=Integer)
    generation_time_ms: int | None = Field(default=None, sa_type=Integer)
