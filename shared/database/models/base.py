"""What every table has in common."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from shared.identifiers import uuid7

# Set before any table exists, so that every constraint can be found by its name.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}

NOW = text("now()")


class Xid8(UserDefinedType[int]):
    """The number of a transaction, which SQLAlchemy has no type for."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


ischema_names["xid8"] = Xid8


def timestamp(*, default_now: bool = False, nullable: bool = True) -> Any:
    """A point in time, always with its zone."""
    server_default = {"server_default": NOW} if default_now else {}
    return Field(
        default=None,
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"nullable": nullable and not default_now, **server_default},
    )


def measured(sa_type: Any = JSONB) -> Any:
    """Words of ours, or JSON of them and of numbers, that an analysis has made: no sender's words.

    They need no encryption, which `tests/migrations/test_encrypted_columns.py` asks of any other.
    """
    return Field(default=None, sa_type=sa_type, sa_column_kwargs={"info": {"measured": True}})


def one_of(column: str, values: Iterable[str] | type[StrEnum]) -> CheckConstraint:
    """Text with a CHECK is cheaper to evolve than a native enum, and needs no introspection."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def within(column: str, low: float, high: float) -> CheckConstraint:
    """NaN sorts above every number in Postgres, so a range also keeps it out."""
    return CheckConstraint(f"{column} BETWEEN {low} AND {high}", name=f"{column}_range")


def finite(column: str) -> CheckConstraint:
    """Keep infinities out, and NaN, which Postgres sorts above them."""
    return CheckConstraint(
        f"{column} > '-Infinity'::float8 AND {column} < 'Infinity'::float8", name=f"{column}_finite"
    )


def table_of(model: type[SQLModel]) -> Table:
    """Return what statements are built of; objects of the model itself are never made."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


class Record(SQLModel):
    """A row with a key made by the application and the time it was added."""

    # A table's validator is built when it is first used, which is never: a third of the import.
    model_config = {"defer_build": True}  # a typed dictionary

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    created_at: datetime = timestamp(default_now=True)


class TenantRecord(Record):
    """A row that belongs to one organization and is never visible to another."""

    organization_id: UUID


def belongs_to_organization() -> ForeignKeyConstraint:
    """No row outlives its organization, nor lets it go."""
    return ForeignKeyConstraint(["organization_id"], ["organizations.id"], ondelete="RESTRICT")


def belongs_to_person(column: str = "user_id") -> ForeignKeyConstraint:
    """The person must be of the same organization: the key is composite."""
    return ForeignKeyConstraint(
        ["organization_id", column], ["users.organization_id", "users.id"], ondelete="RESTRICT"
    )


def belongs_to_assessment() -> ForeignKeyConstraint:
    """Carries the person too, so a policy never looks at the parent; follows its moves."""
    return ForeignKeyConstraint(
        ["organization_id", "user_id", "assessment_id"],
        ["assessments.organization_id", "assessments.user_id", "assessments.id"],
        ondelete="RESTRICT",
        onupdate="CASCADE",
    )


class AssessmentPart(SQLModel):
    """What every child of an assessment carries."""

    user_id: UUID
    assessment_id: UUID


def result_constraints(
    *checks: CheckConstraint,
) -> tuple[CheckConstraint | UniqueConstraint | ForeignKeyConstraint, ...]:
    """One result an assessment, under the same organization and person."""
    return (
        belongs_to_assessment(),
        UniqueConstraint("organization_id", "user_id", "assessment_id"),
        *checks,
    )
