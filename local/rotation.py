"""Keys that take over: an organization's, which wraps those of its people, and the master key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    and_,
    bindparam,
    delete,
    func,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from local.encryption import add_keys, as_keeper, stored_keys
from shared.database.encryption import masters
from shared.database.encryption.envelope import KEY_ID_BYTES, Key, new_key
from shared.database.repositories.tables import ORGANIZATION_KEYS, PERSON_KEYS

AT_ONCE = 1_000
# No transaction that wraps with the key before it lasts so long.
SUPERSEDED = text("created_at < now() - interval '1 hour'")


@dataclass(frozen=True)
class Rotation:
    """What was done for one organization."""

    organization: UUID
    number: int
    rewrapped: int
    dropped: int


async def rotate(direct_url: str) -> Sequence[Rotation]:
    """Give each organization a key that takes over, and wrap the keys of its people with it.

    What was cut off goes on: while somebody's key is wrapped by an older one, no newer is made. A
    master key that is set in the place of another takes over too.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    async with as_keeper(direct_url) as connection:
        rows = await connection.execute(select(ORGANIZATION_KEYS.c.organization_id).distinct())
        organizations = sorted(rows.scalars())
    return [await _rotate(direct_url, organization) for organization in organizations]


async def _rotate(direct_url: str, organization: UUID) -> Rotation:
    async with as_keeper(direct_url) as connection:
        await _take_over_master(connection, organization)
        number = await _newest(connection, organization)
    rewrapped, batch = 0, AT_ONCE
    while batch == AT_ONCE:
        async with as_keeper(direct_url) as connection:
            batch = await _rewrap(connection, organization, number)
        rewrapped += batch
    async with as_keeper(direct_url) as connection:
        dropped = await _drop_superseded(connection, organization, number)
    return Rotation(organization, number, rewrapped, dropped)


async def _take_over_master(connection: AsyncConnection, organization: UUID) -> None:
    """Wrap the organization's keys with the master of the settings, where another has."""
    for keys in await stored_keys(connection, organization):
        if keys.master != masters.current_master():
            again = await masters.wrap(organization, keys.number, await masters.unwrap(keys))
            await connection.execute(
                update(ORGANIZATION_KEYS)
                .where(
                    ORGANIZATION_KEYS.c.organization_id == organization,
                    ORGANIZATION_KEYS.c.number == keys.number,
                )
                .values(master=again.master, wrapped=again.wrapped)
            )


async def _newest(connection: AsyncConnection, organization: UUID) -> int:
    """Return the number that takes over: a new one, unless the last has yet to."""
    last = (await stored_keys(connection, organization))[-1]
    behind = select(PERSON_KEYS.c.id).where(_is_behind(organization, last.number)).limit(1)
    if (await connection.execute(behind)).first():
        return last.number
    parts = replace(await masters.unwrap(last), wrapping=new_key().secret)
    await add_keys(connection, await masters.wrap(organization, last.number + 1, parts))
    return last.number + 1


def _is_behind(organization: UUID, number: int) -> ColumnElement[bool]:
    """Whether a person's key is wrapped by an older one than `number`, as its envelope says."""
    wrapped_by = func.substring(PERSON_KEYS.c.wrapped, 2, KEY_ID_BYTES)
    return and_(
        PERSON_KEYS.c.organization_id == organization,
        type_coerce(wrapped_by, LargeBinary) < Key(b"", number).id,
    )


async def _rewrap(connection: AsyncConnection, organization: UUID, number: int) -> int:
    """Wrap a batch of people's keys anew; one that a request holds is left for the next."""
    rows = await connection.execute(
        select(PERSON_KEYS.c.id, PERSON_KEYS.c.user_id, PERSON_KEYS.c.wrapped)
        .where(_is_behind(organization, number))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    keys = await masters.opened(await stored_keys(connection, organization))
    changes = [
        {"key": row.id, "anew": keys.rewrapped(row.user_id, row.wrapped)} for row in rows.all()
    ]
    if changes:
        await connection.execute(
            update(PERSON_KEYS)
            .where(PERSON_KEYS.c.id == bindparam("key"))
            .values(wrapped=bindparam("anew", type_=LargeBinary)),
            changes,
        )
    return len(changes)


async def _drop_superseded(connection: AsyncConnection, organization: UUID, number: int) -> int:
    """Remove the keys that wrap nobody's any more, an hour after another took over."""
    if (
        await connection.execute(
            select(PERSON_KEYS.c.id).where(_is_behind(organization, number)).limit(1)
        )
    ).first():
        return 0
    took_over = select(ORGANIZATION_KEYS.c.id).where(
        ORGANIZATION_KEYS.c.organization_id == organization,
        ORGANIZATION_KEYS.c.number == number,
        SUPERSEDED,
    )
    dropped = await connection.execute(
        delete(ORGANIZATION_KEYS).where(
            ORGANIZATION_KEYS.c.organization_id == organization,
            ORGANIZATION_KEYS.c.number < number,
            took_over.exists(),
        )
    )
    return dropped.rowcount
