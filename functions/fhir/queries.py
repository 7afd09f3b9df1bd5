"""The people and the organization around a record, as far as the caller may know of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, RowMapping, Select, Uuid, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.organization import Organization
from shared.database.models.user import PersonIdentifier, User
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import ORGANIZATION

PEOPLE = table_of(User)
IDENTIFIERS = table_of(PersonIdentifier)
ORGANIZATIONS = table_of(Organization)


@dataclass(frozen=True)
class Identifier:
    """What a system of the clinic calls a person."""

    system: str
    value: str


@dataclass(frozen=True)
class Person:
    """A person examined; what the caller may not know is None."""

    id: UUID
    first_name: str | None = None
    last_name: str | None = None
    date_of_birth: date | None = None
    sex_at_birth: str | None = None
    gender: str | None = None
    is_active: bool = True
    updated_at: datetime | None = None
    identifiers: tuple[Identifier, ...] = ()

    @property
    def name(self) -> str | None:
        """The name as a report shows it: surname first."""
        return ", ".join(filter(None, (self.last_name, self.first_name))) or None


@dataclass(frozen=True)
class Issuer:
    """The organization that issues what leaves, and its settings."""

    id: UUID
    name: str
    settings: Mapping[str, Any]


COLUMNS = tuple(
    name for name in Person.__dataclass_fields__ if name not in {"identifiers", "updated_at"}
)


async def get_people(connection: AsyncConnection, ids: Iterable[UUID]) -> Mapping[UUID, Person]:
    """Return people by their ids, and write that each was read.

    A researcher reaches nobody here: then a person is an id alone.
    """
    rows = await connection.execute(_people(), {"ids": list(ids)})
    return {row["id"]: _person(row) for row in rows.mappings()}


async def get_person(connection: AsyncConnection, person_id: UUID) -> Person:
    people = await get_people(connection, [person_id])
    return people.get(person_id, Person(person_id))


def _person(row: RowMapping) -> Person:
    identifiers = tuple(Identifier(**pair) for pair in row["identifiers"])
    columns = {name: row[name] for name in COLUMNS}
    return Person(**columns, updated_at=row["changed_at"], identifiers=identifiers)


@cache
def _people() -> Select[Any]:
    pairs = func.jsonb_build_object("system", IDENTIFIERS.c.system, "value", IDENTIFIERS.c.value)
    identifiers = (
        select(func.coalesce(func.jsonb_agg(pairs), func.jsonb_build_array()))
        .where(
            IDENTIFIERS.c.organization_id == PEOPLE.c.organization_id,
            IDENTIFIERS.c.user_id == PEOPLE.c.id,
            IDENTIFIERS.c.deleted_at.is_(None),
        )
        .scalar_subquery()
    )
    rows = select(
        *(PEOPLE.c[name] for name in COLUMNS),
        func.coalesce(PEOPLE.c.updated_at, PEOPLE.c.created_at).label("changed_at"),
        identifiers.label("identifiers"),
        PEOPLE.c.id.label("user_id"),
    ).where(
        PEOPLE.c.organization_id == ORGANIZATION,
        PEOPLE.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
        PEOPLE.c.deleted_at.is_(None),
    )
    return audited(rows, "users", resource="id")


async def get_names(connection: AsyncConnection, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return the names of professionals, as far as they have any."""
    if not ids:
        return {}
    rows = await connection.execute(_names(), {"ids": list(ids)})
    named = ((row.id, " ".join(filter(None, (row.first_name, row.last_name)))) for row in rows)
    return {key: name for key, name in named if name}


@cache
def _names() -> Select[Any]:
    return select(PEOPLE.c.id, PEOPLE.c.first_name, PEOPLE.c.last_name).where(
        PEOPLE.c.organization_id == ORGANIZATION,
        PEOPLE.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
    )


async def get_issuer(connection: AsyncConnection) -> Issuer:
    columns = (ORGANIZATIONS.c.id, ORGANIZATIONS.c.name, ORGANIZATIONS.c.settings)
    rows = await connection.execute(select(*columns).where(ORGANIZATIONS.c.id == ORGANIZATION))
    return Issuer(*rows.one())
