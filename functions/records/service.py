"""Reading back what was measured, and deciding about it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records import cursor as cursors
from functions.records import queries
from functions.records.schemas import (
    AssessmentPage,
    AssessmentQuery,
    BiomarkerHistory,
    PipelineStatistics,
    Statistics,
)
from shared.caller import Caller
from shared.database.repositories import assessments, biomarkers, people
from shared.database.repositories.assessments import Filters
from shared.database.repositories.biomarkers import POINT
from shared.errors import Gone, NotFound
from shared.examination.change import RETESTS, UNKNOWN_RETEST_ERROR, Change, Point, history_changes
from shared.examination.request import CLOCK_SKEW
from shared.schemas import AssessmentRead, AssessmentSummary


async def list_assessments(
    connection: AsyncConnection, caller: Caller, wanted: AssessmentQuery
) -> AssessmentPage:
    filters = Filters(**wanted.model_dump(exclude={"limit", "cursor"}))
    before = cursors.decode(wanted.cursor, caller, filters) if wanted.cursor else None
    # One row more than asked for tells whether there is another page.
    rows = await assessments.get_user_assessments(
        connection, filters, limit=wanted.limit + 1, before=before
    )
    items = [AssessmentSummary.from_row(dict(row)) for row in rows[: wanted.limit]]
    more = len(rows) > wanted.limit
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
        No biomarker has this name, or nobody within the caller's reach is this person.
    """
    since, until = _days_ago(days), datetime.now(UTC) + CLOCK_SKEW
    row = await biomarkers.get_user_biomarker_history(
        connection, name, since, until, subject_id=subject_id
    )
    if row is None:
        raise NotFound(f"No biomarker is called '{name}'.", resource_type="biomarkers")
    if row["value"] is None and not await people.is_within_reach(connection, row["user_id"]):
        raise NotFound(
            "There is no such person.", resource_type="users", resource_id=row["user_id"]
        )
    retest, before = RETESTS.get(name), False
    if retest:
        before = await biomarkers.was_measured_before(connection, name, row["user_id"], since)
    points = _points(row, measured_before=before)
    low, high = row["normal_range_min"], row["normal_range_max"]
    return BiomarkerHistory.model_validate(
        {
            "name": row["name"],
            "unit": row["unit"],
            "category": row["category"],
            "subject_id": row["user_id"],
            "days": days,
            "points": points,
            "reference": None
            if low is None and high is None
            else {"low": low, "high": high, "source": row["source"]},
            "trend": None
            if row["slope_per_day"] is None
            else {"slope_per_day": row["slope_per_day"], "points": len(points)},
            "retest": retest,
            "warnings": [] if retest else [UNKNOWN_RETEST_ERROR],
        }
    )


def _points(row: RowMapping, *, measured_before: bool) -> list[dict[str, Any]]:
    if row["value"] is None:  # an aggregate over no rows
        return []
    changes = _changes(row, measured_before=measured_before)
    columns = zip(*(row[name] for name in POINT), changes, strict=True)
    return [dict(zip((*POINT, "change"), values, strict=True)) for values in columns]


def _changes(row: RowMapping, *, measured_before: bool) -> Iterable[Change | None]:
    """Judge every value, where it is known how values differ without any change."""
    if row["name"] not in RETESTS:
        return repeat(None, len(row["value"]))
    times = map(datetime.fromisoformat, row["measured_at"])
    points = map(Point, row["value"], times, row["method"])
    return history_changes(row["name"], list(points), measured_before=measured_before)


async def assessment_statistics(
    connection: AsyncConnection, *, days: int, subject_id: UUID | None
) -> Statistics:
    rows = await queries.get_assessment_statistics(
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
