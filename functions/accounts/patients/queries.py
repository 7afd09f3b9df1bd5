"""The people whom an organization examines, found, added and changed.

A patient is a person without a login, or with the role of a patient, who holds no other role.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    LargeBinary,
    RowMapping,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.patients.names import Name
from shared.database.encryption.envelope import new_key
from shared.database.encryption.texts import OrganizationKeys, Texts
from shared.database.models.base import table_of
from shared.database.models.person_identifier import PersonIdentifier
from shared.database.models.role import Role
from shared.database.models.user import User
from shared.database.models.user_role import UserRole
from shared.database.repositories import identifiers, keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import ORGANIZATION
from shared.identifiers import uuid7
from shared.permissions import RoleName

PEOPLE = table_of(User)
IDENTIFIERS = table_of(PersonIdentifier)
HELD = table_of(UserRole)
ROLES = table_of(Role)

# What an answer shows of a person, beside the identifiers.
COLUMNS = (
    *("id", "first_name", "last_name", "date_of_birth", "sex_at_birth", "gender", "email"),
    *("phone", "address", "is_active", "revision", "created_at", "updated_at"),
)
TOLD_BY_TOKEN = ("last_name", "date_of_birth")
# Names are compared in the function, so that the database need not be able to read them.
MAX_COMPARED = 5_000


@dataclass(frozen=True)
class Named:
    """A person as far as comparing names needs it."""

    id: UUID
    name: Name


async def get_patients(
    connection: AsyncConnection, ids: Sequence[UUID]
) -> Sequence[Mapping[str, Any]]:
    """Return patients by their ids, in the order of these, and write that they were read."""
    rows = (await connection.execute(_get(), {"ids": list(ids)})).mappings().all()
    reader = await keys.reader(connection, rows)
    return [_opened(reader, row) for row in rows]


def _opened(reader: keys.Reader, row: RowMapping) -> Mapping[str, Any]:
    texts = reader.texts(row)
    named = identifiers.opened(texts, row["identifiers"])
    return {**texts.opened_columns("users", row["id"], row), "identifiers": named}


@cache
def _get() -> Select[Any]:
    rows = select(
        *(PEOPLE.c[name] for name in COLUMNS),
        PEOPLE.c.identity_subject.is_not(None).label("has_login"),
        identifiers.of_person(PEOPLE),
        PEOPLE.c.id.label("user_id"),
        PEOPLE.c.organization_id,
        keys.wrapped_key(PEOPLE, "id"),
    ).where(_is_patient(), PEOPLE.c.id.in_(_standing()))
    page = audited(rows, "users", resource="id")
    return page.order_by(page.selected_columns.id)


def _standing() -> Select[Any]:
    """Whose records stand for those who are asked for: after a merge another's."""
    asked = PEOPLE.alias()
    return select(func.coalesce(asked.c.merged_into, asked.c.id)).where(
        asked.c.organization_id == ORGANIZATION,
        asked.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
    )


def _is_patient() -> ColumnElement[bool]:
    """Whoever works here is managed as a member, not as a patient."""
    roles = (
        select(ROLES.c.name)
        .join(HELD, HELD.c.role_id == ROLES.c.id)
        .where(
            HELD.c.organization_id == PEOPLE.c.organization_id,
            HELD.c.user_id == PEOPLE.c.id,
            HELD.c.revoked_at.is_(None),
        )
        .correlate(PEOPLE)
    )
    is_examined = roles.where(ROLES.c.name == RoleName.PATIENT).exists()
    works_here = roles.where(ROLES.c.name != RoleName.PATIENT).exists()
    return and_(
        PEOPLE.c.organization_id == ORGANIZATION,
        PEOPLE.c.deleted_at.is_(None),
        or_(PEOPLE.c.identity_subject.is_(None), is_examined),
        ~works_here,
    )


async def find_by_identifier(
    connection: AsyncConnection, system: str, value: str, *, include_inactive: bool
) -> Sequence[UUID]:
    """Return the ids of those who have an identifier: one person, or none."""
    holder = await identifiers.find_holder(connection, system, value)
    if holder is None:
        return []
    statement = _found(include_inactive=include_inactive).where(
        PEOPLE.c.id == bindparam("holder", type_=Uuid)
    )
    rows = await connection.execute(statement, {"holder": holder})
    return list(rows.scalars())


async def find_born_on(
    connection: AsyncConnection, day: date, *, include_inactive: bool
) -> Sequence[Named]:
    """Return who was born on a day, in the order of the ids."""
    is_born = PEOPLE.c.date_of_birth == bindparam("day", type_=Date)
    statement = _found(include_inactive=include_inactive).where(is_born)
    return await _named(connection, statement, {"day": day})


async def find_namesakes(
    connection: AsyncConnection, surname: str, day: date, *, include_inactive: bool
) -> Sequence[Named]:
    """Return who has a surname and was born on a day, in the order of the ids.

    By the token of both; whoever has none yet, by the day and the name.
    """
    organization = await keys.get_organization_keys(connection)
    token = PEOPLE.c.surname_token
    statement = _found(include_inactive=include_inactive).where(
        or_(
            token == bindparam("token", type_=LargeBinary),
            and_(token.is_(None), PEOPLE.c.date_of_birth == bindparam("day", type_=Date)),
        )
    )
    wanted = {"token": organization.surname_token(surname, day), "day": day}
    people = await _named(connection, statement, wanted)
    return [person for person in people if person.name.has_surname(surname)]


async def find_names(connection: AsyncConnection, *, include_inactive: bool) -> Sequence[Named]:
    """Return everybody, at most one person more than are compared, in the order of the ids."""
    statement = _found(include_inactive=include_inactive).limit(bindparam("most", type_=Integer))
    return await _named(connection, statement, {"most": MAX_COMPARED + 1})


def _found(*, include_inactive: bool) -> Select[Any]:
    is_shown = true() if include_inactive else PEOPLE.c.is_active
    standing = func.coalesce(PEOPLE.c.merged_into, PEOPLE.c.id).label("id")
    return select(standing).where(_is_patient(), is_shown).order_by(standing)


async def _named(
    connection: AsyncConnection, people: Select[Any], parameters: Mapping[str, Any]
) -> Sequence[Named]:
    statement = people.add_columns(
        *(PEOPLE.c[name] for name in ("organization_id", "first_name", "last_name")),
        PEOPLE.c.id.label("user_id"),
        keys.wrapped_key(PEOPLE, "id"),
    )
    rows = (await connection.execute(statement, parameters)).mappings().all()
    reader = await keys.reader(connection, rows)
    return [_with_name(reader, row) for row in rows]


def _with_name(reader: keys.Reader, row: RowMapping) -> Named:
    texts, person = reader.texts(row), row["user_id"]
    first, last = (
        texts.opened("users", name, person, row[name]) for name in ("first_name", "last_name")
    )
    return Named(row["id"], Name(first, last))


async def add_patient(connection: AsyncConnection, columns: Mapping[str, Any]) -> UUID:
    """Add a patient, with a key of their own for what identifies them."""
    person_id, person_key = uuid7(), new_key()
    organization = await keys.get_organization_keys(connection)
    texts = Texts(organization.organization, person_key)
    sealed = texts.sealed_columns("users", person_id, columns) | _looked_up(organization, columns)
    await connection.execute(
        insert(PEOPLE).values(id=person_id, organization_id=ORGANIZATION, **sealed)
    )
    await keys.add_person_key(connection, organization, person_id, person_key)
    return person_id


async def lock_patient(connection: AsyncConnection, person_id: UUID) -> int | None:
    """Return the revision of a patient, whom nobody else changes until the commit."""
    locked = await connection.execute(
        select(PEOPLE.c.revision)
        .where(_is_patient(), PEOPLE.c.id == person_id, PEOPLE.c.merged_into.is_(None))
        .with_for_update(of=PEOPLE)
    )
    revision: int | None = locked.scalar_one_or_none()
    return revision


async def change_patient(
    connection: AsyncConnection, person_id: UUID, columns: Mapping[str, Any]
) -> None:
    person = await keys.keys_of(connection, person_id)
    is_them = and_(PEOPLE.c.organization_id == ORGANIZATION, PEOPLE.c.id == person_id)
    sealed = person.texts.sealed_columns("users", person_id, columns)
    if columns.keys() & TOLD_BY_TOKEN:
        stored = await connection.execute(
            select(*(PEOPLE.c[name] for name in TOLD_BY_TOKEN)).where(is_them)
        )
        known = person.texts.opened_columns("users", person_id, stored.mappings().one())
        # The same again would only lose the token: the database drops it where the name changes.
        same = {name for name in known.keys() & columns.keys() if known[name] == columns[name]}
        sealed = {name: told for name, told in sealed.items() if name not in same}
        sealed |= _looked_up(person.organization, {**known, **columns})
    await connection.execute(update(PEOPLE).where(is_them).values(**sealed, updated_at=func.now()))


def _looked_up(
    organization: OrganizationKeys, columns: Mapping[str, Any]
) -> dict[str, bytes | None]:
    """Return the token by which a person of this name and birth date is looked up."""
    surname, born = (columns.get(name) for name in TOLD_BY_TOKEN)
    token = organization.surname_token(surname, born) if surname and born else None
    return {"surname_token": token}
