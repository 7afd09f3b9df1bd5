"""Whom the systems of the clinic call what: looked up by a token, for values are encrypted."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    LargeBinary,
    Select,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.encryption.texts import OrganizationKeys, Texts
from shared.database.repositories import keys
from shared.database.repositories.tables import IDENTIFIERS, ORGANIZATION


def of_person(people: FromClause) -> ColumnElement[Any]:
    """Select a person's identifiers in use, as `opened` reads them."""
    pairs = func.jsonb_build_object(
        *("key", IDENTIFIERS.c.id),
        *("system", IDENTIFIERS.c.system, "value", IDENTIFIERS.c.value),
    )
    return (
        select(func.coalesce(func.jsonb_agg(pairs), func.jsonb_build_array()))
        .where(
            IDENTIFIERS.c.organization_id == people.c.organization_id,
            IDENTIFIERS.c.user_id == people.c.id,
            IDENTIFIERS.c.deleted_at.is_(None),
        )
        .scalar_subquery()
        .label("identifiers")
    )


def opened(texts: Texts, stored: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return systems and values of what `of_person` has selected."""
    return [
        {
            "system": row["system"],
            "value": texts.opened("person_identifiers", "value", UUID(row["key"]), row["value"]),
        }
        for row in stored
    ]


def token(organization: OrganizationKeys, system: str, value: str) -> bytes:
    return organization.token("identifier", system, value)


async def find_holder(connection: AsyncConnection, system: str, value: str) -> UUID | None:
    """Return the id of the person within reach who has an identifier in use."""
    organization = await keys.get_organization_keys(connection)
    wanted = {"system": system, "token": token(organization, system, value)}
    holder = (await connection.execute(_by_token(), wanted)).scalar_one_or_none()
    return holder or await find_plain_holder(connection, system, value)


@cache
def _by_token() -> Select[Any]:
    return _in_use().where(IDENTIFIERS.c.value_token == bindparam("token", type_=LargeBinary))


async def find_plain_holder(connection: AsyncConnection, system: str, value: str) -> UUID | None:
    """Return who has it among the identifiers of before encryption, until none is left.

    They are compared here, so that no statement holds the value.
    """
    rows = await connection.execute(_plain(), {"system": system})
    return next((row.user_id for row in rows if row.value == value), None)


@cache
def _plain() -> Select[Any]:
    return _in_use().add_columns(IDENTIFIERS.c.value).where(IDENTIFIERS.c.value_token.is_(None))


def _in_use() -> Select[Any]:
    return select(IDENTIFIERS.c.user_id).where(
        IDENTIFIERS.c.organization_id == ORGANIZATION,
        IDENTIFIERS.c.system == bindparam("system", type_=Text),
        IDENTIFIERS.c.deleted_at.is_(None),
    )
