from typing import Any

from sqlalchemy import Float, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    finite,
    measured,
    result_constraints,
    within,
)


class CognitiveResult(AssessmentPart, TenantRecord, table=True):
    """What one cognitive session showed."""

    __tablename__ = "cognitive_results"
    __table_args__ = result_constraints(
        within("tasks_completed", 0, 1000),
        within("valid_tasks", 0, 1000),
        within("cognitive_decline_probability", 0, 1),
        finite("attention_z"),
        finite("memory_z"),
        finite("executive_function_z"),
        finite("processing_speed_z"),
        finite("language_z"),
        finite("fatigue_index"),
        finite("consistency_score"),
    )

    attention_z: float | None = Field(default=None, sa_type=Float)
    memory_z: float | None = Field(default=None, sa_type=Float)
    executive_function_z: float | None = Field(default=None, sa_type=Float)
    processing_speed_z: float | None = Field(default=None, sa_type=Float)
    language_z: float | None = Field(default=None, sa_type=Float)
    tasks_completed: int | None = Field(default=None, sa_type=Integer)
    valid_tasks: int | None = Field(default=None, sa_type=Integer)
    fatigue_index: float | None = Field(default=None, sa_type=Float)
    consistency_score: float | None = Field(default=None, sa_type=Float)
    validity: dict[str, Any] | None = measured()
    domains: dict[str, Any] | None = measured()
    task_scores: dict[str, Any] | None = measured()
    import_report: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    cognitive_decline_probability: float | None = Field(default=None, sa_type=Float)
