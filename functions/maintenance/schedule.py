"""What EventBridge invokes on Lambda: `{"job": "partitions"}`."""

import asyncio
from typing import Any

from pydantic import BaseModel, ConfigDict

from functions.maintenance import service
from functions.maintenance.schemas import JobReport
from functions.maintenance.service import Job
from shared.database import engine
from shared.http.invocation import idle
from shared.runtime import garbage
from shared.setting_check import check_settings


class ScheduledEvent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    job: Job


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do the job that the schedule names; the console's test event names none."""
    if "job" not in event:
        return idle('{"job": "partitions"}, or another of its jobs')
    return asyncio.run(_run(ScheduledEvent.model_validate(event).job)).model_dump()


async def _run(job: Job) -> JobReport:
    try:
        return await service.run(job)
    finally:
        await engine.current().dispose()  # its loop ends here


check_settings()
garbage.take_up()
