"""What an operator does with keys: encrypts what is plain, wraps keys anew, refuses plain text.

All of it goes on in batches while requests run, begins where it was cut off, and says how much was
done. It runs as `medilens_keeper`, a role of the owner's that sees every organization.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from local.owner import as_owner
from shared.database import models
from shared.database.encryption import masters
from shared.database.encryption.columns import ENCRYPTED, JSON_COLUMNS, PERSON_COLUMNS
from shared.database.encryption.envelope import PREFIX, from_text, new_key
from shared.database.encryption.masters import Parts, WrappedKeys
from shared.database.encryption.texts import OrganizationKeys, Texts
from shared.database.repositories import identifiers
from shared.identifiers import uuid7

AT_ONCE = 500
# What the database itself writes in place of a person's words.
OWN_WORDS = ("from the identity provider", "by invitation")
# What JSON says where there is nothing; None of a column of JSON is written as its null.
EMPTY = ("[]", "{}", "null")


@asynccontextmanager
async def as_keeper(direct_url: str) -> AsyncIterator[AsyncConnection]:
    """Run the body in a transaction of the role that sees all organizations, and commit."""
    models.register_all()
    async with as_owner(direct_url) as connection:
        await connection.execute(text("SET LOCAL ROLE medilens_keeper"))
        yield connection


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


@dataclass
class Keeper:
    """The keys that a batch needs, made where there are none."""

    connection: AsyncConnection
    organizations: dict[UUID, OrganizationKeys] = field(default_factory=dict)

    async def organization(self, organization_id: UUID) -> OrganizationKeys:
        if organization_id not in self.organizations:
            stored = await stored_keys(self.connection, organization_id)
            if not stored:
                await add_keys(self.connection, await masters.wrap(organization_id, 1, Parts.new()))
                stored = await stored_keys(self.connection, organization_id)
            self.organizations[organization_id] = await masters.opened(stored)
        return self.organizations[organization_id]

    async def person(self, organization_id: UUID, person_id: UUID) -> Texts:
        """Return what a person's columns are written with; without a key where they were erased."""
        keys, table = await self.organization(organization_id), _table("person_keys")
        new = {
            "id": uuid7(),
            "organization_id": organization_id,
            "user_id": person_id,
            "wrapped": keys.wrapped(person_id, new_key()),
        }
        await self.connection.execute(insert_new(table).values(new).on_conflict_do_nothing())
        of_person = and_(table.c.organization_id == organization_id, table.c.user_id == person_id)
        wrapped = await self.connection.execute(select(table.c.wrapped).where(of_person))
        return keys.of_person(person_id, wrapped.scalar_one())


async def stored_keys(connection: AsyncConnection, organization_id: UUID) -> Sequence[WrappedKeys]:
    """An organization's wrapped keys, the oldest first."""
    table = _table("organization_keys")
    rows = await connection.execute(
        select(table.c.organization_id, table.c.number, table.c.master, table.c.wrapped)
        .where(table.c.organization_id == organization_id)
        .order_by(table.c.number)
    )
    return [WrappedKeys(*row) for row in rows]


async def add_keys(connection: AsyncConnection, keys: WrappedKeys) -> None:
    """Store a wrapped key; one of the same number that is there already stays as it is."""
    row = {
        "id": uuid7(),
        "organization_id": keys.organization,
        "number": keys.number,
        "master": keys.master,
        "wrapped": keys.wrapped,
    }
    await connection.execute(
        insert_new(_table("organization_keys")).values(row).on_conflict_do_nothing()
    )


async def encrypt(direct_url: str) -> Mapping[str, int]:
    """Encrypt whatever is plain; return of how many rows of each table.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    done = dict.fromkeys(ENCRYPTED, 0)
    for table in ENCRYPTED:
        after = UUID(int=0)
        while True:
            async with as_keeper(direct_url) as connection:
                rows = await _plain_rows(connection, table, after)
                keeper = Keeper(connection)
                for row in rows:
                    await _encrypt_row(keeper, table, row)
            done[table] += len(rows)
            if len(rows) < AT_ONCE:
                break
            after = rows[-1]["id"]
    return done


async def _plain_rows(connection: AsyncConnection, table: str, after: UUID) -> Sequence[RowMapping]:
    rows = await connection.execute(
        _plain(table)
        .where(_table(table).c.id > after)
        .order_by(_table(table).c.id)
        .limit(AT_ONCE)
        .with_for_update()
    )
    return list(rows.mappings())


def _plain(name: str) -> Select[Any]:
    """Select rows with a column that is plain, and those columns."""
    table = _table(name)
    columns = [table.c[column] for column in ENCRYPTED[name]]
    return select(
        *(table.c[column] for column in ("id", "organization_id")),
        *(table.c[column] for column in _beside(name)),
        *columns,
    ).where(or_(*(_is_plain(name, column.name) for column in columns)))


def _beside(name: str) -> Sequence[str]:
    person = PERSON_COLUMNS.get(name, "user_id")
    columns = [person] if person not in {None, "id"} else []
    return [*columns, *(["system"] if name == "person_identifiers" else [])]


def _is_plain(name: str, column: str) -> ColumnElement[bool]:
    stored = _table(name).c[column]
    if (name, column) in JSON_COLUMNS:
        kind = func.jsonb_typeof(stored)
        return and_(kind != "string", cast(stored, Text).not_in(EMPTY))
    plain = and_(stored.is_not(None), stored.not_like(f"{PREFIX}%"))
    return and_(plain, stored.not_in(OWN_WORDS)) if name == "user_roles" else plain


async def _encrypt_row(keeper: Keeper, name: str, row: RowMapping) -> None:
    organization = await keeper.organization(row["organization_id"])
    person = PERSON_COLUMNS.get(name, "user_id")
    texts = (
        await keeper.person(row["organization_id"], row[person]) if person else organization.texts
    )
    if texts.key is None:
        return
    columns = {
        column: texts.sealed(name, column, row["id"], row[column])
        for column in ENCRYPTED[name]
        if _needs_sealing(name, column, row[column])
    }
    table = _table(name)
    await keeper.connection.execute(
        update(table)
        .where(table.c.id == row["id"])
        .values(columns | _tokens(name, organization, row))
    )


def _needs_sealing(name: str, column: str, stored: Any) -> bool:
    """Whether this column of a row that has a plain one is plain itself."""
    if (name, column) in JSON_COLUMNS:
        return bool(stored) and not isinstance(stored, str)
    is_plain = stored is not None and from_text(stored) is None
    return is_plain and not (name == "user_roles" and stored in OWN_WORDS)


def _tokens(name: str, organization: OrganizationKeys, row: RowMapping) -> dict[str, bytes]:
    if name == "person_identifiers":
        return {"value_token": identifiers.token(organization, row["system"], row["value"])}
    if name == "invitations":
        return {"email_token": organization.mail_token(row["email"])}
    return {}


async def refuse_plain(direct_url: str) -> None:
    """Have the database refuse plain text in what is encrypted, from now on and for what it holds.

    Fails with the name of the column where one is plain still: encrypt it first.
    """
    async with as_owner(direct_url) as connection:
        for name, columns in ENCRYPTED.items():
            for column in columns:
                constraint = f"ck_{name}_{column}_encrypted"
                await connection.execute(
                    text(f"ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {constraint}")
                )
                await connection.execute(
                    text(
                        f"ALTER TABLE {name} ADD CONSTRAINT {constraint}"
                        f" CHECK ({_condition(name, column)})"
                    )
                )


def _condition(name: str, column: str) -> str:
    if (name, column) in JSON_COLUMNS:
        return f"jsonb_typeof({column}) = 'string' OR {column}::text IN {EMPTY}"
    own = f" OR {column} IN {OWN_WORDS}" if name == "user_roles" else ""
    return f"{column} LIKE '{PREFIX}%'{own}"
