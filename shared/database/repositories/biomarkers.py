"""Biomarkers over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    extract,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import LateralFromClause

from shared.database.repositories.audit import audited
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CALLER,
    CATALOG,
    ORGANIZATION,
    TIMESTAMP,
    VALUES,
)

A_DAY_S: ColumnElement[int] = literal_column("86400")
POINT = ("measured_at", "value", "assessment_id", "method")


@dataclass(frozen=True)
class History:
    """One person's values of one biomarker, oldest first, column by column.

    The columns are as JSON gives them, times and ids as text: whoever answers with them sends them
    on as they are. `slope_per_day` is the least-squares line's; the band is the latest value's.
    """

    name: str
    unit: str
    category: str
    user_id: UUID
    measured_at: Sequence[str]
    value: Sequence[float]
    assessment_id: Sequence[str]
    method: Sequence[str | None]
    slope_per_day: float | None
    normal_range_min: float | None
    normal_range_max: float | None
    source: str | None


async def get_user_biomarker_history(
    connection: AsyncConnection,
    name: str,
    since: datetime,
    until: datetime,
    *,
    subject_id: UUID | None = None,
) -> History | None:
    """Return the values of `name` in that time, oldest first, or None if there is no such name.

    Both ends prune: without an end every month prepared ahead would be planned for.

    Values of deleted assessments are left out. The points (`measured_at`, `value`,
    `assessment_id` and `method`, each an array) come from the primary key alone; only the band
    that the latest one was judged by is looked up in the table itself, by its whole key.
    """
    parameters: dict[str, Any] = {"name": name, "since": since, "until": until}
    if subject_id:
        parameters["subject_id"] = subject_id
    history = await connection.execute(_history(of_caller=subject_id is None), parameters)
    row = history.mappings().one_or_none()
    if row is None:
        return None
    # An aggregate over no rows is null.
    return History(**{**row, **{column: row[column] or () for column in POINT}})


async def was_measured_before(
    connection: AsyncConnection, name: str, person_id: UUID, before: datetime
) -> bool:
    """Say whether the person has done it earlier, also where that was deleted."""
    parameters = {"name": name, "person_id": person_id, "before": before}
    return (await connection.execute(_measured_before(), parameters)).first() is not None


@cache
def _measured_before() -> Select[Any]:
    biomarker = select(CATALOG.c.id).where(CATALOG.c.name == bindparam("name", type_=Text))
    return (
        select(literal_column("1"))
        .where(
            VALUES.c.organization_id == ORGANIZATION,
            VALUES.c.user_id == bindparam("person_id", type_=Uuid),
            VALUES.c.biomarker_id == biomarker.scalar_subquery(),
            VALUES.c.measured_at < bindparam("before", type_=TIMESTAMP),
        )
        .limit(literal_column("1"))
    )


@cache
def _history(*, of_caller: bool) -> Select[Any]:
    subject: ColumnElement[Any] = CALLER if of_caller else bindparam("subject_id", type_=Uuid)
    sought = (
        VALUES.c.organization_id == ORGANIZATION,
        VALUES.c.user_id == subject,
        VALUES.c.biomarker_id == CATALOG.c.id,
        VALUES.c.measured_at >= bindparam("since", type_=TIMESTAMP),
        VALUES.c.measured_at < bindparam("until", type_=TIMESTAMP),
    )
    points = _points(*sought)
    band = _band_of_latest(points, *sought)
    history = (
        select(
            CATALOG.c.name,
            CATALOG.c.unit,
            CATALOG.c.category,
            subject.label("user_id"),
            *(points.c[history] for history in POINT),
            points.c.slope_per_day,
            *band.c,
        )
        .join_from(CATALOG, points, true())
        .outerjoin(band, true())
        .where(CATALOG.c.name == bindparam("name", type_=Text))
    )
    return audited(history, "biomarker_values", records="value")


def _points(*sought: ColumnElement[bool]) -> LateralFromClause:
    """Each column of all points as one JSON array.

    As rows they cost four times as much to decode; for arrays of Postgres' own types the driver
    asks each new connection what they are, which is four round trips. The months of the key
    follow one another in order, so the rows come sorted and no aggregate sorts them again.
    """
    rows = (
        select(*(VALUES.c[column] for column in POINT))
        .where(*sought, ~_deleted())
        .order_by(VALUES.c.measured_at)
        .correlate(CATALOG)
        .subquery("point")
    )
    ids = func.array_agg(rows.c.assessment_id)
    days = extract("epoch", rows.c.measured_at) / A_DAY_S
    return select(
        *(func.json_agg(rows.c[column], type_=JSON).label(column) for column in POINT),
        func.regr_slope(rows.c.value, days).label("slope_per_day"),
        func.max(rows.c.measured_at).label("latest_at"),
        ids[func.count()].label("latest_id"),
    ).lateral("points")


def _band_of_latest(points: LateralFromClause, *sought: ColumnElement[bool]) -> LateralFromClause:
    return (
        select(VALUES.c.normal_range_min, VALUES.c.normal_range_max, VALUES.c.source)
        .where(
            *sought,
            VALUES.c.measured_at == points.c.latest_at,
            VALUES.c.assessment_id == points.c.latest_id,
        )
        # Keeps it a look-up by that key: a plan for any time would read all values instead.
        .limit(literal_column("1"))
        .correlate(CATALOG, points)
        .lateral("band")
    )


def _deleted() -> ColumnElement[bool]:
    return (
        select(ASSESSMENTS.c.id)
        .where(
            ASSESSMENTS.c.organization_id == VALUES.c.organization_id,
            ASSESSMENTS.c.user_id == VALUES.c.user_id,
            ASSESSMENTS.c.id == VALUES.c.assessment_id,
            ASSESSMENTS.c.deleted_at.is_not(None),
        )
        .exists()
    )
