from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.examination.change import Verdict
from shared.moment import Moment
from shared.pipelines import PipelineName
from shared.schemas import SESSION_ID, Answer, AssessmentSummary
from shared.text import Prose
from shared.vocabulary import AssessmentStatus


class AssessmentQuery(BaseModel):
    """Which assessments a list shows; a filter that is not known is refused, not left out."""

    model_config = ConfigDict(extra="forbid")

    subject_id: UUID | None = Field(default=None, description="Whose; everybody's if left out")
    pipeline: PipelineName | None = None
    status: AssessmentStatus | None = None
    session_id: str | None = Field(default=None, pattern=SESSION_ID)
    requires_review: bool | None = Field(
        default=None, description="True: what still waits for a review"
    )
    created_from: Moment | None = None
    created_to: Moment | None = None
    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=512)


class AssessmentPage(Answer):
    """One page of a list, newest first; without `next_cursor` it is the last."""

    items: list[AssessmentSummary]
    next_cursor: str | None


class ReviewCreate(BaseModel):
    """A professional's sign-off."""

    model_config = ConfigDict(extra="forbid")

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

    days: int
    total: int
    pipelines: list[PipelineStatistics]
