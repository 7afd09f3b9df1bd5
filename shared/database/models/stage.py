from datetime import datetime

from sqlalchemy import CheckConstraint, Integer, SmallInteger, Text, UniqueConstraint
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    belongs_to_assessment,
    one_of,
    timestamp,
)
from shared.vocabulary import StageStatus


class PipelineStage(AssessmentPart, TenantRecord, table=True):
    """One step of an assessment: how long it took, and where it failed if it did."""

    __tablename__ = "pipeline_stages"
    __table_args__ = (
        belongs_to_assessment(),
        UniqueConstraint("organization_id", "user_id", "assessment_id", "stage_index"),
        one_of("status", StageStatus),
        CheckConstraint("stage_index >= 0", name="stage_index_range"),
        CheckConstraint("duration_ms >= 0", name="duration_ms_range"),
        CheckConstraint("(status = 'failed') = (error_code IS NOT NULL)", name="error_code_given"),
    )

    stage_name: str = Field(sa_type=Text)
    stage_index: int = Field(sa_type=SmallInteger)
    status: str = Field(sa_type=Text)
    started_at: datetime = timestamp(default_now=True)
    duration_ms: int = Field(sa_type=Integer)
    error_code: str | None = Field(default=None, sa_type=Text)
    error_message: str | None = Field(default=None, sa_type=Text)
