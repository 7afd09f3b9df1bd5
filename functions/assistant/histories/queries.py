"""A person's measurements, read for an explanation: the latest of each measure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    RowMapping,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.histories.series import (
    REVIEWED,
    UNREVIEWED,
    WAITING,
    Measurement,
    Series,
)
from shared.biomarkers import BiomarkerStatus
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CATALOG,
    ORGANIZATION,
    SIGN_OFFS,
    VALUES,
)
from shared.pipelines import PipelineName
from shared.record import Value

# Of one measure so many of the latest measurements are read.
MOST_MEASUREMENTS = 50
OF_MEASURE = ("name", "unit", "category", "pipeline", "description")
OF_VALUE = tuple(field.name for field in fields(Value) if field.name in VALUES.c)


@dataclass(frozen=True)
class Period:
    """Whose measurements are read, and of which time."""

    person_id: UUID
    since: datetime
    until: datetime

    @property
    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        return (
            VALUES.c.organization_id == ORGANIZATION,
            VALUES.c.user_id == self.person_id,
            VALUES.c.measured_at >= self.since,
            VALUES.c.measured_at < self.until,
            ASSESSMENTS.c.deleted_at.is_(None),
        )


async def get_unknown(connection: AsyncConnection, names: Sequence[str]) -> list[str]:
    """Return those names that no biomarker has."""
    known = await connection.execute(select(CATALOG.c.name).where(CATALOG.c.name.in_(names)))
    return sorted(set(names) - set(known.scalars()))


async def get_most_measured(connection: AsyncConnection, period: Period, most: int) -> list[str]:
    """Return the person's measures, those that were measured most often first."""
    counted = (
        select(CATALOG.c.name)
        .select_from(_measured())
        .where(*period.conditions)
        .group_by(CATALOG.c.id, CATALOG.c.name)
        .order_by(func.count().desc(), CATALOG.c.id)
        .limit(most)
    )
    return list((await connection.execute(counted)).scalars())


async def get_series(
    connection: AsyncConnection, period: Period, names: Sequence[str]
) -> list[Series]:
    """Return the latest measurements of each measure; that they were read is audited."""
    rows = (await connection.execute(_latest(period, names))).mappings()
    return [_series(list(group)) for _, group in groupby(rows, lambda row: row["name"])]


def _measured() -> FromClause:
    """Values of the catalog's measures, with their assessments."""
    of_assessment = and_(
        ASSESSMENTS.c.organization_id == VALUES.c.organization_id,
        ASSESSMENTS.c.user_id == VALUES.c.user_id,
        ASSESSMENTS.c.id == VALUES.c.assessment_id,
    )
    named = VALUES.join(CATALOG, CATALOG.c.id == VALUES.c.biomarker_id)
    return named.join(ASSESSMENTS, of_assessment)


def _latest(period: Period, names: Sequence[str]) -> Select[Any]:
    latest_first = (VALUES.c.measured_at.desc(), VALUES.c.assessment_id.desc())
    ranked = (
        select(
            CATALOG.c.id.label("biomarker_id"),
            *(CATALOG.c[name] for name in OF_MEASURE),
            *(VALUES.c[name] for name in ("user_id", "measured_at", "assessment_id", *OF_VALUE)),
            _review().label("review"),
            func.row_number().over(partition_by=CATALOG.c.id, order_by=latest_first).label("place"),
        )
        .select_from(_measured())
        .where(*period.conditions, CATALOG.c.name.in_(names))
        .subquery("ranked")
    )
    # One more than is shown tells whether there are earlier ones.
    page = select(ranked).where(ranked.c.place <= MOST_MEASUREMENTS + 1)
    read = audited(page, "biomarker_values")
    told = read.selected_columns
    return read.order_by(told.biomarker_id, told.place.desc())


def _review() -> ColumnElement[str]:
    signed = exists().where(
        SIGN_OFFS.c.organization_id == ASSESSMENTS.c.organization_id,
        SIGN_OFFS.c.user_id == ASSESSMENTS.c.user_id,
        SIGN_OFFS.c.assessment_id == ASSESSMENTS.c.id,
    )
    return case(
        (signed, literal(REVIEWED)),
        (ASSESSMENTS.c.requires_review, literal(WAITING)),
        else_=literal(UNREVIEWED),
    )


def _series(rows: Sequence[RowMapping]) -> Series:
    return Series(
        pipeline=PipelineName(rows[0]["pipeline"]),
        description=rows[0]["description"],
        measurements=[_measurement(row) for row in rows[-MOST_MEASUREMENTS:]],
        is_continued=len(rows) > MOST_MEASUREMENTS,
    )


def _measurement(row: RowMapping) -> Measurement:
    of_measure = {name: row[name] for name in ("name", "unit", "category")}
    of_value = {name: row[name] for name in OF_VALUE}
    of_value["status"] = BiomarkerStatus(row["status"])
    return Measurement(
        value=Value(**of_measure, **of_value, citation=None),
        measured_at=row["measured_at"],
        assessment_id=row["assessment_id"],
        review=row["review"],
    )
