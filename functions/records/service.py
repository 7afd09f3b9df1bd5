"""Reading back what was measured, and deciding about it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import repeat
from typing import Any
from uuid import UUID

from fastapi.responses import Response
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
from shared.database.repositories import (
    assessment_changes,
    assessment_list,
    assessments,
    biomarkers,
    people,
)
from shared.database.repositories.assessment_changes import State
from shared.database.repositories.assessment_list import Filters
from shared.database.repositories.biomarkers import POINT, History
from shared.errors import Conflict, Gone, NotFound
from shared.examination.change import RETESTS, UNKNOWN_RETEST_ERROR, Change, Point, history_changes
from shared.examination.request import CLOCK_SKEW
from shared.http.preconditions import Precondition, PreconditionFailed, PreconditionRequired
from shared.pipelines import PipelineName
from shared.schemas import AssessmentRead, AssessmentSummary
from shared.settings import public_path


async def list_assessments(
    connection: AsyncConnection, caller: Caller, wanted: AssessmentQuery
) -> AssessmentPage:
    filters = Filters(**wanted.model_dump(exclude={"limit", "cursor"}))
    before = cursors.decode(wanted.cursor, caller, filters) if wanted.cursor else None
    # One row more than asked for tells whether there is another page.
    rows = await assessment_list.get_user_assessments(
        connection, filters, limit=wanted.limit + 1, before=before
    )
    if not rows and wanted.subject_id:
        await _reach(connection, wanted.subject_id)
    items = [AssessmentSummary.model_validate(row) for row in rows[: wanted.limit]]
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
    found = await assessments.get_assessment(connection, assessment_id)
    if found is None:
        raise _not_found(assessment_id)
    if found.deleted_at is not None:
        raise _gone(assessment_id)
    return AssessmentRead.of(found)


class Unfinished(Conflict):
    """The assessment is pending or processing: there is nothing to sign off yet."""

    code = "assessment-unfinished"

    def __init__(self) -> None:
        super().__init__("The analysis has not ended. Sign the assessment off when it has.")


async def review(
    connection: AsyncConnection,
    assessment_id: UUID,
    note: str | None,
    seen: Precondition | None,
) -> AssessmentRead:
    """Sign an assessment off, beside whatever sign-offs it has.

    Raises
    ------
    NotFound, Gone, Unfinished, PreconditionRequired, PreconditionFailed
    """
    state = await _state(connection, assessment_id)
    if state.is_deleted:
        raise _gone(assessment_id)
    if not state.is_finished:
        raise Unfinished
    if seen is None and state.is_signed:
        raise PreconditionRequired(
            "The assessment was signed off before. Read it, and send its ETag as If-Match."
        )
    _check(state, seen)
    if not await assessment_changes.sign_off_assessment(
        connection, assessment_id, note=note, revision=state.revision
    ):
        raise PreconditionFailed  # somebody was faster
    return await get_assessment(connection, assessment_id)


async def delete(
    connection: AsyncConnection, assessment_id: UUID, seen: Precondition | None
) -> None:
    revision = await _seen_revision(connection, assessment_id, seen)
    if not await assessment_changes.soft_delete_assessment(
        connection, assessment_id, revision=revision
    ):
        await get_assessment(connection, assessment_id)
        raise PreconditionFailed


async def restore(
    connection: AsyncConnection, assessment_id: UUID, seen: Precondition | None
) -> AssessmentRead:
    """Bring a deleted assessment back; one that is not deleted stays as it is."""
    revision = await _seen_revision(connection, assessment_id, seen)
    await assessment_changes.restore_assessment(connection, assessment_id, revision=revision)
    return await get_assessment(connection, assessment_id)


async def analyze_again(
    caller: Caller, assessment_id: UUID, idempotency_key: str | None
) -> Response:
    """Queue the analysis; without a queue send the caller on to the pipeline, which does it now.

    Raises
    ------
    NotFound, Gone, Forbidden, AnalysisUnfinished, InputNotStored, Unavailable
    """
    # Storage and queue are this one route's.
    from shared.aws import queue
    from shared.examination import again, deferred

    wanted = await again.analysis_again(
        caller, assessment_id, idempotency_key=idempotency_key, respond_async=True
    )
    before = wanted.predecessor
    if not queue.offered():
        place = public_path(f"/api/{before.pipeline}/assessments/{assessment_id}/analyze-again")
        return Response(status_code=HTTPStatus.TEMPORARY_REDIRECT, headers={"Location": place})
    pipeline = (PipelineName(before.pipeline), before.pipeline_version)
    accepted = await deferred.accept(caller, wanted.requested, pipeline, (), wanted.fields)
    headers = {"Location": public_path(f"/api/records/assessments/{accepted.id}")}
    body = accepted.model_dump_json()
    return Response(body, HTTPStatus.ACCEPTED, headers, media_type="application/json")


async def _seen_revision(
    connection: AsyncConnection, assessment_id: UUID, seen: Precondition | None
) -> int | None:
    """Return the revision that a change has to be made to, where the caller names any."""
    if seen is None:
        return None
    state = await _state(connection, assessment_id)
    _check(state, seen)
    return state.revision


async def _state(connection: AsyncConnection, assessment_id: UUID) -> State:
    state = await assessment_changes.get_state(connection, assessment_id)
    if state is None:
        raise _not_found(assessment_id)
    return state


def _check(state: State, seen: Precondition | None) -> None:
    if seen is not None and not seen.holds(state.revision):
        raise PreconditionFailed


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
    history = await biomarkers.get_user_biomarker_history(
        connection, name, since, until, subject_id=subject_id
    )
    if history is None:
        raise NotFound(f"No biomarker is called '{name}'.", resource_type="biomarkers")
    person = history.user_id
    if not history.value:
        await _reach(connection, person)
    retest, before = RETESTS.get(name), False
    if retest:
        before = await biomarkers.was_measured_before(connection, name, person, since)
    low, high, slope = history.normal_range_min, history.normal_range_max, history.slope_per_day
    is_ranged = low is not None or high is not None
    return BiomarkerHistory.model_validate(
        {
            "name": history.name,
            "unit": history.unit,
            "category": history.category,
            "subject_id": person,
            "days": days,
            "points": _points(history, measured_before=before),
            "reference": {"low": low, "high": high, "source": history.source}
            if is_ranged
            else None,
            "trend": None
            if slope is None
            else {"slope_per_day": slope, "points": len(history.value)},
            "retest": retest,
            "warnings": [] if retest else [UNKNOWN_RETEST_ERROR],
        }
    )


def _points(history: History, *, measured_before: bool) -> list[dict[str, Any]]:
    changes = _changes(history, measured_before=measured_before)
    columns = zip(*(getattr(history, name) for name in POINT), changes, strict=True)
    return [dict(zip((*POINT, "change"), values, strict=True)) for values in columns]


def _changes(history: History, *, measured_before: bool) -> Iterable[Change | None]:
    """Judge every value, where it is known how values differ without any change."""
    if history.name not in RETESTS:
        return repeat(None, len(history.value))
    times = map(datetime.fromisoformat, history.measured_at)
    points = map(Point, history.value, times, history.method)
    return history_changes(history.name, list(points), measured_before=measured_before)


async def assessment_statistics(
    connection: AsyncConnection, *, days: int, subject_id: UUID | None
) -> Statistics:
    rows = await queries.get_assessment_statistics(
        connection, _days_ago(days), subject_id=subject_id
    )
    if not rows and subject_id:
        await _reach(connection, subject_id)
    pipelines = [PipelineStatistics.model_validate(dict(row)) for row in rows]
    return Statistics(days=days, total=sum(one.total for one in pipelines), pipelines=pipelines)


async def _reach(connection: AsyncConnection, person: UUID) -> None:
    """Tell nobody that there is nothing of a person of whom they may not be told anything.

    Raises
    ------
    NotFound
    """
    if not await people.is_within_reach(connection, person):
        raise NotFound("There is no such person.", resource_type="users", resource_id=person)


def _days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _gone(assessment_id: UUID) -> Gone:
    return Gone(
        "The assessment was deleted.", resource_type="assessments", resource_id=assessment_id
    )


def _not_found(assessment_id: UUID) -> NotFound:
    return NotFound(
        "There is no such assessment.", resource_type="assessments", resource_id=assessment_id
    )
