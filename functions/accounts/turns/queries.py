"""Turns: what several requests read and then change, one after the other.

A row to lock serves that only where the request may also change it: row-level security hides it
from the lock otherwise, and says nothing.
"""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories.tables import ORGANIZATION


async def take_turn(connection: AsyncConnection, purpose: str) -> None:
    """Make others of the organization wait who take a turn for `purpose`, until the commit."""
    name = func.concat(ORGANIZATION, "|", purpose)
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
