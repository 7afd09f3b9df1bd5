from typing import Any

from sqlalchemy import Boolean, Float, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    finite,
    one_of,
    result_constraints,
    within,
)


class RetinalResult(AssessmentPart, TenantRecord, table=True):
    """What one fundus photograph showed."""

    __tablename__ = "retinal_results"
    __table_args__ = result_constraints(
        within("dr_grade", 0, 4),
        one_of("eye_laterality", ("left", "right", "unknown")),
        within("vessel_density", 0, 1),
        within("av_ratio", 0, 10),
        within("exudate_area_percent", 0, 100),
        within("hemorrhage_count", 0, 100000),
        within("microaneurysm_count", 0, 100000),
        finite("tortuosity_index"),
    )

    dr_grade: int | None = Field(default=None, sa_type=Integer)
    dr_severity: str | None = Field(default=None, sa_type=Text)
    eye_laterality: str | None = Field(default=None, sa_type=Text)
    image_quality: str | None = Field(default=None, sa_type=Text)
    four_two_one_met: bool | None = Field(default=None, sa_type=Boolean)
    hemorrhages_4_quadrants: bool | None = Field(default=None, sa_type=Boolean)
    venous_beading_2_quadrants: bool | None = Field(default=None, sa_type=Boolean)
    irma_1_quadrant: bool | None = Field(default=None, sa_type=Boolean)
    dme_present: bool | None = Field(default=None, sa_type=Boolean)
    dme_severity: str | None = Field(default=None, sa_type=Text)
    vessel_density: float | None = Field(default=None, sa_type=Float)
    av_ratio: float | None = Field(default=None, sa_type=Float)
    tortuosity_index: float | None = Field(default=None, sa_type=Float)
    hemorrhage_count: int | None = Field(default=None, sa_type=Integer)
    microaneurysm_count: int | None = Field(default=None, sa_type=Integer)
    exudate_area_percent: float | None = Field(default=None, sa_type=Float)
    heatmap_data: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    vessel_segmentation: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
