from typing import Any

from sqlalchemy import Boolean, Text
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    measured,
    one_of,
    result_constraints,
)


class RetinalResult(AssessmentPart, TenantRecord, table=True):
    """What one fundus photograph showed."""

    __tablename__ = "retinal_results"
    __table_args__ = result_constraints(
        one_of("eye_laterality", ("left", "right", "unknown")),
        one_of("image_quality", ("good", "limited")),
    )

    eye_laterality: str | None = Field(default=None, sa_type=Text)
    image_quality: str | None = Field(default=None, sa_type=Text)
    quality: dict[str, Any] | None = measured()
    referable_dr_flag: bool | None = Field(default=None, sa_type=Boolean)
    optic_disc: dict[str, Any] | None = measured()
    fovea: dict[str, Any] | None = measured()
    findings: list[Any] | None = measured()
