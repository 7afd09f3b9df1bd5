"""The jobs, each of which may run any number of times, also at once."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.maintenance.schemas import JobReport
from shared import database
from shared.repositories import partitions

# A schedule that fails for most of a year is noticed before a month is missing.
MONTHS_AHEAD = 12


class Job(StrEnum):
    PARTITIONS = "partitions"


async def run(job: Job) -> JobReport:
    """Do one job in a transaction of its own.

    Raises
    ------
    Unavailable
    """
    async with database.unattended() as connection:
        return JobReport(job=job, changed=await JOBS[job](connection))


async def _add_partitions(connection: AsyncConnection) -> list[str]:
    return await partitions.add_partitions(connection, months_ahead=MONTHS_AHEAD)


JOBS: dict[Job, Callable[[AsyncConnection], Awaitable[list[str]]]] = {
    Job.PARTITIONS: _add_partitions
}
