"""What an organization, or a person, has had measured."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Float, RowMapping, Select, Uuid, and_, bindparam, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories.tables import ASSESSMENTS, ORGANIZATION, TIMESTAMP


async def get_assessment_statistics(
    connection: AsyncConnection, since: datetime, *, subject_id: UUID | None = None
) -> Sequence[RowMapping]:
    """Return one row a pipeline; a mean of nothing is null, never zero."""
    parameters: dict[str, Any] = {"since": since}
    if subject_id:
        parameters["subject_id"] = subject_id
    found = await connection.execute(_statistics(of_one=subject_id is not None), parameters)
    rows: Sequence[RowMapping] = found.mappings().all()
    return rows


@cache
def _statistics(*, of_one: bool) -> Select[Any]:
    completed = ASSESSMENTS.c.status == "completed"
    waiting = and_(ASSESSMENTS.c.requires_review, ASSESSMENTS.c.reviewed_at.is_(None))
    statement = (
        select(
            ASSESSMENTS.c.pipeline,
            func.count().label("total"),
            func.count().filter(completed).label("completed"),
            func.count().filter(ASSESSMENTS.c.status == "failed").label("failed"),
            func.count().filter(waiting).label("awaiting_review"),
            func.avg(ASSESSMENTS.c.risk_score).label("mean_risk_score"),
            func.avg(ASSESSMENTS.c.confidence).label("mean_confidence"),
            func.avg(ASSESSMENTS.c.quality_score).label("mean_quality_score"),
            cast(func.avg(ASSESSMENTS.c.processing_time_ms), Float).label(
                "mean_processing_time_ms"
            ),
        )
        .where(
            ASSESSMENTS.c.organization_id == ORGANIZATION,
            ASSESSMENTS.c.created_at >= bindparam("since", type_=TIMESTAMP),
            ASSESSMENTS.c.deleted_at.is_(None),
        )
        .group_by(ASSESSMENTS.c.pipeline)
        .order_by(ASSESSMENTS.c.pipeline)
    )
    if of_one:
        statement = statement.where(ASSESSMENTS.c.user_id == bindparam("subject_id", type_=Uuid))
    return statement
