"""Who cares for whom."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.care_assignment import CareAssignment
from shared.database.repositories.assessments import person_named
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7

ASSIGNMENTS = table_of(CareAssignment)
SHOWN = ("id", "clinician_id", "assigned_by", "valid_from", "valid_until")


async def get_assignments(connection: AsyncConnection, person_id: UUID) -> Sequence[RowMapping]:
    rows = await connection.execute(
        select(*(ASSIGNMENTS.c[name] for name in SHOWN))
        .where(ASSIGNMENTS.c.organization_id == ORGANIZATION, ASSIGNMENTS.c.user_id == person_id)
        .order_by(ASSIGNMENTS.c.valid_from.desc(), ASSIGNMENTS.c.id.desc())
    )
    return list(rows.mappings())


async def assign(
    connection: AsyncConnection,
    person_id: UUID,
    clinician_id: UUID,
    valid_until: datetime | None,
) -> None:
    """Have somebody care for a person, as of now.

    Raises
    ------
    NotFound
        The clinician is not of the organization, or the person out of reach.
    """
    statement = insert(ASSIGNMENTS).values(
        id=uuid7(),
        organization_id=ORGANIZATION,
        user_id=person_id,
        clinician_id=clinician_id,
        assigned_by=CALLER,
        valid_until=valid_until,
    )
    with person_named(clinician_id):
        await connection.execute(statement)


async def end(connection: AsyncConnection, person_id: UUID, clinician_id: UUID) -> None:
    """End, as of now, whatever care of a person by a clinician goes on."""
    await connection.execute(
        update(ASSIGNMENTS)
        .where(
            ASSIGNMENTS.c.organization_id == ORGANIZATION,
            ASSIGNMENTS.c.user_id == person_id,
            ASSIGNMENTS.c.clinician_id == clinician_id,
            or_(ASSIGNMENTS.c.valid_until.is_(None), ASSIGNMENTS.c.valid_until > func.now()),
        )
        .values(valid_until=func.now())
    )
