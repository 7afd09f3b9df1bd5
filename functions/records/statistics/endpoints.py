from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.statistics import service
from functions.records.statistics.schemas import Statistics
from shared.http.dependencies import allowed
from shared.permissions import Permission

router = APIRouter(tags=["records"])

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]


@router.get("/statistics")
async def statistics(
    connection: Reading,
    days: Annotated[int, Query(ge=1, le=36_525)] = 30,
    subject_id: Annotated[UUID | None, Query(description="Only assessments of this person")] = None,
) -> Statistics:
    """Count and average what the caller may see, by pipeline."""
    return await service.assessment_statistics(connection, days=days, subject_id=subject_id)
