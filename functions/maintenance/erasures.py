"""Who was erased, listed where a restored backup does not reach, and erased again after one."""

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.aws import checkpoints, erasures
from shared.database.repositories.schedule import work

# A list of so many has some 80 kB; who is left over comes with the next run.
LISTED_AT_ONCE = 1_000


async def repeat(connection: AsyncConnection) -> list[str]:
    """Erase again whom lists name that this database, then a restored one, does not know of.

    Raises
    ------
    Unavailable
    """
    if not checkpoints.are_kept():
        return []
    (known,) = await work(connection, "last_erasure_list")
    again = 0
    for number, people in await run_sync(erasures.after, known):
        (erased,) = await work(connection, "repeat_erasures", number=number, people=people)
        again += erased
    return [f"{again} people erased again"] if again else []


async def keep_list(connection: AsyncConnection) -> list[str]:
    """List who was erased since the last list.

    Raises
    ------
    Unavailable
    """
    if not checkpoints.are_kept():
        return []
    people = await work(connection, "unlisted_erasures", most=LISTED_AT_ONCE)
    if not people:
        return []
    (known,) = await work(connection, "last_erasure_list")
    await run_sync(erasures.keep, known + 1, people)
    await work(connection, "repeat_erasures", number=known + 1, people=people)
    return [f"list {known + 1} of erased people"]
