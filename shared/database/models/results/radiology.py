from typing import Any

from sqlalchemy import Float, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import AssessmentPart, TenantRecord, result_constraints, within


class RadiologyResult(AssessmentPart, TenantRecord, table=True):
    """What one chest X-ray showed."""

    __tablename__ = "radiology_results"
    __table_args__ = result_constraints(
        within("primary_probability", 0, 1),
        within("quality_score", 0, 1),
    )

    modality_type: str | None = Field(default=None, sa_type=Text)
    primary_condition: str | None = Field(default=None, sa_type=Text)
    primary_probability: float | None = Field(default=None, sa_type=Float)
    primary_severity: str | None = Field(default=None, sa_type=Text)
    findings: list[Any] | None = Field(default=None, sa_type=JSONB)
    lungs_status: str | None = Field(default=None, sa_type=Text)
    heart_status: str | None = Field(default=None, sa_type=Text)
    image_quality: str | None = Field(default=None, sa_type=Text)
    quality_score: float | None = Field(default=None, sa_type=Float)
