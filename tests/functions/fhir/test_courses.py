"""The report of a person over time: series, ranges, verdicts, and who reads it."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
from httpx import AsyncClient

from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import NOW, stored
from tests.factories.samples import store_sample
from tests.functions.fhir.layout import pages
from tests.functions.fhir.test_reports import named

PEOPLE = "/api/fhir/reports/people"
WITHDRAWN = "UPDATE consents SET withdrawn_at = now() WHERE user_id = $1"


async def read(client: AsyncClient, person: object, **params: str) -> str:
    answer = await client.get(f"{PEOPLE}/{person}.html", params=params)
    assert answer.status_code == 200, answer.text
    return answer.text


class TestContent:
    async def test_page_and_print_show_the_series(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await named(clinic, auditor)
        for days_ago, rate in ((200, 72), (90, 131.4), (10, 55)):
            await stored(clinic, heart_rate=rate, days_ago=days_ago)
        patient = clinic.person_id(RoleName.PATIENT)
        async with clinic.client(RoleName.CLINICIAN) as client:
            text = await read(client, patient)
            answer = await client.get(f"{PEOPLE}/{patient}.pdf")
            again = await client.get(f"{PEOPLE}/{patient}.pdf", params={"paper": "letter"})
        (page,) = pages(answer.content)
        for words in ("Sparrow, Canary", "MRN-4711", "3 assessments", "3 values.", "55"):
            assert words in text
            assert words in page.text
        assert text.count("<img") == 1
        assert "Heart rate: 72 on" in text  # of the chart, for whoever does not see it
        assert "not known" in text
        assert "signed" not in text
        assert again.headers["content-type"] == "application/pdf"

    async def test_verdicts_stand_beside_the_values(self, clinic: Clinic) -> None:
        for days_ago, effect in ((21, 60.0), (0, 160.0)):
            await stored(clinic, "stroop_effect", heart_rate=effect, days_ago=days_ago)
        async with clinic.client(RoleName.PATIENT) as client:
            text = await read(client, clinic.person_id(RoleName.PATIENT))
        assert "Reliable increase" in text

    async def test_only_what_was_measured_since_then(self, clinic: Clinic) -> None:
        await stored(clinic, heart_rate=72, days_ago=200)
        await stored(clinic, heart_rate=55)
        async with clinic.client(RoleName.PATIENT) as client:
            person = clinic.person_id(RoleName.PATIENT)
            late = await read(client, person, since=(NOW - timedelta(days=100)).isoformat())
            nothing = await read(client, person, since="2100-01-01T00:00:00Z")
        assert "1 assessment," in late
        assert "Measured once" in late
        assert "No measured values" in nothing

    async def test_what_was_deleted_is_not_in_it(self, clinic: Clinic) -> None:
        key = await stored(clinic, heart_rate=131.4)
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.delete(f"/api/records/assessments/{key}")
            text = await read(client, clinic.person_id(RoleName.PATIENT))
        assert "No measured values" in text
        assert "Heart rate" not in text

    async def test_many_series_stay_on_their_pages(self, clinic: Clinic) -> None:
        for _ in range(2):
            await store_sample(clinic, "cognitive-stroop")
        async with clinic.client(RoleName.CLINICIAN) as client:
            patient = clinic.person_id(RoleName.PATIENT)
            text = await read(client, patient)
            answer = await client.get(f"{PEOPLE}/{patient}.pdf")
        assert text.count("<img") > 6
        for page in pages(answer.content):
            assert page.cut() == []
            assert page.overlaps() == []


class TestReaders:
    async def test_a_researcher_gets_no_name_and_nobody_who_did_not_agree(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await named(clinic, auditor)
        await stored(clinic)
        patient = clinic.person_id(RoleName.PATIENT)
        async with clinic.client(RoleName.RESEARCHER) as client:
            text = await read(client, patient)
            assert "Sparrow" not in text
            assert "MRN-4711" not in text
            await auditor.execute(WITHDRAWN, patient)
            assert (await client.get(f"{PEOPLE}/{patient}.html")).status_code == 404
            assert (await client.get(f"{PEOPLE}/{uuid4()}.pdf")).status_code == 404

    async def test_it_is_in_the_trail_of_the_person(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        patient = clinic.person_id(RoleName.PATIENT)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(f"{PEOPLE}/{patient}.pdf")
        rows = await auditor.fetch(
            "SELECT DISTINCT resource_type FROM audit_events WHERE request_id = $1"
            " AND subject_id = $2 AND action = 'read'",
            *(answer.headers["x-request-id"], patient),
        )
        assert {row["resource_type"] for row in rows} >= {"users", "biomarker_values"}
