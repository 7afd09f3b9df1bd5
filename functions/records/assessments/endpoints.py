from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.assessments import service
from functions.records.assessments.schemas import AssessmentPage, AssessmentQuery
from shared.errors import AnalysisUnfinished, Gone, NotFound
from shared.examination.not_again import InputNotStored
from shared.examination.request import IdempotencyKey
from shared.http.cursor import InvalidCursor
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.http.preconditions import entity_tag
from shared.permissions import Permission
from shared.schemas import AssessmentRead

router = APIRouter(tags=["records"])

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]


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
    assessment = await service.get_assessment(connection, assessment_id)
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
