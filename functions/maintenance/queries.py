"""The months that measured values and audit events are stored by."""

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import schedule

PARTITIONED = ("biomarker_values", "audit_events")


async def add_partitions(
    connection: AsyncConnection, table: str, *, months_ahead: int
) -> list[str]:
    """Prepare whatever month is missing until then and return the names of what was added.

    One table a transaction: held together, they would wait for a request that waits for them.
    """
    return list(
        await schedule.work(connection, "add_partitions", table=table, months_ahead=months_ahead)
    )
