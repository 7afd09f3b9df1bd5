"""What an organization, or a person, has had measured."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    RowMapping,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories.tables import ASSESSMENTS, CALLER, ORGANIZATION, SCOPE, TIMESTAMP
from shared.permissions import Scope


async def get_assessment_statistics(
    connection: AsyncConnection, since: datetime, *, subject_id: UUID | None = None
) -> Sequence[RowMapping]:
    """Return one row a pipeline; a mean of nothing is null, never zero.

    It leaves one audit row, also where nothing is counted: of the person whom it is about, or of
    nobody in particular.
    """
    parameters: dict[str, Any] = {"since": since}
    if subject_id:
        parameters["subject_id"] = subject_id
    rows = await connection.execute(_statistics(of_one=subject_id is not None), parameters)
    return [row for row in rows.mappings() if row["pipeline"] is not None]


@cache
def _statistics(*, of_one: bool) -> Select[Any]:
    rows = (
        select(ASSESSMENTS.c.pipeline, *_counts(), *_means())
        .where(
            ASSESSMENTS.c.organization_id == ORGANIZATION,
            ASSESSMENTS.c.created_at >= bindparam("since", type_=TIMESTAMP),
            ASSESSMENTS.c.deleted_at.is_(None),
        )
        .group_by(ASSESSMENTS.c.pipeline)
    )
    person = _person(of_one=of_one)
    if of_one:
        rows = rows.where(ASSESSMENTS.c.user_id == person)
    pipelines = rows.cte("pipelines")
    trace = _trace(pipelines, person).cte("trace")
    return (
        select(pipelines)
        .select_from(trace.outerjoin(pipelines, true()))
        .where(trace.c.written)
        .order_by(pipelines.c.pipeline)
    )


def _counts() -> Iterator[ColumnElement[Any]]:
    waiting = and_(ASSESSMENTS.c.requires_review, ASSESSMENTS.c.reviewed_at.is_(None))
    yield func.count().label("total")
    yield func.count().filter(ASSESSMENTS.c.status == "completed").label("completed")
    yield func.count().filter(ASSESSMENTS.c.status == "failed").label("failed")
    yield func.count().filter(waiting).label("awaiting_review")


def _means() -> Iterator[ColumnElement[Any]]:
    yield func.avg(ASSESSMENTS.c.risk_score).label("mean_risk_score")
    yield func.avg(ASSESSMENTS.c.confidence).label("mean_confidence")
    yield func.avg(ASSESSMENTS.c.quality_score).label("mean_quality_score")
    time_ms = func.avg(ASSESSMENTS.c.processing_time_ms)
    yield cast(time_ms, Float).label("mean_processing_time_ms")


def _person(*, of_one: bool) -> ColumnElement[Any]:
    """The person named, else the caller where they reach nobody else, else null."""
    if of_one:
        return bindparam("subject_id", type_=Uuid)
    return case((SCOPE == Scope.OWN, CALLER), else_=null())


def _trace(pipelines: CTE, person: ColumnElement[Any]) -> Select[Any]:
    counted = select(func.coalesce(func.sum(pipelines.c.total), 0)).scalar_subquery()
    return select(
        func.medilens.audit_read(
            literal_column("'statistics'"),
            literal_column("NULL::uuid"),
            cast(person, Uuid),
            func.jsonb_build_object(literal_column("'rows'"), counted),
        ).label("written")
    )
