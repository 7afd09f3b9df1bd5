from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKeyConstraint, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, one_of, within


class SiteNorm(TenantRecord, table=True):
    """What an organization expects of a biomarker, fitted on sessions of its own people.

    Never changed: a norm fitted again is another row, and what was judged by the older one still
    names it.
    """

    __tablename__ = "site_norms"
    __table_args__ = (
        belongs_to_person("created_by"),
        ForeignKeyConstraint(["biomarker"], ["biomarkers.name"], ondelete="RESTRICT"),
        Index("ix_site_norms_biomarker", "organization_id", "biomarker", "created_at"),
        one_of("mode", ("web", "computer", "paper")),
        CheckConstraint("length(task_version) BETWEEN 1 AND 32", name="task_version_length"),
        CheckConstraint("sample_size >= 50", name="sample_size_range"),
        CheckConstraint(
            "residual_sd > 0 AND residual_sd < 'Infinity'::float8", name="residual_sd_positive"
        ),
        within("age_min_years", 0, 130),
        within("age_max_years", 0, 130),
        within("age_center_years", 0, 130),
        within("education_center_years", 0, 40),
        CheckConstraint("age_min_years <= age_max_years", name="ages_ordered"),
    )

    created_by: UUID
    biomarker: str = Field(sa_type=Text)
    # None where the task's logs name no version.
    task_version: str | None = Field(default=None, sa_type=Text)
    mode: str = Field(sa_type=Text)
    # Scores of another version of the pipeline are not judged by it.
    pipeline_version: str = Field(sa_type=Text)
    sample_size: int = Field(sa_type=Integer)
    coefficients: list[float] = Field(sa_type=JSONB)
    inverse: list[list[float]] = Field(sa_type=JSONB)
    residual_sd: float = Field(sa_type=Float)
    age_min_years: float = Field(sa_type=Float)
    age_max_years: float = Field(sa_type=Float)
    age_center_years: float = Field(sa_type=Float)
    education_center_years: float = Field(sa_type=Float)
