from sqlalchemy import Boolean, Float, Integer, Text
from sqlmodel import Field

from shared.database.models.base import AssessmentPart, TenantRecord, result_constraints, within


class DermatologyResult(AssessmentPart, TenantRecord, table=True):
    """What one photograph of a skin lesion showed."""

    __tablename__ = "dermatology_results"
    __table_args__ = result_constraints(
        within("asymmetry_score", 0, 1),
        within("border_score", 0, 1),
        within("color_score", 0, 1),
        within("evolution_score", 0, 1),
        within("diameter_mm", 0, 1000),
        within("fitzpatrick_type", 1, 6),
    )

    primary_classification: str | None = Field(default=None, sa_type=Text)
    melanoma_suspicion: str | None = Field(default=None, sa_type=Text)
    asymmetry_score: float | None = Field(default=None, sa_type=Float)
    border_score: float | None = Field(default=None, sa_type=Float)
    color_score: float | None = Field(default=None, sa_type=Float)
    diameter_mm: float | None = Field(default=None, sa_type=Float)
    evolution_score: float | None = Field(default=None, sa_type=Float)
    body_location: str | None = Field(default=None, sa_type=Text)
    fitzpatrick_type: int | None = Field(default=None, sa_type=Integer)
    image_quality: str | None = Field(default=None, sa_type=Text)
    lesion_centered: bool | None = Field(default=None, sa_type=Boolean)
