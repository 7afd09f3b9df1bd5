from typing import Any

from pydantic import ConfigDict

from shared.schemas import Answer

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
