"""Stored examinations, whole and many at a time: what searches and exports are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    RowMapping,
    Select,
    Text,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.people.queries import MEMBERS
from functions.fhir.search import Order, Wanted
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.stored_assessments import WHOLE_COLUMNS, shown, stored_examination
from shared.database.repositories.stored_parts import whole
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CATALOG,
    ORGANIZATION,
    TIMESTAMP,
    VALUES,
)
from shared.record import StoredExamination


@dataclass(frozen=True)
class Place:
    """Where a list goes on: at this assessment, so many of its resources left out.

    `moment` is that which the list is ordered by.
    """

    moment: datetime
    assessment_id: UUID
    skipped: int


@dataclass(frozen=True)
class Changed:
    """A stored examination, and when it, a sign-off included, changed last."""

    examination: StoredExamination
    changed_at: datetime


async def get_examinations(
    connection: AsyncConnection, wanted: Wanted, *, limit: int, place: Place | None = None
) -> Sequence[Changed]:
    """Return whole assessments in the order asked for, from `place` on, inclusive."""
    statement = _examinations(wanted.conditions(), wanted.order, continued=place is not None)
    parameters: dict[str, Any] = wanted.parameters() | {"limit": limit}
    if place:
        parameters |= {"place_at": place.moment, "place_id": place.assessment_id}
    rows = (await connection.execute(statement, parameters)).mappings().all()
    return await _changed(connection, rows)


async def get_examination(connection: AsyncConnection, assessment_id: UUID) -> Changed | None:
    """Return one assessment whole, deleted or not."""
    rows = await connection.execute(_examination(), {"assessment_id": assessment_id})
    return next(iter(await _changed(connection, rows.mappings().all())), None)


async def _changed(connection: AsyncConnection, rows: Sequence[RowMapping]) -> Sequence[Changed]:
    reader = await keys.reader(connection, rows)
    return [
        Changed(
            stored_examination(
                {name: value for name, value in row.items() if name != "changed_at"},
                reader.texts(row),
            ),
            row["changed_at"],
        )
        for row in rows
    ]


CHANGED_AT = func.coalesce(ASSESSMENTS.c.updated_at, ASSESSMENTS.c.created_at)


def _whole() -> Select[Any]:
    return whole([*map(shown, WHOLE_COLUMNS), CHANGED_AT.label("changed_at")])


@cache
def _examination() -> Select[Any]:
    assessment = _whole().where(ASSESSMENTS.c.id == bindparam("assessment_id", type_=Uuid))
    return audited(assessment, "assessments", resource="id")


def _measured() -> ColumnElement[bool]:
    return (
        select(literal_column("1"))
        .select_from(VALUES)
        .join(CATALOG, VALUES.c.biomarker_id == CATALOG.c.id)
        .where(
            VALUES.c.organization_id == ASSESSMENTS.c.organization_id,
            VALUES.c.user_id == ASSESSMENTS.c.user_id,
            VALUES.c.assessment_id == ASSESSMENTS.c.id,
            VALUES.c.measured_at == ASSESSMENTS.c.recorded_at,
            CATALOG.c.name == func.any(bindparam("measured", type_=ARRAY(Text))),
        )
        .exists()
    )


CLAUSES: Mapping[str, ColumnElement[bool]] = MappingProxyType(
    {
        "ids": ASSESSMENTS.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
        "subject_id": ASSESSMENTS.c.user_id == bindparam("subject_id", type_=Uuid),
        "pipeline": ASSESSMENTS.c.pipeline == bindparam("pipeline", type_=Text),
        "measured": _measured(),
        "recorded_from": ASSESSMENTS.c.recorded_at >= bindparam("recorded_from", type_=TIMESTAMP),
        "recorded_before": ASSESSMENTS.c.recorded_at
        < bindparam("recorded_before", type_=TIMESTAMP),
        "changed_from": bindparam("changed_from", type_=TIMESTAMP) <= CHANGED_AT,
        "changed_before": bindparam("changed_before", type_=TIMESTAMP) > CHANGED_AT,
        "stored": ASSESSMENTS.c.deleted_at.is_(None),
        "deleted": ASSESSMENTS.c.deleted_at.is_not(None),
        **{group: ASSESSMENTS.c.user_id.in_(ids) for group, ids in MEMBERS.items()},
    }
)


MOMENTS: Mapping[str, ColumnElement[datetime]] = MappingProxyType(
    {
        "created_at": ASSESSMENTS.c.created_at,
        "recorded_at": ASSESSMENTS.c.recorded_at,
        "changed_at": CHANGED_AT,
    }
)


@cache
def _examinations(filters: tuple[str, ...], order: Order, *, continued: bool) -> Select[Any]:
    moment, key = MOMENTS[order.by], ASSESSMENTS.c.id
    rows = _whole().where(
        ASSESSMENTS.c.organization_id == ORGANIZATION, *(CLAUSES[name] for name in filters)
    )
    if continued:
        place = tuple_(bindparam("place_at", type_=TIMESTAMP), bindparam("place_id", type_=Uuid))
        here = tuple_(moment, key)
        rows = rows.where(here <= place if order.is_descending else here >= place)
    rows = rows.order_by(*_ordered(order, moment, key)).limit(bindparam("limit", type_=Integer))
    listed = audited(rows, "assessments")
    columns = listed.selected_columns
    return listed.order_by(*_ordered(order, columns[order.by], columns.id))


def _ordered(order: Order, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column.desc() if order.is_descending else column.asc() for column in columns]


async def has_measured(connection: AsyncConnection, pipeline: str, version: str) -> bool:
    """Whether any assessment within reach is of a pipeline in a version."""
    statement: Select[Any] = select(literal_column("1")).where(
        ASSESSMENTS.c.organization_id == ORGANIZATION,
        ASSESSMENTS.c.pipeline == pipeline,
        ASSESSMENTS.c.pipeline_version == version,
    )
    return (await connection.execute(statement.limit(1))).first() is not None


@dataclass(frozen=True)
class Entry:
    """A biomarker of the catalog."""

    name: str
    pipeline: str
    unit: str
    category: str
    description: str


async def get_catalog(connection: AsyncConnection) -> Sequence[Entry]:
    """Return every biomarker, in the catalog's order."""
    columns = [CATALOG.c[name] for name in Entry.__annotations__]
    rows = await connection.execute(select(*columns).order_by(CATALOG.c.id))
    return [Entry(*row) for row in rows]
