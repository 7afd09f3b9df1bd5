"""Counts and means of the days behind, by pipeline."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.statistics import queries
from functions.records.statistics.schemas import PipelineStatistics, Statistics
from shared.database.repositories import people


async def assessment_statistics(
    connection: AsyncConnection, *, days: int, subject_id: UUID | None
) -> Statistics:
    """Count and average the assessments of the last `days` days, by pipeline.

    Raises
    ------
    NotFound
        Nobody within the caller's reach is this person.
    """
    since = datetime.now(UTC) - timedelta(days=days)
    rows = await queries.get_assessment_statistics(connection, since, subject_id=subject_id)
    if not rows and subject_id:
        standing = await people.get_standing(connection, subject_id)
        if standing != subject_id:
            return await assessment_statistics(connection, days=days, subject_id=standing)
    pipelines = [PipelineStatistics.model_validate(dict(row)) for row in rows]
    return Statistics(
        days=days, total=sum(pipeline.total for pipeline in pipelines), pipelines=pipelines
    )
