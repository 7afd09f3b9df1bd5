"""Who agreed to research, and what was measured of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, Uuid, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TableValuedAlias

from functions.fhir.cohorts.definition import Definition
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CATALOG,
    ORGANIZATION,
    TIMESTAMP,
    VALUES,
)


@dataclass(frozen=True)
class Participant:
    """A person who agreed, by what they could be told apart by."""

    user_id: UUID
    age_band: str
    sex: str


@dataclass(frozen=True)
class Measured:
    """A value of the cohort, as it is stored; it leaves without the ids and with another date."""

    user_id: UUID
    assessment_id: UUID
    recorded_at: datetime
    pipeline: str
    pipeline_version: str
    quality_score: float | None
    name: str
    value: float
    unit: str
    normal_range_min: float | None
    normal_range_max: float | None
    status: str
    confidence: float | None
    source: str | None
    description: str


async def get_participants(
    connection: AsyncConnection, definition: Definition
) -> Sequence[Participant]:
    """Return who agreed to research and has a value that the definition asks for."""
    people = _people()
    has_value = _values(definition.filters).where(VALUES.c.user_id == people.c.user_id).exists()
    rows = await connection.execute(select(people).where(has_value), definition.parameters())
    return [Participant(**row) for row in rows.mappings()]


def _people() -> TableValuedAlias:
    """Whoever agrees to research, of those within the caller's reach."""
    as_of = bindparam("as_of", type_=TIMESTAMP)
    return func.medilens.research_people(as_of).table_valued("user_id", "age_band", "sex")


async def get_values(
    connection: AsyncConnection, definition: Definition, people: Sequence[UUID]
) -> Sequence[Measured]:
    """Return the values of people who still agree, and write that each was used for research."""
    parameters = definition.parameters() | {"people": list(people)}
    rows = await connection.execute(_used(definition.filters), parameters)
    return [Measured(**row) for row in rows.mappings()]


CLAUSES: dict[str, ColumnElement[bool]] = {
    "pipeline": CATALOG.c.pipeline == bindparam("pipeline", type_=Text),
    "biomarkers": CATALOG.c.name == func.any(bindparam("biomarkers", type_=ARRAY(Text))),
    "recorded_from": VALUES.c.measured_at >= bindparam("recorded_from", type_=TIMESTAMP),
    "recorded_before": VALUES.c.measured_at < bindparam("recorded_before", type_=TIMESTAMP),
    "as_of": ASSESSMENTS.c.created_at < bindparam("as_of", type_=TIMESTAMP),
}
COLUMNS = (
    *(ASSESSMENTS.c[name] for name in ("pipeline", "pipeline_version", "quality_score")),
    *(VALUES.c[name] for name in ("user_id", "assessment_id", "value", "status", "confidence")),
    *(VALUES.c[name] for name in ("normal_range_min", "normal_range_max", "source")),
    *(CATALOG.c[name] for name in ("name", "unit", "description")),
    VALUES.c.measured_at.label("recorded_at"),
)


def _values(filters: Sequence[str]) -> Select[Any]:
    """Select values of assessments that nobody deleted."""
    return (
        select(*COLUMNS)
        .select_from(VALUES)
        .join(CATALOG, VALUES.c.biomarker_id == CATALOG.c.id)
        .join(
            ASSESSMENTS,
            (ASSESSMENTS.c.organization_id == VALUES.c.organization_id)
            & (ASSESSMENTS.c.id == VALUES.c.assessment_id),
        )
        .where(
            VALUES.c.organization_id == ORGANIZATION,
            ASSESSMENTS.c.deleted_at.is_(None),
            *(CLAUSES[name] for name in filters),
        )
    )


@cache
def _used(filters: tuple[str, ...]) -> Select[Any]:
    rows = _values(filters).where(
        VALUES.c.user_id == func.any(bindparam("people", type_=ARRAY(Uuid))),
        VALUES.c.user_id.in_(select(_people().c.user_id)),
    )
    return audited(rows, "research_cohorts")
