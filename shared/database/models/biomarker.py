from sqlalchemy import (
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from shared.database.models.base import one_of
from shared.pipelines import PipelineName


class Biomarker(SQLModel, table=True):
    """The catalog: one row a biomarker; seeded by migrations, the same for every tenant."""

    __tablename__ = "biomarkers"
    __table_args__ = (UniqueConstraint("name"), one_of("pipeline", PipelineName))

    id: int = Field(
        primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False}
    )
    name: str = Field(sa_type=Text)
    pipeline: str = Field(sa_type=Text)
    category: str = Field(sa_type=Text)
    unit: str = Field(sa_type=Text)  # UCUM
    description: str = Field(sa_type=Text)
