"""The latest earlier assessment of a lesion, as far as the caller may see it."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Select, Text, Uuid, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.results import results_table
from shared.database.repositories.tables import ASSESSMENTS, CALLER, ORGANIZATION
from shared.vocabulary import AssessmentStatus


async def earlier_assessment_id(
    connection: AsyncConnection, subject_id: UUID | None, lesion_key: str, before: datetime
) -> UUID | None:
    """Find the latest completed assessment of this person's lesion before a moment.

    `subject_id` None stands for the caller. Row-level security hides what the caller may not see.
    """
    parameters = {"subject_id": subject_id, "lesion_key": lesion_key, "before": before}
    row = (await connection.execute(_earlier(), parameters)).first()
    return row[0] if row else None


@cache
def _earlier() -> Select[Any]:
    results = results_table("dermatology")
    return (
        select(ASSESSMENTS.c.id)
        .join_from(
            results,
            ASSESSMENTS,
            and_(
                ASSESSMENTS.c.organization_id == results.c.organization_id,
                ASSESSMENTS.c.user_id == results.c.user_id,
                ASSESSMENTS.c.id == results.c.assessment_id,
            ),
        )
        .where(
            results.c.organization_id == ORGANIZATION,
            results.c.user_id == func.coalesce(bindparam("subject_id", type_=Uuid), CALLER),
            results.c.lesion_key == bindparam("lesion_key", type_=Text),
            ASSESSMENTS.c.status == AssessmentStatus.COMPLETED,
            ASSESSMENTS.c.deleted_at.is_(None),
            ASSESSMENTS.c.recorded_at < bindparam("before", type_=DateTime(timezone=True)),
        )
        .order_by(ASSESSMENTS.c.recorded_at.desc(), ASSESSMENTS.c.id.desc())
        .limit(1)
    )
