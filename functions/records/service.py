"""Reading back what was measured, and deciding about it."""

from datetime import UTC, datetime, timedelta
from statistics import linear_regression
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records import cursor as cursors
from functions.records.schemas import (
    AssessmentPage,
    BiomarkerHistory,
    ChangeRead,
    HistoryPoint,
    PipelineStatistics,
    ReferenceBand,
    RetestRead,
    Statistics,
    Trend,
)
from shared.change import RETESTS, Point, history_changes
from shared.database import Caller
from shared.errors import Gone, NotFound
from shared.intake import CLOCK_SKEW
from shared.repositories import assessments, biomarkers, statistics
from shared.repositories.assessments import Filters
from shared.schemas import AssessmentRead, AssessmentSummary

DAY_S = 24 * 60 * 60


async def list_assessments(
    connection: AsyncConnection, caller: Caller, filters: Filters, *, limit: int, cursor: str | None
) -> AssessmentPage:
    before = cursors.decode(cursor, caller, filters) if cursor else None
    # One row more than asked for tells whether there is another page.
    rows = await assessments.get_user_assessments(
        connection, filters, limit=limit + 1, before=before
    )
    items = [AssessmentSummary.from_row(dict(row)) for row in rows[:limit]]
    more = len(rows) > limit
    last = items[-1] if more else None
    return AssessmentPage(
        items=items,
        next_cursor=cursors.encode(last.created_at, last.id, caller, filters) if last else None,
    )


async def get_assessment(connection: AsyncConnection, assessment_id: UUID) -> AssessmentRead:
    """Return an assessment whole.

    Raises
    ------
    NotFound, Gone
    """
    row = await assessments.get_assessment(connection, assessment_id)
    if row is None:
        raise _not_found(assessment_id)
    if row["deleted_at"] is not None:
        raise Gone(
            "The assessment was deleted.", resource_type="assessments", resource_id=assessment_id
        )
    return AssessmentRead.from_row(dict(row))


async def review(
    connection: AsyncConnection, assessment_id: UUID, note: str | None
) -> AssessmentRead:
    await assessments.review_assessment(connection, assessment_id, note=note)
    return await get_assessment(connection, assessment_id)


async def delete(connection: AsyncConnection, assessment_id: UUID) -> None:
    if not await assessments.soft_delete_assessment(connection, assessment_id):
        await get_assessment(connection, assessment_id)


async def restore(connection: AsyncConnection, assessment_id: UUID) -> AssessmentRead:
    """Bring a deleted assessment back; one that is not deleted stays as it is."""
    await assessments.restore_assessment(connection, assessment_id)
    return await get_assessment(connection, assessment_id)


async def biomarker_history(
    connection: AsyncConnection, name: str, *, days: int, subject_id: UUID | None
) -> BiomarkerHistory:
    """Return one person's values of the last `days` days with their band and trend.

    Raises
    ------
    NotFound
        No biomarker has this name.
    """
    row = await biomarkers.get_user_biomarker_history(
        connection, name, _days_ago(days), datetime.now(UTC) + CLOCK_SKEW, subject_id=subject_id
    )
    if row is None:
        raise NotFound(f"No biomarker is called '{name}'.", resource_type="biomarkers")
    points = _points(row)
    retest = RETESTS.get(name)
    limits = (row["normal_range_min"], row["normal_range_max"])
    return BiomarkerHistory(
        name=row["name"],
        unit=row["unit"],
        category=row["category"],
        subject_id=row["user_id"],
        days=days,
        points=points,
        reference=None
        if limits == (None, None)
        else ReferenceBand(low=limits[0], high=limits[1], source=row["source"]),
        trend=_trend(points),
        retest=RetestRead.model_validate(retest) if retest else None,
    )


def _points(row: Any) -> list[HistoryPoint]:
    if row["value"] is None:  # an aggregate over no rows
        return []
    columns = zip(
        row["measured_at"], row["value"], row["assessment_id"], row["method"], strict=True
    )
    measured = [
        (Point(value, datetime.fromisoformat(measured_at), method), assessment_id)
        for measured_at, value, assessment_id, method in columns
    ]
    changes = history_changes(row["name"], [point for point, _ in measured])
    return [
        HistoryPoint(
            measured_at=point.measured_at,
            value=point.value,
            assessment_id=assessment_id,
            method=point.method,
            change=ChangeRead.model_validate(change),
        )
        for (point, assessment_id), change in zip(measured, changes, strict=True)
    ]


def _trend(points: list[HistoryPoint]) -> Trend | None:
    """A line needs two different times."""
    days = [point.measured_at.timestamp() / DAY_S for point in points]
    if len(set(days)) < 2:
        return None
    line = linear_regression([day - days[0] for day in days], [point.value for point in points])
    return Trend(slope_per_day=line.slope, points=len(points))


async def assessment_statistics(
    connection: AsyncConnection, *, days: int, subject_id: UUID | None
) -> Statistics:
    rows = await statistics.get_assessment_statistics(
        connection, _days_ago(days), subject_id=subject_id
    )
    pipelines = [PipelineStatistics.model_validate(dict(row)) for row in rows]
    return Statistics(days=days, total=sum(one.total for one in pipelines), pipelines=pipelines)


def _days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _not_found(assessment_id: UUID) -> NotFound:
    return NotFound(
        "There is no such assessment.", resource_type="assessments", resource_id=assessment_id
    )
