"""Who may run a job of the schedule, and what an event of Lambda has to say."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest
from fastapi import Request

from shared.errors import Unauthenticated
from shared.http.jobs import JobReport, job_handler, scheduled
from tests.conftest import Configure

SECRET = "s" * 32


class Job(StrEnum):
    PARTITIONS = "partitions"
    RETENTION = "retention"


def asked(authorization: str | None) -> Request:
    told = [] if authorization is None else [(b"authorization", authorization.encode())]
    return Request({"type": "http", "headers": told})


async def is_let_in(authorization: str | None) -> bool:
    try:
        await scheduled(asked(authorization))
    except Unauthenticated:
        return False
    return True


class TestScheduled:
    async def test_who_knows_the_secret(self, configure: Configure) -> None:
        configure(cron_secret=SECRET)
        assert await is_let_in(f"Bearer {SECRET}")

    @pytest.mark.parametrize(
        "authorization",
        [None, "", "Bearer", "Bearer ", SECRET, f"Bearer {SECRET}s", f"Basic {SECRET}", "Bearer é"],
    )
    async def test_nobody_else(self, configure: Configure, authorization: str | None) -> None:
        configure(cron_secret=SECRET)
        assert not await is_let_in(authorization)

    @pytest.mark.parametrize("authorization", [None, "", "Bearer ", "Bearer None"])
    async def test_without_a_secret_nobody_at_all(
        self, configure: Configure, authorization: str | None
    ) -> None:
        configure(cron_secret=None)
        assert not await is_let_in(authorization)


@pytest.mark.usefixtures("configured")
class TestJobHandler:
    @pytest.fixture
    def handler(self) -> Callable[[Any, Any], dict[str, Any]]:
        async def run(job: Job) -> JobReport:
            return JobReport(job=job, changed=[f"{job} of may"])

        return job_handler(Job, run)

    @pytest.mark.parametrize("job", Job)
    def test_does_the_job_that_is_named(self, handler: Any, job: Job) -> None:
        assert handler({"job": job.value}, None) == {"job": job, "changed": [f"{job} of may"]}

    def test_event_that_names_none_is_told_of_the_jobs(self, handler: Any) -> None:
        answer = handler({"source": "aws.events"}, None)
        assert answer["status"] == "ok"
        assert '{"job": "partitions"}' in answer["detail"]

    @pytest.mark.parametrize("event", [{"job": "purge"}, {"job": "retention", "days": 1}])
    def test_event_that_asks_for_something_else_fails(self, handler: Any, event: Any) -> None:
        with pytest.raises(ValueError, match=r"purge|nothing else"):
            handler(event, None)
