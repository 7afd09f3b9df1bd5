from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records import chart, history, service
from functions.records.schemas import (
    AssessmentPage,
    AssessmentQuery,
    BiomarkerHistory,
    ReviewCreate,
    Statistics,
)
from shared.drawing.svg import MEDIA_TYPE
from shared.errors import AnalysisUnfinished, Gone, NotFound
from shared.examination.not_again import InputNotStored
from shared.examination.request import IdempotencyKey
from shared.http.cursor import InvalidCursor
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.http.preconditions import (
    IfMatch,
    PreconditionFailed,
    PreconditionRequired,
    entity_tag,
)
from shared.permissions import Permission
from shared.schemas import AssessmentRead

router = APIRouter(tags=["records"])

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]
Reviewing = Annotated[AsyncConnection, allowed(Permission.REVIEW_ASSESSMENTS)]
Deleting = Annotated[AsyncConnection, allowed(Permission.DELETE_ASSESSMENTS)]
Restoring = Annotated[AsyncConnection, allowed(Permission.RESTORE_ASSESSMENTS)]

CHART: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}, "example": "<svg/>"}}},
    **refusals(NotFound),
}

Days = Annotated[int, Query(ge=1, le=36_525)]
Subject = Annotated[UUID | None, Query(description="The person; by default the caller")]


@router.get("/assessments", responses=refusals(InvalidCursor))
async def list_assessments(
    connection: Reading,
    caller: CurrentCaller,
    wanted: Annotated[AssessmentQuery, Query()],
) -> AssessmentPage:
    """List what the caller may see, newest first."""
    return await service.list_assessments(connection, caller, wanted)


@router.get("/assessments/{assessment_id}", responses=refusals(NotFound, Gone))
async def get_assessment(
    connection: Reading, response: Response, assessment_id: UUID
) -> AssessmentRead:
    """Show one assessment whole, with all its sign-offs."""
    return _tagged(response, await service.get_assessment(connection, assessment_id))


@router.post(
    "/assessments/{assessment_id}/review",
    responses=refusals(
        NotFound, Gone, AnalysisUnfinished, PreconditionFailed, PreconditionRequired
    ),
)
async def review(
    connection: Reviewing,
    response: Response,
    assessment_id: UUID,
    review: ReviewCreate,
    precondition: IfMatch,
) -> AssessmentRead:
    """Sign off a completed or failed assessment; earlier sign-offs stay.

    Where there are any, `If-Match` has to name the state that was seen.
    """
    return _tagged(
        response, await service.review(connection, assessment_id, review.note, precondition)
    )


@router.delete(
    "/assessments/{assessment_id}",
    status_code=204,
    responses=refusals(NotFound, Gone, PreconditionFailed),
)
async def delete(connection: Deleting, assessment_id: UUID, precondition: IfMatch) -> None:
    """Hide an assessment everywhere; nothing is destroyed, and an admin can restore it."""
    await service.delete(connection, assessment_id, precondition)


@router.post(
    "/assessments/{assessment_id}/restore", responses=refusals(NotFound, PreconditionFailed)
)
async def restore(
    connection: Restoring, response: Response, assessment_id: UUID, precondition: IfMatch
) -> AssessmentRead:
    """Bring a deleted assessment back."""
    return _tagged(response, await service.restore(connection, assessment_id, precondition))


def _tagged(response: Response, assessment: AssessmentRead) -> AssessmentRead:
    response.headers["ETag"] = entity_tag(assessment.revision)
    return assessment


@router.post(
    "/assessments/{assessment_id}/analyze-again",
    status_code=202,
    response_model=AssessmentRead,
    responses=refusals(NotFound, Gone, AnalysisUnfinished, InputNotStored)
    | {307: {"description": "Where there is no queue: ask the pipeline, at `Location`"}},
)
async def analyze_again(
    caller: CurrentCaller, assessment_id: UUID, idempotency_key: IdempotencyKey = None
) -> Response:
    """Have the stored recording of an assessment analyzed anew, as a new assessment."""
    return await service.analyze_again(caller, assessment_id, idempotency_key)


@router.get("/biomarkers/{name}/history", responses=refusals(NotFound))
async def biomarker_history(
    connection: Reading,
    name: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")],
    days: Days = 90,
    subject_id: Subject = None,
) -> BiomarkerHistory:
    """Show one person's biomarker over time, with its reference band and trend."""
    return await history.biomarker_history(connection, name, days=days, subject_id=subject_id)


@router.get("/biomarkers/{name}/history/chart", response_class=Response, responses=CHART)
async def biomarker_chart(
    connection: Reading,
    name: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")],
    days: Days = 90,
    subject_id: Subject = None,
    form: Annotated[
        Literal["wide", "narrow"], Query(description="For a page, or for a telephone")
    ] = "wide",
) -> Response:
    """Draw one person's biomarker over time, with its reference band and its change band."""
    values = await history.biomarker_history(connection, name, days=days, subject_id=subject_id)
    drawing = chart.draw(values, chart.NARROW if form == "narrow" else chart.WIDE)
    return Response(drawing.content, media_type=MEDIA_TYPE)


@router.get("/statistics")
async def statistics(
    connection: Reading,
    days: Days = 30,
    subject_id: Annotated[UUID | None, Query(description="Only assessments of this person")] = None,
) -> Statistics:
    """Count and average what the caller may see, by pipeline."""
    return await history.assessment_statistics(connection, days=days, subject_id=subject_id)
