"""Reading back what was measured, and deciding about it."""

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from uuid import UUID

from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.schemas import (
    AssessmentPage,
    AssessmentQuery,
)
from shared.caller import Caller
from shared.database.repositories import (
    assessment_changes,
    assessment_list,
    people,
)
from shared.database.repositories.assessment_changes import State
from shared.database.repositories.assessment_list import Filters
from shared.errors import AnalysisUnfinished
from shared.examination.readable import get_readable, gone, not_found
from shared.http.paging import Paging
from shared.http.preconditions import Precondition, PreconditionFailed, PreconditionRequired
from shared.pipelines import PipelineName
from shared.schemas import AssessmentRead, AssessmentSummary
from shared.settings import public_path

SIGNED_BEFORE = "The assessment was signed off before. Read it, and send its ETag as If-Match."


async def list_assessments(
    connection: AsyncConnection, caller: Caller, wanted: AssessmentQuery
) -> AssessmentPage:
    """Return one page of what the caller may see, the newest first.

    Raises
    ------
    NotFound
        Nobody within the caller's reach is the person asked for.
    InvalidCursor
        The cursor is not one of this list.
    """
    filters = Filters(**wanted.model_dump(exclude={"limit", "cursor"}))
    paging = Paging(caller, filters, wanted.limit, wanted.cursor)
    get_page = partial(
        assessment_list.get_user_assessments,
        connection,
        limit=paging.most,
        before=paging.place(UUID),
    )
    rows = await get_page(filters)
    if not rows and wanted.subject_id:
        standing = await people.get_standing(connection, wanted.subject_id)
        if standing != wanted.subject_id:
            rows = await get_page(replace(filters, subject_id=standing))
    page, more = paging.page(rows)
    return AssessmentPage(
        items=[AssessmentSummary.model_validate(row) for row in page], next_cursor=more
    )


async def get_assessment(connection: AsyncConnection, assessment_id: UUID) -> AssessmentRead:
    """Return an assessment whole.

    Raises
    ------
    NotFound, Gone
    """
    return AssessmentRead.of(await get_readable(connection, assessment_id))


async def review(
    connection: AsyncConnection,
    assessment_id: UUID,
    note: str | None,
    precondition: Precondition | None,
) -> AssessmentRead:
    """Sign an assessment off, beside whatever sign-offs it has.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, PreconditionRequired, PreconditionFailed
    """
    state = await _state(connection, assessment_id)
    if state.is_deleted:
        raise gone(assessment_id)
    if not state.is_finished:
        raise AnalysisUnfinished
    if precondition is None and state.is_signed:
        raise PreconditionRequired(SIGNED_BEFORE)
    _check(state, precondition)
    if not await assessment_changes.sign_off_assessment(
        connection, assessment_id, note=note, revision=state.revision
    ):
        raise PreconditionFailed  # somebody was faster
    return await get_assessment(connection, assessment_id)


async def delete(
    connection: AsyncConnection, assessment_id: UUID, precondition: Precondition | None
) -> None:
    """Hide an assessment everywhere, in the state that the caller has seen if one is named.

    Raises
    ------
    NotFound, Gone, PreconditionFailed
    """
    revision = await _seen_revision(connection, assessment_id, precondition)
    if not await assessment_changes.soft_delete_assessment(
        connection, assessment_id, revision=revision
    ):
        await get_assessment(connection, assessment_id)
        raise PreconditionFailed


async def restore(
    connection: AsyncConnection, assessment_id: UUID, precondition: Precondition | None
) -> AssessmentRead:
    """Bring a deleted assessment back; one that is not deleted stays as it is."""
    revision = await _seen_revision(connection, assessment_id, precondition)
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
    connection: AsyncConnection, assessment_id: UUID, precondition: Precondition | None
) -> int | None:
    """Return the revision that a change has to be made to, where the caller names any."""
    if precondition is None:
        return None
    state = await _state(connection, assessment_id)
    _check(state, precondition)
    return state.revision


async def _state(connection: AsyncConnection, assessment_id: UUID) -> State:
    state = await assessment_changes.get_state(connection, assessment_id)
    if state is None:
        raise not_found(assessment_id)
    return state


def _check(state: State, precondition: Precondition | None) -> None:
    if precondition is not None and not precondition.holds(state.revision):
        raise PreconditionFailed
