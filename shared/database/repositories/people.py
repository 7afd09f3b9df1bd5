"""People, as far as the caller may know of them."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import identifiers
from shared.database.repositories.tables import CALLER, ORGANIZATION, SCOPE, USERS
from shared.permissions import Scope


async def is_within_reach(connection: AsyncConnection, person_id: UUID) -> bool:
    """Say whether the caller may be told of records of this person, or that there are none."""
    rows = await connection.execute(_within_reach(), {"person_id": person_id})
    return rows.first() is not None


async def get_survivor(connection: AsyncConnection, person_id: UUID) -> UUID | None:
    """Return whose record stands for a person within reach: another's after a merge."""
    rows = await connection.execute(
        select(func.coalesce(USERS.c.merged_into, USERS.c.id)).where(
            USERS.c.organization_id == ORGANIZATION, USERS.c.id == person_id
        )
    )
    survivor: UUID | None = rows.scalar_one_or_none()
    return survivor


@dataclass(frozen=True)
class Known:
    """What of a person reference ranges are given by."""

    date_of_birth: date | None
    sex_at_birth: str | None


async def find_by_identifier(connection: AsyncConnection, system: str, value: str) -> UUID | None:
    """Return the id of the person within reach whom a system of the clinic calls so.

    Of somebody who was merged the other record is named.
    """
    holder = await identifiers.find_holder(connection, system, value)
    return None if holder is None else await get_survivor(connection, holder)


async def get_known(connection: AsyncConnection, person_id: UUID | None) -> Known | None:
    """Return birth date and sex of a person within reach (default: the caller)."""
    person = CALLER if person_id is None else bindparam("person_id", person_id, type_=Uuid)
    rows = await connection.execute(
        select(USERS.c.date_of_birth, USERS.c.sex_at_birth).where(
            USERS.c.organization_id == ORGANIZATION, USERS.c.id == person
        )
    )
    row = rows.first()
    return Known(*row) if row else None


@cache
def _within_reach() -> Select[Any]:
    """Researchers reach the records of those who agreed, though not the people themselves."""
    person = bindparam("person_id", type_=Uuid)
    known = select(USERS.c.id).where(USERS.c.organization_id == ORGANIZATION, USERS.c.id == person)
    agreed = and_(SCOPE == Scope.RESEARCH, person.in_(select(func.medilens.consented())))
    return select(literal_column("1")).where(or_(known.exists(), agreed))
