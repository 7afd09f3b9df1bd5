from typing import Any

from sqlalchemy import Boolean, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    one_of,
    result_constraints,
    within,
)


class RetinalResult(AssessmentPart, TenantRecord, table=True):
    """What one fundus photograph showed."""

    __tablename__ = "retinal_results"
    __table_args__ = result_constraints(
        within("dr_grade", 0, 4),
        within("dme_risk", 0, 2),
        one_of("eye_laterality", ("left", "right", "unknown")),
        one_of("image_quality", ("good", "limited")),
    )

    eye_laterality: str | None = Field(default=None, sa_type=Text)
    image_quality: str | None = Field(default=None, sa_type=Text)
    quality: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    dr_grade: int | None = Field(default=None, sa_type=Integer)
    dr_severity: str | None = Field(default=None, sa_type=Text)
    dr_evidence: list[Any] | None = Field(default=None, sa_type=JSONB)
    dme_risk: int | None = Field(default=None, sa_type=Integer)
    exudate_near_fovea: bool | None = Field(default=None, sa_type=Boolean)
    hemorrhages_4_quadrants: bool | None = Field(default=None, sa_type=Boolean)
    lesions: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    optic_disc: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    fovea: list[Any] | None = Field(default=None, sa_type=JSONB)
