"""An assessment that can be read, and one that there is something to say of."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import stored_assessments
from shared.errors import AnalysisUnfinished, Gone, NotFound
from shared.record import StoredExamination
from shared.vocabulary import AssessmentStatus

UNFINISHED = {AssessmentStatus.PENDING, AssessmentStatus.PROCESSING}
TABLE = "assessments"


async def get_readable(connection: AsyncConnection, assessment_id: UUID) -> StoredExamination:
    """Return an assessment within reach that was not deleted.

    Raises
    ------
    NotFound, Gone
    """
    examination = await stored_assessments.get_assessment(connection, assessment_id)
    if examination is None:
        raise not_found(assessment_id)
    if examination.deleted_at is not None:
        raise gone(assessment_id)
    return examination


async def get_ended(connection: AsyncConnection, assessment_id: UUID) -> StoredExamination:
    """Return an assessment within reach whose analysis was completed, or has failed.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished
    """
    examination = await get_readable(connection, assessment_id)
    if examination.status in UNFINISHED:
        raise AnalysisUnfinished
    return examination


def not_found(assessment_id: UUID) -> NotFound:
    return NotFound("There is no such assessment.", resource_type=TABLE, resource_id=assessment_id)


def gone(assessment_id: UUID) -> Gone:
    return Gone("The assessment was deleted.", resource_type=TABLE, resource_id=assessment_id)
