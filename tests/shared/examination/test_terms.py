"""What an organization allows of analyses: how many a day."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient, Response

from shared.limits_reached import QuotaUsedUp
from shared.permissions import RoleName
from shared.vocabulary import AssessmentStatus
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_care_teams import FILE
from tests.nonempty import nonempty

ORGANIZATION, ANALYZE = "/api/accounts/organization", "/api/cardiology/analyze"
RECORDS = "/api/records/assessments"
AT_ONCE = 8


async def allow(clinic: Clinic, **settings: Any) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        answer = await admin.patch(ORGANIZATION, json=settings)
    assert answer.status_code == 200, answer.text


async def analyze(client: AsyncClient, content: bytes = FILE.content, key: str = "") -> Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(ANALYZE, files={"file": ("ecg.csv", content)}, headers=headers)


class TestQuota:
    async def test_what_is_too_much_for_today_is_refused_before_it_is_read(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await allow(clinic, analyses_per_day=2)
        async with clinic.client(RoleName.CLINICIAN) as client:
            first = await analyze(client, key="once")
            assert first.status_code == 201, first.text
            # A recording that is of no use was looked at all the same.
            assert (await analyze(client, b"no recording")).status_code == 422
            refused = await analyze(client, b"no recording either")
            assert (refused.status_code, refused.json()["code"]) == (429, "quota-used-up")
            assert 0 < int(refused.headers["Retry-After"]) <= 86_400
            assert refused.headers["RateLimit-Policy"] == '"analyses";q=2;w=86400'
            assert refused.headers["RateLimit"].startswith('"analyses";r=0;t=')
            again = await analyze(client, key="once")
            assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
        number = await auditor.fetchval(
            "SELECT count(*) FROM assessments WHERE created_by = $1",
            clinic.person_id(RoleName.CLINICIAN),
        )
        assert number == 2
        async with elsewhere.client(RoleName.CLINICIAN) as client:
            assert (await analyze(client)).status_code == 201

    async def test_the_database_decides_also_where_nobody_has_asked_before(
        self, clinic: Clinic
    ) -> None:
        await allow(clinic, analyses_per_day=1)
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.delete(f"{RECORDS}/{key}")).status_code == 204
        for status in (AssessmentStatus.COMPLETED, AssessmentStatus.PENDING):
            with pytest.raises(QuotaUsedUp):
                await stored(clinic, status=status)
        await allow(clinic, analyses_per_day=None)
        await stored(clinic)

    async def test_what_is_stored_at_the_same_moment_counts(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await allow(clinic, analyses_per_day=2)
        outcomes = await asyncio.gather(
            *(stored(clinic) for _ in range(AT_ONCE)), return_exceptions=True
        )
        assert len([key for key in outcomes if isinstance(key, UUID)]) == 2
        assert len([told for told in outcomes if isinstance(told, QuotaUsedUp)]) == AT_ONCE - 2
        number = await auditor.fetchval(
            "SELECT count(*) FROM assessments WHERE created_by = $1",
            clinic.person_id(RoleName.CLINICIAN),
        )
        assert number == 2

    async def test_none_is_none(self, clinic: Clinic) -> None:
        await allow(clinic, analyses_per_day=0)
        async with clinic.client(RoleName.PATIENT) as client:
            assert (await analyze(client)).json()["code"] == "quota-used-up"

    @pytest.mark.parametrize(("seconds", "status"), [(-1, 201), (0, 429)])
    @pytest.mark.parametrize("time_zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
    async def test_a_day_begins_where_the_organization_is(
        self, clinic: Clinic, auditor: asyncpg.Connection, time_zone: str, seconds: int, status: int
    ) -> None:
        await allow(clinic, analyses_per_day=1, time_zone=time_zone)
        key = await stored(clinic)
        await auditor.execute(
            "UPDATE assessments SET created_at = date_trunc('day', now(), $2)"
            " + $3 * interval '1 second' WHERE id = $1",
            key,
            time_zone,
            seconds,
        )
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await analyze(client)).status_code == status


async def test_everybody_is_told_where_the_organization_is_and_whom_to_call(
    clinic: Clinic,
) -> None:
    await allow(clinic, time_zone="Asia/Tokyo", emergency_text="In an emergency call 119.")
    for role in nonempty(RoleName):
        async with clinic.client(role) as client:
            told = (await client.get("/api/accounts/me")).json()["organization"]
        assert (told["time_zone"], told["emergency_text"]) == (
            "Asia/Tokyo",
            "In an emergency call 119.",
        )
