"""Tokens of people from before there were any: by them a surname and a birth date are looked up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from local.encryption import AT_ONCE, Keeper, as_keeper
from shared.database.models.base import table_of
from shared.database.models.user import User

PEOPLE = table_of(User)


async def add_tokens(direct_url: str) -> int:
    """Give everybody with a surname and a birth date the token of both; return how many got one.

    In batches while requests run; whoever has one keeps it.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    added, after = 0, UUID(int=0)
    while True:
        async with as_keeper(direct_url) as connection:
            rows = await _without(connection, after)
            keeper = Keeper(connection)
            for row in rows:
                added += await _add_token(keeper, row)
        if len(rows) < AT_ONCE:
            return added
        after = rows[-1]["id"]


async def _without(connection: AsyncConnection, after: UUID) -> Sequence[RowMapping]:
    rows = await connection.execute(
        select(
            *(PEOPLE.c[name] for name in ("id", "organization_id", "last_name", "date_of_birth"))
        )
        .where(
            PEOPLE.c.surname_token.is_(None),
            PEOPLE.c.last_name.is_not(None),
            PEOPLE.c.date_of_birth.is_not(None),
            PEOPLE.c.id > after,
        )
        .order_by(PEOPLE.c.id)
        .limit(AT_ONCE)
        .with_for_update()
    )
    return list(rows.mappings())


async def _add_token(keeper: Keeper, row: RowMapping) -> int:
    texts = await keeper.person(row["organization_id"], row["id"])
    surname = texts.opened("users", "last_name", row["id"], row["last_name"])
    if not surname:
        return 0
    organization = await keeper.organization(row["organization_id"])
    token = organization.surname_token(surname, row["date_of_birth"])
    await keeper.connection.execute(
        update(PEOPLE).where(PEOPLE.c.id == row["id"]).values(surname_token=token)
    )
    return 1
