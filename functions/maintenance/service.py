"""The jobs, each of which may run any number of times, also at once."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from functools import partial

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.maintenance import erasures, queries, sealing
from shared.aws import multipart, storage
from shared.database import transaction
from shared.database.repositories import assessments, exports, outbox, schedule, uploads
from shared.http.jobs import JobReport
from shared.outgoing.delivery import deliver_due
from shared.runtime.observability import log_job

# A schedule that fails for most of a year is noticed before a month is missing.
MONTHS_AHEAD = 12

# About as many as are removed in ten seconds, well within a transaction's patience.
UPLOADS_AT_ONCE = 500
# Of a hundred files and more each.
EXPORTS_AT_ONCE = 5

# Three tries, each with the time that a queue gives a worker, are over long before.
ABANDONED_AFTER = timedelta(hours=24)

# A batch is over within what its slowest receiver may take; a run goes on while there is another
# and well within a minute, after which the next run begins.
MESSAGES_AT_ONCE = 50
DELIVER_FOR_S = 25.0
# Whoever looks for what a webhook was told looks within this.
MESSAGES_KEPT = timedelta(days=90)
MESSAGES_FORGOTTEN_AT_ONCE = 1_000

# More emergencies than a day has, anywhere.
REMINDERS_AT_ONCE = 500

# Each takes some hundredths of a second, well within a transaction's patience.
PURGED_AT_ONCE = 100


type Step = Callable[[AsyncConnection], Awaitable[list[str]]]


class Job(StrEnum):
    PARTITIONS = "partitions"
    UPLOADS = "uploads"
    ANALYSES = "analyses"
    SEALING = "sealing"
    OUTBOX = "outbox"
    REMINDERS = "reminders"
    PURGE = "purge"


async def run(job: Job) -> JobReport:
    """Do one job, each step of it in a transaction of its own.

    Raises
    ------
    Unavailable
    """
    began = time.monotonic()
    changed = await _deliver() if job is Job.OUTBOX else []
    for step in JOBS[job]:
        async with transaction.unattended() as connection:
            changed += await step(connection)
    async with transaction.unattended() as connection:
        await schedule.finish_job(connection, job)
        await _report(connection, job, began)
    return JobReport(job=job, changed=changed)


async def _report(connection: AsyncConnection, job: Job, began: float) -> None:
    """Say in the log, where alarms read it, how all jobs and the trail's seals stand."""
    late = [state.job for state in await schedule.job_states(connection) if state.is_late]
    since = (await schedule.sealing_state(connection)).unsealed_since
    unsealed_s = max(0.0, time.time() - since.timestamp()) if since else 0.0
    altered = await schedule.altered_records(connection)
    log_job(job, 1000 * (time.monotonic() - began), len(late), 1000 * unsealed_s, altered)


def _months_of(table: str) -> Step:
    return partial(queries.add_partitions, table=table, months_ahead=MONTHS_AHEAD)


async def _expire_uploads(connection: AsyncConnection) -> list[str]:
    """Remove the bytes first: what is cut off in between is found again."""
    expired = await uploads.expired_uploads(connection, most=UPLOADS_AT_ONCE)
    for upload in expired:
        await run_sync(multipart.remove, upload.storage_key, upload.multipart_id)
    await uploads.expire_uploads(connection, [upload.id for upload in expired])
    return [str(upload.id) for upload in expired]


async def _expire_exports(connection: AsyncConnection) -> list[str]:
    """Remove the files of exports whose time is over."""
    expired = await exports.expired_exports(connection, most=EXPORTS_AT_ONCE)
    for export in expired:
        for key in export.storage_keys():
            await run_sync(storage.delete, key)
    ids = [export.id for export in expired]
    await exports.free_exports(connection, ids)
    return [f"export {key}" for key in ids]


async def _abandon_assessments(connection: AsyncConnection) -> list[str]:
    number = await assessments.abandon_assessments(connection, older_than=ABANDONED_AFTER)
    return [f"{number} assessments"] if number else []


async def _end_explanations(connection: AsyncConnection) -> list[str]:
    """Give back what was reserved for explanations that no worker took up in their time."""
    ended = 0
    while number := int((await schedule.work(connection, "end_explanations"))[0]):
        ended += number  # so many at once as a statement may take
    return [f"{ended} explanations"] if ended else []


async def _deliver() -> list[str]:
    """Send what is due, outside of any transaction: receivers take their time."""
    began, tried = time.monotonic(), 0
    while batch := await deliver_due(MESSAGES_AT_ONCE):
        tried += batch
        if time.monotonic() - began > DELIVER_FOR_S:
            break
    return [f"{tried} messages tried"] if tried else []


async def _forget_messages(connection: AsyncConnection) -> list[str]:
    number = await outbox.forget(
        connection, older_than=MESSAGES_KEPT, most=MESSAGES_FORGOTTEN_AT_ONCE
    )
    return [f"{number} messages forgotten"] if number else []


async def _remind_reviews(connection: AsyncConnection) -> list[str]:
    (number,) = await schedule.work(connection, "remind_reviews", most=REMINDERS_AT_ONCE)
    return [f"{number} reviews reminded of"] if number else []


async def _purge(connection: AsyncConnection) -> list[str]:
    """Erase what was deleted and nothing keeps any more; recordings' bytes go by `uploads`."""
    return list(await schedule.work(connection, "purge_due", most=PURGED_AT_ONCE))


JOBS: dict[Job, tuple[Step, ...]] = {
    Job.PARTITIONS: tuple(map(_months_of, queries.PARTITIONED)),
    Job.UPLOADS: (_expire_uploads, _expire_exports),
    Job.ANALYSES: (_abandon_assessments, _end_explanations),
    Job.SEALING: (sealing.seal, sealing.keep_checkpoint, erasures.repeat, erasures.keep_list),
    Job.OUTBOX: (_forget_messages,),
    Job.REMINDERS: (_remind_reviews,),
    Job.PURGE: (_purge,),
}
