"""The months that measured values and audit events are stored by."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

PARTITIONED = ("biomarker_values", "audit_events")


async def add_partitions(
    connection: AsyncConnection, table: str, *, months_ahead: int
) -> list[str]:
    """Prepare whatever month is missing until then and return the names of what was added.

    One table a transaction: held together, they would wait for a request that waits for them.
    """
    added = await connection.execute(select(func.medilens.add_partitions(table, months_ahead)))
    return list(added.scalars())
