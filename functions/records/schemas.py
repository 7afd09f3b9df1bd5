from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.schemas import Answer, AssessmentSummary


class AssessmentPage(Answer):
    """One page of a list, newest first; without `next_cursor` it is the last."""

    items: list[AssessmentSummary]
    next_cursor: str | None


class ReviewCreate(BaseModel):
    """A professional's sign-off."""

    model_config = ConfigDict(extra="forbid")

    note: str | None = Field(default=None, max_length=4000)


class HistoryPoint(Answer):
    measured_at: datetime
    value: float
    assessment_id: UUID


class ReferenceBand(Answer):
    """The range that the latest value was judged by."""

    low: float | None
    high: float | None
    source: str | None


class Trend(Answer):
    """The least-squares line through the values."""

    slope_per_day: float
    points: int


class BiomarkerHistory(Answer):
    """One person's biomarker over time, oldest first."""

    name: str
    unit: str
    category: str
    subject_id: UUID
    days: int
    points: list[HistoryPoint]
    reference: ReferenceBand | None
    trend: Trend | None


class PipelineStatistics(Answer):
    pipeline: str
    total: int
    completed: int
    failed: int
    awaiting_review: int
    mean_risk_score: float | None
    mean_confidence: float | None
    mean_quality_score: float | None
    mean_processing_time_ms: float | None


class Statistics(Answer):
    """Counts and means by pipeline; a mean of nothing is null."""

    days: int
    total: int
    pipelines: list[PipelineStatistics]
