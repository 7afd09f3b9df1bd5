from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared import examples
from shared.examination.change import Verdict
from shared.moment import Moment
from shared.pipelines import PipelineName
from shared.schemas import SESSION_ID, Answer, AssessmentSummary
from shared.text import Prose
from shared.vocabulary import AssessmentStatus

HISTORY: dict[str, Any] = {
    "name": "heart_rate",
    "unit": "/min",
    "category": "rhythm",
    "subject_id": examples.PATIENT,
    "days": 90,
    "points": [
        {
            "measured_at": "2026-11-27T09:30:00Z",
            "value": 74.1,
            "assessment_id": examples.ASSESSMENT,
            "method": "1.0.0",
            "change": None,
        }
    ],
    "reference": {"low": 60, "high": 100, "source": "somebody-1996"},
    "trend": None,
    "retest": None,
    "warnings": ["How much this value differs between sessions without any change is not known."],
}
STATISTICS: dict[str, Any] = {
    "days": 30,
    "total": 1,
    "pipelines": [
        {
            "pipeline": "cardiology",
            "total": 1,
            "completed": 1,
            "failed": 0,
            "awaiting_review": 0,
            "mean_risk_score": 15.0,
            "mean_confidence": 0.97,
            "mean_quality_score": 0.93,
            "mean_processing_time_ms": 41.0,
        }
    ],
}


class AssessmentQuery(BaseModel):
    """Which assessments a list shows; a filter that is not known is refused, not left out."""

    model_config = ConfigDict(extra="forbid")

    subject_id: UUID | None = Field(
        default=None, description="The person; by default everybody within reach"
    )
    pipeline: PipelineName | None = None
    status: AssessmentStatus | None = None
    session_id: str | None = Field(default=None, pattern=SESSION_ID)
    requires_review: bool | None = Field(
        default=None, description="True: only assessments that wait for a review"
    )
    created_from: Moment | None = None
    created_to: Moment | None = None
    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=512)


class AssessmentPage(Answer):
    """One page of a list, newest first; without `next_cursor` it is the last."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [examples.SUMMARY], "next_cursor": None}}
    )

    items: list[AssessmentSummary]
    next_cursor: str | None


class ReviewCreate(BaseModel):
    """A professional's sign-off."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"note": "read by hand"}}
    )

    note: Prose | None = Field(default=None, max_length=4000)


class ChangeRead(Answer):
    """Whether a value differs from the first comparable one by more than noise.

    `band` is the half-width, around `expected`, of what unchanged people show nine times in ten.
    """

    verdict: Verdict
    statement: str
    difference: float | None
    expected: float | None
    index: float | None
    band: float | None
    minimal_detectable: float | None


class RetestRead(Answer):
    """What is known of this biomarker's differences between sessions of unchanged people."""

    difference_sd: float
    practice: float
    n: int
    interval: str
    source: str


class HistoryPoint(Answer):
    measured_at: datetime
    value: float
    assessment_id: UUID
    method: str | None
    change: ChangeRead | None  # null where nothing is known of the retest error


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
    """One person's biomarker over time, oldest first; `warnings` say what is absent, and why."""

    model_config = ConfigDict(json_schema_extra={"example": HISTORY})

    name: str
    unit: str
    category: str
    subject_id: UUID
    days: int
    points: list[HistoryPoint]
    reference: ReferenceBand | None
    trend: Trend | None
    retest: RetestRead | None
    warnings: list[str]


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

    model_config = ConfigDict(json_schema_extra={"example": STATISTICS})

    days: int
    total: int
    pipelines: list[PipelineStatistics]
