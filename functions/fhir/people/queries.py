"""The people and the organization around a record, as far as the caller may know of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    RowMapping,
    Select,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.encryption.texts import Texts
from shared.database.models.base import table_of
from shared.database.models.consent import Consent
from shared.database.models.organization import Organization
from shared.database.models.role import Role, UserRole
from shared.database.models.user import User
from shared.database.repositories import identifiers, keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import ORGANIZATION
from shared.permissions import RoleName

PEOPLE = table_of(User)
ORGANIZATIONS = table_of(Organization)
HELD = table_of(UserRole)
ROLES = table_of(Role)
CONSENTS = table_of(Consent)


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
    # The record that stands for this one too, of somebody who was registered twice.
    merged_into: UUID | None = None
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
    rows = (await connection.execute(_people(), {"ids": list(ids)})).mappings().all()
    reader = await keys.reader(connection, rows)
    return {row["id"]: _person(row, reader.texts(row)) for row in rows}


async def get_person(connection: AsyncConnection, person_id: UUID) -> Person:
    people = await get_people(connection, [person_id])
    return people.get(person_id, Person(person_id))


def _person(row: RowMapping, texts: Texts) -> Person:
    named = tuple(Identifier(**pair) for pair in identifiers.opened(texts, row["identifiers"]))
    told = texts.opened_columns("users", row["id"], row)
    columns = {name: told[name] for name in COLUMNS}
    return Person(**columns, updated_at=row["changed_at"], identifiers=named)


@cache
def _people() -> Select[Any]:
    rows = select(
        *(PEOPLE.c[name] for name in COLUMNS),
        func.coalesce(PEOPLE.c.updated_at, PEOPLE.c.created_at).label("changed_at"),
        identifiers.of_person(PEOPLE),
        PEOPLE.c.id.label("user_id"),
        PEOPLE.c.organization_id,
        keys.wrapped_key(PEOPLE, "id"),
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
    rows = (await connection.execute(_names(), {"ids": list(ids)})).mappings().all()
    reader = await keys.reader(connection, rows)
    told = (reader.texts(row).opened_columns("users", row["user_id"], row) for row in rows)
    named = {row["user_id"]: (row["first_name"], row["last_name"]) for row in told}
    return {key: " ".join(filter(None, names)) for key, names in named.items() if any(names)}


@cache
def _names() -> Select[Any]:
    return select(
        *(PEOPLE.c[name] for name in ("organization_id", "first_name", "last_name")),
        PEOPLE.c.id.label("user_id"),
        keys.wrapped_key(PEOPLE, "id"),
    ).where(
        PEOPLE.c.organization_id == ORGANIZATION,
        PEOPLE.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
    )


async def get_issuer(connection: AsyncConnection) -> Issuer:
    columns = (ORGANIZATIONS.c.id, ORGANIZATIONS.c.name, ORGANIZATIONS.c.settings)
    rows = await connection.execute(select(*columns).where(ORGANIZATIONS.c.id == ORGANIZATION))
    return Issuer(*rows.one())


async def find_patients(
    connection: AsyncConnection,
    ids: Sequence[UUID] | None,
    identifier: Identifier | None,
    *,
    after: UUID | None,
    limit: int,
) -> Sequence[UUID]:
    """Return the ids of the people examined here, in their order; whoever works here is none."""
    statement = select(PEOPLE.c.id).where(
        PEOPLE.c.organization_id == ORGANIZATION, PEOPLE.c.deleted_at.is_(None), ~_works_here()
    )
    if ids is not None:
        statement = statement.where(PEOPLE.c.id.in_(ids))
    if identifier:
        named = await identifiers.find_holders(connection, identifier.system, identifier.value)
        statement = statement.where(PEOPLE.c.id.in_(named))
    if after:
        statement = statement.where(PEOPLE.c.id > after)
    rows = await connection.execute(statement.order_by(PEOPLE.c.id).limit(limit))
    return list(rows.scalars())


def _works_here() -> ColumnElement[bool]:
    return (
        select(literal_column("1"))
        .select_from(HELD)
        .join(ROLES, HELD.c.role_id == ROLES.c.id)
        .where(
            HELD.c.organization_id == PEOPLE.c.organization_id,
            HELD.c.user_id == PEOPLE.c.id,
            HELD.c.revoked_at.is_(None),
            ROLES.c.name != RoleName.PATIENT,
        )
        .correlate(PEOPLE)
        .exists()
    )


@dataclass(frozen=True)
class ConsentGiven:
    """What a person agreed to, by which version of a text."""

    id: UUID
    user_id: UUID
    kind: str
    text_version: str
    given_at: datetime
    withdrawn_at: datetime | None


async def get_consents(
    connection: AsyncConnection, *, person_id: UUID | None = None, consent_id: UUID | None = None
) -> Sequence[ConsentGiven]:
    """Return a person's consents, or one by its id, newest first, and write that it was read."""
    rows = select(
        *(CONSENTS.c[name] for name in ("id", "user_id", "kind", "text_version")),
        CONSENTS.c.created_at.label("given_at"),
        CONSENTS.c.withdrawn_at,
    ).where(
        CONSENTS.c.organization_id == ORGANIZATION,
        CONSENTS.c.id == consent_id if consent_id else CONSENTS.c.user_id == person_id,
    )
    page = audited(rows, "consents")
    listed = await connection.execute(page.order_by(page.selected_columns.id.desc()))
    return [ConsentGiven(**row) for row in listed.mappings()]
