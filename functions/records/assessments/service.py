"""Reading back what was measured, and measuring it anew."""

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from uuid import UUID

from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.assessments import queries
from functions.records.assessments.queries import Filters
from functions.records.assessments.schemas import AssessmentPage, AssessmentQuery
from shared.caller import Caller
from shared.database.repositories import people
from shared.examination.readable import get_readable
from shared.http.paging import Paging
from shared.pipelines import PipelineName
from shared.schemas import AssessmentRead, AssessmentSummary
from shared.settings import public_path


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
        queries.get_user_assessments,
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
