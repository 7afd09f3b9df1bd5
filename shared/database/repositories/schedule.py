"""What the schedule does in the database, and when each of its jobs last succeeded."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.health import JobHealth, SealingHealth


async def work(connection: AsyncConnection, step: str, **told: Any) -> Sequence[Any]:
    """Take a step that a migration has written, in a transaction of `transaction.unattended`."""
    statement = select(
        func.medilens.work(bindparam("step", type_=Text), bindparam("told", type_=JSONB))
    )
    return list((await connection.execute(statement, {"step": step, "told": told})).scalars())


async def finish_job(connection: AsyncConnection, job: str) -> None:
    """Write down that a job has succeeded."""
    await work(connection, "finish_job", job=job)


async def sealing_state(connection: AsyncConnection) -> SealingHealth:
    """Return how far the audit trail is sealed."""
    (told,) = await work(connection, "sealing_state")
    return SealingHealth.model_validate(told)


async def altered_records(connection: AsyncConnection) -> int:
    """Return how many assessments were found altered, and not mended since."""
    (number,) = await work(connection, "altered_records")
    return int(number)


async def job_states(connection: AsyncConnection) -> list[JobHealth]:
    """Return when each job of the schedule succeeded last."""
    return [JobHealth.model_validate(told) for told in await work(connection, "job_states")]
