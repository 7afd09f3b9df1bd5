"""People, as far as the caller may know of them."""

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

from shared.database.repositories.tables import ORGANIZATION, SCOPE, USERS
from shared.permissions import Scope


async def is_within_reach(connection: AsyncConnection, person_id: UUID) -> bool:
    """Say whether the caller may be told of records of this person, or that there are none."""
    rows = await connection.execute(_within_reach(), {"person_id": person_id})
    return rows.first() is not None


@cache
def _within_reach() -> Select[Any]:
    """Researchers reach the records of those who agreed, though not the people themselves."""
    person = bindparam("person_id", type_=Uuid)
    known = select(USERS.c.id).where(USERS.c.organization_id == ORGANIZATION, USERS.c.id == person)
    agreed = and_(SCOPE == Scope.RESEARCH, person.in_(select(func.medilens.consented())))
    return select(literal_column("1")).where(or_(known.exists(), agreed))
