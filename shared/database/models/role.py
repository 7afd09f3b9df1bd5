from datetime import datetime

from sqlalchemy import SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from shared.database.models.base import one_of, timestamp
from shared.permissions import Scope


class Role(SQLModel, table=True):
    """What a person may do, and on whose records; seeded by a migration, the same everywhere."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("name"), one_of("scope", Scope))

    id: int = Field(
        primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False}
    )
    name: str = Field(sa_type=Text)
    description: str = Field(sa_type=Text)
    scope: str = Field(sa_type=Text)
    permissions: list[str] = Field(sa_type=JSONB)
    created_at: datetime = timestamp(default_now=True)
