"""Jobs that a schedule asks for: by a route with its secret, or by an event of Lambda."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from fastapi import Request
from pydantic import ConfigDict

from shared.aws import secrets
from shared.database import engine
from shared.errors import Unauthenticated
from shared.http.invocation import Handler, idle
from shared.runtime import garbage
from shared.schemas import Answer
from shared.setting_check import check_settings
from shared.settings import ScheduleSettings


class JobReport(Answer):
    """What a job changed; nothing, where all was done already."""

    model_config = ConfigDict(json_schema_extra={"example": {"job": "partitions", "changed": []}})

    job: str
    changed: list[str]


async def scheduled(request: Request) -> None:
    """Let in nobody but the schedule, which knows the secret; without one, nobody at all."""
    secret = secrets.load(ScheduleSettings).cron_secret
    given = request.headers.get("authorization", "")
    expected = f"Bearer {secret.get_secret_value()}" if secret else ""
    if not (expected and compare_digest(given.encode(), expected.encode())):
        raise Unauthenticated("Only the schedule may run a job.")


def job_handler[Job: StrEnum](
    jobs: type[Job], run: Callable[[Job], Awaitable[JobReport]]
) -> Handler:
    """Return what EventBridge invokes on Lambda: `{"job": "partitions"}`.

    Raises
    ------
    SettingsMissing
    """

    async def finish(job: Job) -> JobReport:
        try:
            return await run(job)
        finally:
            await engine.current().dispose()  # its loop ends here

    def handler(event: Any, _context: Any) -> dict[str, Any]:
        """Do the job that the schedule names; the console's test event names none."""
        if "job" not in event:
            return idle(f'{{"job": "{next(iter(jobs))}"}}, or another of its jobs')
        if len(event) > 1:
            raise ValueError("expected an event that names a job, and nothing else")
        return asyncio.run(finish(jobs(event["job"]))).model_dump()

    check_settings()
    garbage.take_up()
    return handler
