"""Who cares for whom."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.care_assignment import CareAssignment
from shared.database.refusals import state_of
from shared.database.repositories.tables import CALLER, ORGANIZATION, USERS
from shared.errors import Forbidden, MediLensError, NotFound
from shared.identifiers import uuid7

ASSIGNMENTS = table_of(CareAssignment)
# Another tenant's person breaks the composite key; `medilens.check_assignment` raises the others.
NO_CLINICIAN = {"23503", "23514"}
OUTLASTS_THEIR_OWN = "42501"
SHOWN = ("id", "clinician_id", "assigned_by", "valid_from", "valid_until")


async def get_assignments(connection: AsyncConnection, person_id: UUID) -> Sequence[RowMapping]:
    rows = await connection.execute(
        select(*(ASSIGNMENTS.c[name] for name in SHOWN))
        .where(_cares_for(person_id))
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
        The organization has no such clinician.
    Forbidden
        It would last longer than the caller's own care does.
    """
    statement = insert(ASSIGNMENTS).values(
        id=uuid7(),
        organization_id=ORGANIZATION,
        user_id=person_id,
        clinician_id=clinician_id,
        assigned_by=CALLER,
        valid_until=valid_until,
    )
    try:
        await connection.execute(statement)
    except DBAPIError as failure:
        if (refusal := _as_problem(failure, clinician_id)) is None:
            raise
        raise refusal from failure


def _as_problem(failure: DBAPIError, clinician_id: UUID) -> MediLensError | None:
    state = state_of(failure)
    if state in NO_CLINICIAN:
        return NotFound(
            "There is no such clinician.", resource_type="users", resource_id=clinician_id
        )
    if state == OUTLASTS_THEIR_OWN:
        return Forbidden(
            "valid_until: care is handed on for no longer than one's own lasts. Have an admin"
            " prolong it, or somebody whose care lasts longer."
        )
    return None


async def end(connection: AsyncConnection, person_id: UUID, clinician_id: UUID) -> None:
    """End, as of now, whatever care of a person by a clinician goes on."""
    await connection.execute(
        update(ASSIGNMENTS)
        .where(
            _cares_for(person_id),
            ASSIGNMENTS.c.clinician_id == clinician_id,
            or_(ASSIGNMENTS.c.valid_until.is_(None), ASSIGNMENTS.c.valid_until > func.now()),
        )
        .values(valid_until=func.now())
    )


def _cares_for(person_id: UUID) -> ColumnElement[bool]:
    """Care of a person, or of whoever was merged into them: it reaches that person too."""
    merged = select(USERS.c.id).where(
        USERS.c.organization_id == ORGANIZATION, USERS.c.merged_into == person_id
    )
    return and_(
        ASSIGNMENTS.c.organization_id == ORGANIZATION,
        or_(ASSIGNMENTS.c.user_id == person_id, ASSIGNMENTS.c.user_id.in_(merged)),
    )
