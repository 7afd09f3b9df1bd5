"""What has to be known before a recording is analyzed: of the organization, and of the person."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, Select, Text, Uuid, and_, bindparam, case, func, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import people
from shared.database.repositories.tables import ASSESSMENTS, CALLER, ORGANIZATION, USERS
from shared.person_conflicts import PersonErased


@dataclass(frozen=True)
class Terms:
    """On which terms an organization has a person's recording analyzed.

    `models_allowed` are the names of operator's models; None is all of them. Birth date and sex
    are those of the person, as far as they are known.
    """

    models_allowed: frozenset[str] | None
    time_zone: ZoneInfo
    date_of_birth: date | None
    sex_at_birth: str | None


async def get_terms(
    connection: AsyncConnection,
    person_id: UUID | None,
    *,
    coming: int,
    idempotency_key: str | None = None,
) -> Terms:
    """Return the terms for a person within reach (default: the caller), in one round trip.

    Raises
    ------
    NotFound, PersonMerged, PersonErased
    QuotaUsedUp
        Where `coming` analyses more would be too many for today; what the caller has stored under
        the key before is no other one.
    """
    given: dict[str, Any] = {"coming": coming, "key": idempotency_key}
    if person_id:
        given["person_id"] = person_id
    row = (await connection.execute(_terms(of_caller=person_id is None), given)).one()
    if person_id:
        if not row.is_reached:
            raise people.no_such_person(person_id)
        people.check_standing(person_id, row.standing)
        if row.deleted_at:
            raise PersonErased
    names = row.told["models_allowed"]
    return Terms(
        models_allowed=None if names is None else frozenset(names),
        time_zone=ZoneInfo(row.told["time_zone"]),
        date_of_birth=row.date_of_birth,
        sex_at_birth=row.sex_at_birth,
    )


@cache
def _terms(*, of_caller: bool) -> Select[Any]:
    person = CALLER if of_caller else bindparam("person_id", type_=Uuid)
    stored_before = (
        select(ASSESSMENTS.c.id)
        .where(
            ASSESSMENTS.c.organization_id == ORGANIZATION,
            ASSESSMENTS.c.created_by == CALLER,
            ASSESSMENTS.c.idempotency_key == bindparam("key", type_=Text),
        )
        .exists()
    )
    coming = case((stored_before, 0), else_=bindparam("coming", type_=Integer))
    told = select(func.medilens.analysis_terms(coming, type_=JSONB).label("told")).subquery("terms")
    # In FROM, so that it is looked up once.
    standing = select(func.medilens.standing(person, type_=Uuid).label("id")).subquery("standing")
    of_person = and_(USERS.c.organization_id == ORGANIZATION, USERS.c.id == person)
    return select(
        told.c.told,
        standing.c.id.label("standing"),
        people.is_reached(standing.c.id).label("is_reached"),
        USERS.c.date_of_birth,
        USERS.c.sex_at_birth,
        USERS.c.deleted_at,
    ).select_from(told.join(standing, true()).outerjoin(USERS, of_person))
