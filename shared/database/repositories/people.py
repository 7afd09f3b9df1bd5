"""People, as far as the caller may know of them."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
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
from shared.database.repositories.tables import ORGANIZATION, SCOPE, USERS
from shared.errors import NotFound
from shared.permissions import Scope
from shared.person_conflicts import PersonMerged


async def is_within_reach(connection: AsyncConnection, person_id: UUID) -> bool:
    """Say whether the caller may be told of records of this person, or that there are none."""
    rows = await connection.execute(_within_reach(), {"person_id": person_id})
    return rows.first() is not None


async def get_standing(connection: AsyncConnection, person_id: UUID) -> UUID:
    """Return whose record stands for a person: after a merge another's.

    Whoever asks about the duplicate is answered about the survivor, if that person is within reach.

    Raises
    ------
    NotFound
    """
    rows = await connection.execute(_standing(), {"person_id": person_id})
    standing: UUID | None = rows.scalar_one_or_none()
    if standing is None:
        raise no_such_person(person_id)
    return standing


def no_such_person(person_id: UUID) -> NotFound:
    """Answer for a person who is not there, or out of the caller's reach."""
    return NotFound("There is no such person.", resource_type="users", resource_id=person_id)


async def require_standing(connection: AsyncConnection, person_id: UUID) -> None:
    """Refuse to change what belongs to a person out of reach, or whom another record stands for.

    Raises
    ------
    NotFound, PersonMerged
    """
    check_standing(person_id, await get_standing(connection, person_id))


def check_standing(person_id: UUID, standing: UUID) -> None:
    """Refuse to change what belongs to a person whom another record stands for.

    Raises
    ------
    PersonMerged
    """
    if standing != person_id:
        raise PersonMerged(standing)


async def find_by_identifier(connection: AsyncConnection, system: str, value: str) -> UUID | None:
    """Return the id of the person within reach whom a system of the clinic calls so.

    Of somebody who was merged the other record is named.
    """
    holder = await identifiers.find_holder(connection, system, value)
    if holder is None:
        return None
    rows = await connection.execute(
        select(func.coalesce(USERS.c.merged_into, USERS.c.id)).where(
            USERS.c.organization_id == ORGANIZATION, USERS.c.id == holder
        )
    )
    person_id: UUID | None = rows.scalar_one_or_none()
    return person_id


@cache
def _within_reach() -> Select[Any]:
    return select(literal_column("1")).where(is_reached(bindparam("person_id", type_=Uuid)))


@cache
def _standing() -> Select[Any]:
    asked = bindparam("person_id", type_=Uuid)
    person = select(func.medilens.standing(asked, type_=Uuid).label("id")).subquery("person")
    return select(person.c.id).where(is_reached(person.c.id))


def is_reached(person: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Researchers reach the records of those who agreed, though not the people themselves."""
    known = USERS.alias("known")
    is_known = (
        select(known.c.id)
        .where(known.c.organization_id == ORGANIZATION, known.c.id == person)
        .exists()
    )
    agreed = and_(SCOPE == Scope.RESEARCH, person.in_(select(func.medilens.consented())))
    return or_(is_known, agreed)
