"""The months that measured values and audit events are stored by."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def add_partitions(connection: AsyncConnection, *, months_ahead: int) -> list[str]:
    """Prepare whatever month is missing until then and return the names of what was added."""
    added = await connection.execute(select(func.medilens.add_partitions(months_ahead)))
    return list(added.scalars())
