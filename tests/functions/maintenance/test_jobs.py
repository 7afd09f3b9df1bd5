"""What only a schedule may ask for, and may ask for twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg
import pytest
from httpx import AsyncClient
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from functions.fhir.push.schemas import Job as FhirJob
from functions.maintenance import service
from functions.maintenance.schedule import handler
from functions.maintenance.service import Job
from shared import settings
from shared.database import sign_of_life, transaction
from shared.database.repositories import assessment_parts, assessments
from shared.database.repositories import schedule as repository
from shared.errors import Unavailable
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import examination, value
from tests.waiting import until

pytestmark = pytest.mark.clock

PATH = "/api/maintenance/jobs/partitions"
EVERY_JOB = {*Job, *FhirJob}
SECRET = "a-secret-of-the-schedule"
IS_CLOSED = (
    "SELECT relrowsecurity AND relforcerowsecurity AS closed,"
    " has_table_privilege('medilens_app', oid, 'SELECT,INSERT,UPDATE,DELETE') AS reached,"
    " pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname = $1"
)


@pytest.fixture
async def nobody(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncClient]:
    """A client without a token, where the schedule's secret is set."""
    monkeypatch.setenv("CRON_SECRET", SECRET)
    settings.load.cache_clear()
    async with clinic.client(None) as client:
        yield client


@pytest.fixture
async def a_month_is_missing(auditor: asyncpg.Connection) -> str:
    """A coming month of the audit trail, gone.

    Not the furthest: which one that is changes with the month, perhaps during the test.
    """
    return await dropped(auditor, "audit_events")


@pytest.fixture
async def a_month_of_values_is_missing(auditor: asyncpg.Connection) -> str:
    return await dropped(auditor, "biomarker_values")


async def dropped(auditor: asyncpg.Connection, parent: str) -> str:
    in_three_months: datetime = await auditor.fetchval("SELECT now() + interval '3 months'")
    name = f"{parent}_{in_three_months:%Y_%m}"
    await auditor.execute(f"DROP TABLE IF EXISTS {name}")
    return name


async def waiting_for_a_lock(auditor: asyncpg.Connection) -> None:
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    await until("somebody waits for a lock", lambda: auditor.fetchval(waiting))


class TestRun:
    async def test_a_missing_month_is_added_once(self, a_month_is_missing: str) -> None:
        assert a_month_is_missing in (await service.run(Job.PARTITIONS)).changed
        assert a_month_is_missing not in (await service.run(Job.PARTITIONS)).changed

    async def test_the_new_month_is_closed_and_kept_like_the_others(
        self, auditor: asyncpg.Connection, a_month_is_missing: str
    ) -> None:
        await service.run(Job.PARTITIONS)

        row = await auditor.fetchrow(IS_CLOSED, a_month_is_missing)
        assert row is not None
        assert row["closed"]
        assert not row["reached"]
        assert row["owner"] == "medilens_owner"
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await auditor.execute(f"TRUNCATE {a_month_is_missing}")

    async def test_two_at_once_add_it_once(self, a_month_is_missing: str) -> None:
        reports = await asyncio.gather(*(service.run(Job.PARTITIONS) for _ in range(2)))

        added = [name for report in reports for name in report.changed]
        assert added.count(a_month_is_missing) == 1
        assert len(added) == len(set(added))

    async def test_a_request_that_stores_meanwhile_is_waited_for(
        self, clinic: Clinic, auditor: asyncpg.Connection, a_month_of_values_is_missing: str
    ) -> None:
        """Whoever held the values while waiting for assessments would deadlock with it."""
        caller = clinic.caller(RoleName.CLINICIAN)
        async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
            made = examination(biomarkers=(value("sdnn", 40),))
            created = await assessments.create_assessment(connection, made, subject_id=None)
            assert created is not None
            job = asyncio.create_task(service.run(Job.PARTITIONS))
            await waiting_for_a_lock(auditor)
            await assessment_parts.save_parts(connection, created, made)

        assert a_month_of_values_is_missing in (await job).changed


@pytest.mark.usefixtures("configured")
class TestSuccess:
    """When each job last succeeded is in the database, and in deep health."""

    async def test_every_job_has_a_line_and_every_line_a_job(
        self, auditor: asyncpg.Connection
    ) -> None:
        rows = await auditor.fetch("SELECT name FROM medilens.jobs")
        assert {row["name"] for row in rows} == EVERY_JOB

    async def test_a_job_is_late_until_it_succeeds(self, auditor: asyncpg.Connection) -> None:
        await told_of(auditor, Job.ANALYSES, "2 days")
        assert await late() >= {Job.ANALYSES}
        await service.run(Job.ANALYSES)
        assert Job.ANALYSES not in await late()

    async def test_a_job_that_fails_stays_late(
        self,
        auditor: asyncpg.Connection,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await told_of(auditor, Job.ANALYSES, "2 days")

        async def fail(_: object) -> list[str]:
            raise Unavailable("no")

        monkeypatch.setitem(service.JOBS, Job.ANALYSES, (fail,))
        with pytest.raises(Unavailable):
            await service.run(Job.ANALYSES)
        assert await late() >= {Job.ANALYSES}

    async def test_deep_health_shows_them(self, clinic: Clinic) -> None:
        async with clinic.client(None) as client:
            answer = await client.get("/api/maintenance/health", params={"deep": 1})
            shallow = await client.get("/api/maintenance/health")
        assert {job["job"] for job in answer.json()["jobs"]} == EVERY_JOB
        assert "jobs" not in shallow.json()

    async def test_nobody_but_the_schedule_takes_a_step(self, clinic: Clinic) -> None:
        asking = transaction.begin(clinic.caller(RoleName.ADMIN), Permission.VIEW_AUDIT)
        with pytest.raises(DBAPIError, match="only the schedule"):
            async with asking as connection:
                await repository.work(connection, "finish_job", job="uploads")

    async def test_a_step_that_no_version_wrote_is_refused(self) -> None:
        with pytest.raises(DBAPIError, match="no step drop_all"):
            async with transaction.unattended() as connection:
                await repository.work(connection, "drop_all")


async def told_of(auditor: asyncpg.Connection, job: Job, ago: str) -> None:
    await auditor.execute(
        f"UPDATE medilens.jobs SET succeeded_at = now() - interval '{ago}' WHERE name = $1", job
    )


async def late() -> set[str]:
    return {state.job for state in (await sign_of_life.ping()).jobs if state.is_late}


class TestOverHttp:
    async def test_the_schedule_is_let_in(
        self, nobody: AsyncClient, a_month_is_missing: str
    ) -> None:
        for is_added in (True, False):
            answer = await nobody.get(PATH, headers={"Authorization": f"Bearer {SECRET}"})
            assert answer.status_code == 200
            assert answer.json()["job"] == "partitions"
            assert (a_month_is_missing in answer.json()["changed"]) is is_added

    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", f"Bearer {SECRET}x", f"Bearer {SECRET[:-1]}", SECRET]
    )
    async def test_nobody_else_is(self, nobody: AsyncClient, header: str) -> None:
        answer = await nobody.get(PATH, headers={"Authorization": header})
        assert answer.status_code == 401
        assert SECRET not in answer.text

    async def test_no_person_is_not_even_an_admin(
        self, clinic: Clinic, nobody: AsyncClient
    ) -> None:
        token = clinic.token(RoleName.ADMIN)
        answer = await nobody.get(PATH, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401

    @pytest.mark.parametrize("header", ["Bearer ", "Bearer None", "Bearer"])
    async def test_without_a_secret_nobody_is(self, clinic: Clinic, header: str) -> None:
        async with clinic.client(None) as client:
            answer = await client.get(PATH, headers={"Authorization": header})
        assert answer.status_code == 401

    async def test_a_job_that_does_not_exist(self, nobody: AsyncClient) -> None:
        answer = await nobody.get(
            "/api/maintenance/jobs/nothing", headers={"Authorization": f"Bearer {SECRET}"}
        )
        assert answer.status_code == 422

    def test_a_secret_too_short_to_be_one_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CRON_SECRET", "guess")
        with pytest.raises(ValidationError, match="at least 16"):
            settings.ScheduleSettings.read()


class TestHandler:
    async def test_lambdas_schedule_gets_a_report(self, a_month_is_missing: str) -> None:
        answer = await asyncio.to_thread(handler, {"job": "partitions"}, None)

        assert answer["job"] == "partitions"
        assert a_month_is_missing in answer["changed"]

    @pytest.mark.parametrize(
        "event", [{"job": ""}, {"job": "nothing"}, {"job": "partitions", "sql": ""}]
    )
    def test_anything_else_is_refused(self, event: dict[str, str]) -> None:
        with pytest.raises(ValueError, match=r"Job|nothing else"):
            handler(event, None)
