"""The people and the organization around a record, as far as the caller may know of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
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
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.search import ALWAYS, Period
from shared.database.encryption.texts import Texts
from shared.database.models.base import table_of
from shared.database.models.consent import Consent
from shared.database.models.organization import Organization
from shared.database.models.role import Role
from shared.database.models.user import User
from shared.database.models.user_role import UserRole
from shared.database.repositories import identifiers, keys, names
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import CALLER, CARE_ASSIGNMENTS, IDENTIFIERS, ORGANIZATION
from shared.permissions import RoleName
from shared.vocabulary import ConsentKind

PEOPLE = table_of(User)
ORGANIZATIONS = table_of(Organization)
HELD = table_of(UserRole)
ROLES = table_of(Role)
CONSENTS = table_of(Consent)
# The people of a group, as far as the caller may know of them.
MEMBERS: Mapping[str, Select[Any]] = MappingProxyType(
    {
        "research": select(CONSENTS.c.user_id).where(
            CONSENTS.c.organization_id == ORGANIZATION,
            CONSENTS.c.kind == ConsentKind.RESEARCH,
            CONSENTS.c.withdrawn_at.is_(None),
        ),
        "care-team": select(CARE_ASSIGNMENTS.c.user_id).where(
            CARE_ASSIGNMENTS.c.organization_id == ORGANIZATION,
            CARE_ASSIGNMENTS.c.clinician_id == CALLER,
            CARE_ASSIGNMENTS.c.valid_from <= func.now(),
            func.coalesce(CARE_ASSIGNMENTS.c.valid_until > func.now(), true()),
        ),
    }
)


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


CHANGED_AT = func.coalesce(PEOPLE.c.updated_at, PEOPLE.c.created_at)
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
        CHANGED_AT.label("changed_at"),
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
    """Return the names of professionals who signed something of the caller's reach."""
    if not ids:
        return {}
    signers = func.medilens.signers(bindparam("ids", type_=ARRAY(Uuid)))
    return await names.get_names(connection, signers, {"ids": list(ids)})


async def get_issuer(connection: AsyncConnection) -> Issuer:
    columns = (ORGANIZATIONS.c.id, ORGANIZATIONS.c.name, ORGANIZATIONS.c.settings)
    rows = await connection.execute(select(*columns).where(ORGANIZATIONS.c.id == ORGANIZATION))
    return Issuer(*rows.one())


@dataclass(frozen=True)
class Sought:
    """Which people are looked for; None leaves a filter out."""

    ids: Sequence[UUID] | None = None
    identifier: Identifier | None = None
    # When they were changed, or deleted.
    changed: Period = ALWAYS
    group: str | None = None
    is_deleted: bool = False


async def find_patients(
    connection: AsyncConnection, sought: Sought, *, after: UUID | None, limit: int
) -> Sequence[UUID]:
    """Return the ids of the people examined here, in their order; whoever works here is none."""
    is_deleted = PEOPLE.c.deleted_at.is_not(None)
    statement = select(PEOPLE.c.id).where(
        PEOPLE.c.organization_id == ORGANIZATION,
        is_deleted if sought.is_deleted else ~is_deleted,
        ~_works_here(),
    )
    if sought.ids is not None:
        statement = statement.where(PEOPLE.c.id.in_(sought.ids))
    if named := sought.identifier:
        holders = await _holders(connection, named.system, named.value)
        statement = statement.where(PEOPLE.c.id.in_(holders))
    if sought.group:
        statement = statement.where(PEOPLE.c.id.in_(MEMBERS[sought.group]))
    statement = statement.where(
        *_within(sought.changed, PEOPLE.c.deleted_at if sought.is_deleted else CHANGED_AT)
    )
    if after:
        statement = statement.where(PEOPLE.c.id > after)
    rows = await connection.execute(statement.order_by(PEOPLE.c.id).limit(limit))
    return list(rows.scalars())


def _within(period: Period, moment: ColumnElement[datetime]) -> Iterator[ColumnElement[bool]]:
    if period.start:
        yield moment >= period.start
    if period.end:
        yield moment < period.end


async def _holders(connection: AsyncConnection, system: str | None, value: str) -> Sequence[UUID]:
    """Return who has an identifier of this system, or of any where none is named."""
    systems = [system] if system else await _systems(connection)
    holders = [await identifiers.find_holder(connection, named, value) for named in systems]
    return [holder for holder in holders if holder]


async def _systems(connection: AsyncConnection) -> Sequence[str]:
    """Return the systems that the organization's identifiers are of, which are few."""
    rows = await connection.execute(
        select(IDENTIFIERS.c.system)
        .where(IDENTIFIERS.c.organization_id == ORGANIZATION, IDENTIFIERS.c.deleted_at.is_(None))
        .distinct()
    )
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
    connection: AsyncConnection,
    *,
    people: Sequence[UUID] = (),
    consent_id: UUID | None = None,
    changed: Period = ALWAYS,
) -> Sequence[ConsentGiven]:
    """Return what people agreed to, or one consent by its id, newest first, and write it down."""
    own = CONSENTS.c.id == consent_id if consent_id else CONSENTS.c.user_id.in_(people)
    changed_at = func.coalesce(CONSENTS.c.withdrawn_at, CONSENTS.c.created_at)
    rows = select(
        *(CONSENTS.c[name] for name in ("id", "user_id", "kind", "text_version")),
        CONSENTS.c.created_at.label("given_at"),
        CONSENTS.c.withdrawn_at,
    ).where(CONSENTS.c.organization_id == ORGANIZATION, own, *_within(changed, changed_at))
    page = audited(rows, "consents")
    listed = await connection.execute(page.order_by(page.selected_columns.id.desc()))
    return [ConsentGiven(**row) for row in listed.mappings()]
