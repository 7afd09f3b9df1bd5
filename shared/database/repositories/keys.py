"""The keys that encrypted columns are read and written with, each where it is needed first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    LargeBinary,
    RowMapping,
    Select,
    Uuid,
    and_,
    bindparam,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.encryption import masters, memory
from shared.database.encryption.envelope import Key, new_key
from shared.database.encryption.masters import Parts, WrappedKeys
from shared.database.encryption.texts import OrganizationKeys, Texts
from shared.database.repositories.tables import ORGANIZATION, ORGANIZATION_KEYS, PERSON_KEYS
from shared.identifiers import uuid7
from shared.person_conflicts import PersonErased

# What a row has to bring along to be read, beside `organization_id` and `user_id`.
WRAPPED_KEY = "wrapped_key"
BROUGHT = {"organization_id", "user_id", WRAPPED_KEY}
type Row = Mapping[str, Any] | RowMapping


@dataclass(frozen=True)
class Reader:
    """Opens the columns of rows that bring their person's key along."""

    keys: OrganizationKeys | None

    def texts(self, row: Row) -> Texts:
        wrapped: bytes | None = row[WRAPPED_KEY]
        if wrapped is None or self.keys is None:
            return Texts(row["organization_id"], None)
        return self.keys.of_person(row["user_id"], wrapped)


def wrapped_key(people: FromClause, person: str = "user_id") -> ColumnElement[Any]:
    """Select the wrapped key of the person in a column, beside the row's own columns."""
    key = select(PERSON_KEYS.c.wrapped).where(
        PERSON_KEYS.c.organization_id == people.c.organization_id,
        PERSON_KEYS.c.user_id == people.c[person],
    )
    return type_coerce(key.scalar_subquery(), LargeBinary).label(WRAPPED_KEY)


async def reader(connection: AsyncConnection, rows: Sequence[Row]) -> Reader:
    """Return what opens rows of one organization; where none has a key, nothing is asked.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    wrapped = [row[WRAPPED_KEY] for row in rows if row[WRAPPED_KEY] is not None]
    if not wrapped:
        return Reader(None)
    known = memory.ORGANIZATIONS.get(rows[0]["organization_id"])
    if known and all(map(known.keys.can_unwrap, wrapped)):
        return Reader(known.keys)
    return Reader(await get_organization_keys(connection))


async def opened(
    connection: AsyncConnection, table: str, rows: Sequence[Row]
) -> list[dict[str, Any]]:
    """Return rows of one table in plain, without what they brought along for that.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    keys = await reader(connection, rows)
    return [
        {
            name: value
            for name, value in keys.texts(row).opened_columns(table, row["id"], row).items()
            if name not in BROUGHT
        }
        for row in rows
    ]


async def get_organization_keys(connection: AsyncConnection) -> OrganizationKeys:
    """Return the organization's keys as they are now; its first are made where there are none.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    stored = _stored(await _rows(connection, None))
    return await masters.opened(stored or await _found(connection))


@dataclass(frozen=True)
class PersonKeys:
    """What a person's columns are written with, and their look-ups made with."""

    organization: OrganizationKeys
    texts: Texts


async def keys_of(connection: AsyncConnection, person_id: UUID) -> PersonKeys:
    """Return the keys that a person's columns are written with, made where there are none.

    Raises
    ------
    PersonErased, MasterKeyMissing, SettingsMissing, Unavailable
    """
    rows = await _rows(connection, person_id)
    keys = await masters.opened(_stored(rows) or await _found(connection))
    if not rows or rows[0]["key_id"] is None:
        await add_person_key(connection, keys, person_id, new_key())
        rows = await _rows(connection, person_id)
    if rows[0][WRAPPED_KEY] is None:
        raise PersonErased
    return PersonKeys(keys, keys.of_person(person_id, rows[0][WRAPPED_KEY]))


async def add_person_key(
    connection: AsyncConnection, keys: OrganizationKeys, person_id: UUID, key: Key
) -> None:
    """Give a person a key; whoever has one keeps it."""
    row = {
        "id": uuid7(),
        "organization_id": ORGANIZATION,
        "user_id": person_id,
        "wrapped": keys.wrapped(person_id, key),
    }
    await connection.execute(insert(PERSON_KEYS).values(row).on_conflict_do_nothing())


async def _rows(connection: AsyncConnection, person_id: UUID | None) -> Sequence[RowMapping]:
    rows = await connection.execute(_keys(), {"person_id": person_id})
    return list(rows.mappings())


@cache
def _keys() -> Select[Any]:
    of_person = and_(
        PERSON_KEYS.c.organization_id == ORGANIZATION_KEYS.c.organization_id,
        PERSON_KEYS.c.user_id == bindparam("person_id", type_=Uuid),
    )
    return (
        select(
            ORGANIZATION_KEYS.c.organization_id,
            *(ORGANIZATION_KEYS.c[name] for name in ("number", "master", "wrapped")),
            PERSON_KEYS.c.id.label("key_id"),
            PERSON_KEYS.c.wrapped.label(WRAPPED_KEY),
        )
        .join_from(ORGANIZATION_KEYS, PERSON_KEYS, of_person, isouter=True)
        .where(ORGANIZATION_KEYS.c.organization_id == ORGANIZATION)
        .order_by(ORGANIZATION_KEYS.c.number)
    )


def _stored(rows: Sequence[RowMapping]) -> Sequence[WrappedKeys]:
    return [
        WrappedKeys(row["organization_id"], row["number"], row["master"], row["wrapped"])
        for row in rows
    ]


async def _found(connection: AsyncConnection) -> Sequence[WrappedKeys]:
    """Make the first keys of the organization; of two that do, both use the same."""
    organization: UUID = (await connection.execute(select(ORGANIZATION))).scalar_one()
    first = await masters.wrap(organization, 1, Parts.new())
    row = {
        "id": uuid7(),
        "organization_id": ORGANIZATION,
        "number": first.number,
        "master": first.master,
        "wrapped": first.wrapped,
    }
    await connection.execute(insert(ORGANIZATION_KEYS).values(row).on_conflict_do_nothing())
    return _stored(await _rows(connection, None))
