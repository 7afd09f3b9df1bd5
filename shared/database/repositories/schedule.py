"""What the schedule does in the database, and when each of its jobs last succeeded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, kw_only=True)
class JobState:
    """A job of the schedule; one that has not succeeded in time is late."""

    job: str
    succeeded_at: datetime | None
    is_late: bool

    @classmethod
    def of(cls, told: dict[str, Any]) -> "JobState":
        at = told["succeeded_at"]
        return cls(
            job=told["job"],
            succeeded_at=datetime.fromisoformat(at) if at else None,
            is_late=told["is_late"],
        )


@dataclass(frozen=True, kw_only=True)
class SealingState:
    """How much of the audit trail waits for its seal (counted up to 1,000), and since when."""

    era: int
    sealed: int
    unsealed: int
    unsealed_since: datetime | None
    is_late: bool
    checkpoint: int
    is_checkpoint_due: bool

    @classmethod
    def of(cls, told: dict[str, Any]) -> "SealingState":
        since = told["unsealed_since"]
        return cls(**{**told, "unsealed_since": datetime.fromisoformat(since) if since else None})


async def work(connection: AsyncConnection, step: str, **told: Any) -> Sequence[Any]:
    """Take a step that a migration has written, in a transaction of `transaction.unattended`."""
    statement = select(
        func.medilens.work(bindparam("step", type_=Text), bindparam("told", type_=JSONB))
    )
    return list((await connection.execute(statement, {"step": step, "told": told})).scalars())


async def finish_job(connection: AsyncConnection, job: str) -> None:
    """Write down that a job has succeeded."""
    await work(connection, "finish_job", job=job)


async def sealing_state(connection: AsyncConnection) -> SealingState:
    """Return how far the audit trail is sealed."""
    (told,) = await work(connection, "sealing_state")
    return SealingState.of(told)


async def altered_records(connection: AsyncConnection) -> int:
    """Return how many assessments were found altered, and not mended since."""
    (number,) = await work(connection, "altered_records")
    return int(number)


async def job_states(connection: AsyncConnection) -> Sequence[JobState]:
    """Return when each job of the schedule succeeded last."""
    return [JobState.of(told) for told in await work(connection, "job_states")]
