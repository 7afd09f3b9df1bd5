"""The jobs, each of which may run any number of times, also at once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from functools import partial

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.maintenance import queries
from functions.maintenance.schemas import JobReport
from shared.aws import storage
from shared.database import transaction
from shared.database.repositories import assessments, schedule, uploads

# A schedule that fails for most of a year is noticed before a month is missing.
MONTHS_AHEAD = 12

# About as many as are removed in ten seconds, well within a transaction's patience.
UPLOADS_AT_ONCE = 500

# Three tries, each with the time that a queue gives a worker, are over long before.
ABANDONED_AFTER = timedelta(hours=24)


type Step = Callable[[AsyncConnection], Awaitable[list[str]]]


class Job(StrEnum):
    PARTITIONS = "partitions"
    UPLOADS = "uploads"
    ANALYSES = "analyses"


async def run(job: Job) -> JobReport:
    """Do one job, each step of it in a transaction of its own.

    Raises
    ------
    Unavailable
    """
    changed = []
    for step in JOBS[job]:
        async with transaction.unattended() as connection:
            changed += await step(connection)
    async with transaction.unattended() as connection:
        await schedule.finish_job(connection, job)
    return JobReport(job=job, changed=changed)


def _months_of(table: str) -> Step:
    return partial(queries.add_partitions, table=table, months_ahead=MONTHS_AHEAD)


async def _expire_uploads(connection: AsyncConnection) -> list[str]:
    """Remove the bytes first: what is cut off in between is found again."""
    expired = await uploads.expired_uploads(connection, most=UPLOADS_AT_ONCE)
    for upload in expired:
        await run_sync(storage.delete, upload.storage_key)
    ids = [upload.id for upload in expired]
    await uploads.expire_uploads(connection, ids)
    return [str(upload) for upload in ids]


async def _abandon_assessments(connection: AsyncConnection) -> list[str]:
    number = await assessments.abandon_assessments(connection, older_than=ABANDONED_AFTER)
    return [f"{number} assessments"] if number else []


JOBS: dict[Job, tuple[Step, ...]] = {
    Job.PARTITIONS: tuple(map(_months_of, queries.PARTITIONED)),
    Job.UPLOADS: (_expire_uploads,),
    Job.ANALYSES: (_abandon_assessments,),
}
