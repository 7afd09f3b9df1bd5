from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Float,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
)
from sqlmodel import Field, SQLModel

from shared.biomarkers import BiomarkerStatus
from shared.database.models.base import belongs_to_assessment, finite, one_of, within


class BiomarkerValue(SQLModel, table=True):
    """One value of one biomarker of one person at one time.

    Narrow and partitioned by month: its primary key answers a person's history by itself, the
    tenant policy included.
    """

    __tablename__ = "biomarker_values"
    __table_args__ = (
        PrimaryKeyConstraint(
            *("user_id", "biomarker_id", "measured_at", "assessment_id"),
            postgresql_include=["value", "organization_id", "method"],
        ),
        belongs_to_assessment(),
        ForeignKeyConstraint(["biomarker_id"], ["biomarkers.id"], ondelete="RESTRICT"),
        finite("value"),
        finite("normal_range_min"),
        finite("normal_range_max"),
        within("confidence", 0, 1),
        one_of("status", BiomarkerStatus),
        CheckConstraint("normal_range_min <= normal_range_max", name="normal_range_ordered"),
        {"postgresql_partition_by": "RANGE (measured_at)"},
    )

    organization_id: UUID
    user_id: UUID
    biomarker_id: int = Field(sa_type=SmallInteger)
    measured_at: datetime = Field(sa_type=DateTime(timezone=True))
    assessment_id: UUID
    value: float = Field(sa_type=Float)
    confidence: float | None = Field(default=None, sa_type=Float)
    normal_range_min: float | None = Field(default=None, sa_type=Float)
    normal_range_max: float | None = Field(default=None, sa_type=Float)
    status: str = Field(sa_type=Text)
    source: str | None = Field(default=None, sa_type=Text)
    population: str | None = Field(default=None, sa_type=Text)
    # What made the number: values made in another way are not comparable.
    method: str | None = Field(default=None, sa_type=Text)
