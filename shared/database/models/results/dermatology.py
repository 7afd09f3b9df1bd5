from typing import Any
from uuid import UUID

from sqlalchemy import Float, Integer, Text, Uuid
from sqlmodel import Field

from shared.database.models.base import (
    AssessmentPart,
    TenantRecord,
    measured,
    one_of,
    result_constraints,
    within,
)


class DermatologyResult(AssessmentPart, TenantRecord, table=True):
    """What one picture of a skin lesion showed: words and evidence; numbers are biomarkers."""

    __tablename__ = "dermatology_results"
    __table_args__ = result_constraints(
        within("fitzpatrick_type", 1, 6),
        within("mm_per_px", 0, 10),
        within("border_agreement", 0, 1),
        within("outline_overlap", 0, 1),
        one_of("image_source", ("dermoscopy", "clinical", "undetermined")),
        one_of("image_source_decided_by", ("declared", "round-field", "nothing")),
        one_of("scale_origin", ("declared", "ruler")),
    )

    lesion_key: str | None = Field(default=None, sa_type=Text)
    body_location: str | None = Field(default=None, sa_type=Text)
    fitzpatrick_type: int | None = Field(default=None, sa_type=Integer)
    image_source: str | None = Field(default=None, sa_type=Text)
    image_source_decided_by: str | None = Field(default=None, sa_type=Text)
    scale_origin: str | None = Field(default=None, sa_type=Text)
    mm_per_px: float | None = Field(default=None, sa_type=Float)
    image_quality: dict[str, Any] | None = measured()
    border_agreement: float | None = Field(default=None, sa_type=Float)
    axes: list[dict[str, Any]] | None = measured()
    sectors: list[dict[str, Any]] | None = measured()
    color_shares: dict[str, Any] | None = measured()
    structures: dict[str, Any] | None = measured()
    dermoscopy_grade: str | None = measured(Text)
    abcde_flags: dict[str, Any] | None = measured()
    lesion_lab: list[float] | None = measured()
    compared_with: UUID | None = Field(default=None, sa_type=Uuid)
    outline_overlap: float | None = Field(default=None, sa_type=Float)
    classes: dict[str, float] | None = measured()
