from typing import Any

from sqlalchemy import Text
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    measured,
    one_of,
    result_constraints,
)


class RadiologyResult(AssessmentPart, TenantRecord, table=True):
    """What one chest X-ray showed."""

    __tablename__ = "radiology_results"
    __table_args__ = result_constraints(
        one_of("view_position", ("PA", "AP")),
        one_of("heart_size", ("normal", "indeterminate", "enlarged")),
        one_of("image_quality", ("good", "limited")),
    )

    view_position: str | None = Field(default=None, sa_type=Text)
    heart_size: str | None = Field(default=None, sa_type=Text)
    ratio_interval: list[Any] | None = measured()
    measured_lines: dict[str, Any] | None = measured()
    image_quality: str | None = Field(default=None, sa_type=Text)
    quality_numbers: dict[str, Any] | None = measured()
    likeness: dict[str, Any] | None = measured()
    findings: list[Any] | None = measured()
