from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict

from shared import examples
from shared.examination.change import Verdict
from shared.schemas import Answer

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
