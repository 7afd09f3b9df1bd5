from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.decisions import service
from functions.records.decisions.schemas import ReviewCreate
from shared.errors import AnalysisUnfinished, Gone, NotFound
from shared.http.dependencies import allowed
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

Reviewing = Annotated[AsyncConnection, allowed(Permission.REVIEW_ASSESSMENTS)]
Deleting = Annotated[AsyncConnection, allowed(Permission.DELETE_ASSESSMENTS)]
Restoring = Annotated[AsyncConnection, allowed(Permission.RESTORE_ASSESSMENTS)]


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
