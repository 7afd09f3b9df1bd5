"""Reports over HTTP: who reads them, what stands in them, and that they prove themselves."""

import re
from hashlib import sha256

import asyncpg
import pytest
from httpx import AsyncClient

from functions.fhir.people.queries import get_names
from functions.fhir.reports import html, service
from shared.database import transaction
from shared.permissions import Permission, RoleName
from shared.record import Stage
from shared.vocabulary import AssessmentStatus, StageStatus
from tests.conftest import Clinic
from tests.factories.examinations import NOW, examination, stored
from tests.factories.samples import store, store_sample
from tests.functions.fhir.layout import pages

REPORTS = "/api/fhir/reports"
READS = (
    "SELECT resource_type, resource_id, subject_id FROM audit_events"
    " WHERE request_id = $1 AND action = 'read'"
)


async def named(clinic: Clinic, auditor: asyncpg.Connection) -> None:
    """Give the patient a name and an identifier, and the organization a head."""
    patient = clinic.person_id(RoleName.PATIENT)
    await auditor.execute(
        "UPDATE users SET first_name = 'Canary', last_name = 'Sparrow',"
        " date_of_birth = '1965-03-12', sex_at_birth = 'female' WHERE id = $1",
        patient,
    )
    await auditor.execute(
        "INSERT INTO person_identifiers (id, organization_id, user_id, system, value)"
        " SELECT gen_random_uuid(), organization_id, id, 'urn:mrn', 'MRN-4711' FROM users"
        " WHERE id = $1",
        patient,
    )
    await auditor.execute(
        "UPDATE organizations SET settings = settings ||"
        ' \'{"report_head": "Ward 3\\nHeart Street 1", "time_zone": "Europe/Berlin"}\''
        " WHERE identity_organization = $1",
        clinic.identity,
    )


async def read(client: AsyncClient, key: object) -> str:
    answer = await client.get(f"{REPORTS}/{key}.html")
    assert answer.status_code == 200, answer.text
    return answer.text


class TestContent:
    async def test_page_and_print_say_who_what_and_under_which_head(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await named(clinic, auditor)
        key = await stored(clinic, heart_rate=134.6)
        async with clinic.client(RoleName.CLINICIAN) as client:
            text = await read(client, key)
            answer = await client.get(f"{REPORTS}/{key}.pdf", params={"paper": "letter"})
        (page,) = pages(answer.content)
        for words in ("Sparrow, Canary", "1965-03-12", "MRN-4711", "Heart Street 1", "135"):
            assert words in text
            assert words in page.text

    async def test_print_is_of_the_paper_asked_for(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(f"{REPORTS}/{key}.pdf", params={"paper": "letter"})
        assert answer.headers["content-type"] == "application/pdf"
        assert str(key) in answer.headers["content-disposition"]
        (page,) = pages(answer.content)
        assert (round(page.width), round(page.height)) == (612, 792)

    async def test_sign_offs_make_it_final_and_then_amended(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        path = f"/api/records/assessments/{key}"
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert "Preliminary: not reviewed" in await read(client, key)
            await client.post(f"{path}/review", json={"note": "Read by <hand>."})
            text = await read(client, key)
            assert "Final" in text
            assert "Read by &lt;hand&gt;." in text
            assert "not reviewed" not in text.lower()
            tag = (await client.get(path)).headers["etag"]
            again = await client.post(f"{path}/review", json={}, headers={"If-Match": tag})
            assert again.status_code == 200
            assert "Amended" in await read(client, key)

    async def test_hash_is_that_of_the_records_answer(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            text = await read(client, key)
            told = re.search(r"record at (\S+), .* SHA-256 ([0-9a-f]{64})", text)
            assert told is not None
            answer = await client.get(told[1])
        assert sha256(answer.content).hexdigest() == told[2]

    async def test_a_change_beyond_noise_is_told_beside_the_value(self, clinic: Clinic) -> None:
        for days_ago, effect in ((21, 60.0), (0, 160.0)):
            key = await stored(clinic, "stroop_effect", heart_rate=effect, days_ago=days_ago)
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert "Reliable increase" in await read(client, key)

    async def test_pictures_that_do_not_fit_are_named(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = await store_sample(clinic, "dermatology-nevus")
        async with clinic.client(RoleName.PATIENT) as client:
            whole = await read(client, key)
            monkeypatch.setattr(service, "MAX_PICTURE_BYTES", 1)
            text = await read(client, key)
        assert "is not shown" not in whole
        assert text.count("A picture is not shown") == whole.count("<img") == 2
        assert "<img" not in text

    async def test_every_pipeline_is_reported(self, clinic: Clinic) -> None:
        for name in ("cognitive-stroop", "retinal-right-eye", "dermatology-nevus"):
            key = await store_sample(clinic, name)
            async with clinic.client(RoleName.PATIENT) as client:
                text = await read(client, key)
                answer = await client.get(f"{REPORTS}/{key}.pdf")
            assert text.count("<img") >= 1
            assert answer.content.startswith(b"%PDF-1.7")


class TestReaders:
    async def test_whoever_reaches_the_record_reads_who_signed_it(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        await auditor.execute(
            "UPDATE users SET first_name = 'Ben', last_name = 'Signer' WHERE id = $1",
            clinic.person_id(RoleName.ADMIN),
        )
        async with clinic.client(RoleName.ADMIN) as client:
            await client.post(f"/api/records/assessments/{key}/review", json={})
        await auditor.execute(
            "INSERT INTO care_assignments (id, organization_id, user_id, clinician_id, assigned_by)"
            " SELECT gen_random_uuid(), organization_id, $1, id, id FROM users WHERE id = $2",
            clinic.person_id(RoleName.PATIENT),
            clinic.person_id(RoleName.CLINICIAN),
        )
        for visibility in ("organization", "care_team"):
            await auditor.execute(
                "UPDATE organizations SET settings = settings || jsonb_build_object('visibility',"
                " $2::text) WHERE identity_organization = $1",
                *(clinic.identity, visibility),
            )
            for role in (RoleName.PATIENT, RoleName.CLINICIAN):
                async with clinic.client(role) as client:
                    assert "Ben Signer" in await read(client, key), (visibility, role)
                    provenance = await client.get(
                        "/api/fhir/Provenance", params={"target": f"DiagnosticReport/{key}"}
                    )
                    assert "Ben Signer" in provenance.text
        async with clinic.client(RoleName.RESEARCHER) as client:
            assert "Signer" not in await read(client, key)

    async def test_the_name_of_who_signed_nothing_within_reach_is_not_told(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        await stored(clinic)
        signer = clinic.person_id(RoleName.ADMIN)
        for place, role in (
            (clinic, RoleName.PATIENT),
            (clinic, RoleName.ADMIN),
            (elsewhere, RoleName.ADMIN),
        ):
            async with transaction.begin(
                place.caller(role), Permission.VIEW_ASSESSMENTS
            ) as connection:
                assert await get_names(connection, [signer]) == {}

    async def test_researcher_gets_no_name_picture_or_note(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await named(clinic, auditor)
        key = await store_sample(clinic, "cognitive-stroop")
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.post(f"/api/records/assessments/{key}/review", json={"note": "Canary"})
        async with clinic.client(RoleName.RESEARCHER) as client:
            text = await read(client, key)
        assert "Canary" not in text
        assert "Sparrow" not in text
        assert "MRN-4711" not in text
        assert "<img" not in text
        assert "Stroop effect" in text

    async def test_each_reading_is_in_the_trail_of_the_person(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(f"{REPORTS}/{key}.pdf")
        rows = await auditor.fetch(READS, answer.headers["x-request-id"])
        patient = clinic.person_id(RoleName.PATIENT)
        assert {row["subject_id"] for row in rows} == {patient}
        assert {(row["resource_type"], row["resource_id"]) for row in rows} >= {
            ("assessments", key),
            ("users", patient),
        }

    @pytest.mark.parametrize("form", ["html", "pdf"])
    async def test_deleted_is_410_and_unfinished_409(self, clinic: Clinic, form: str) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            pending = await stored(clinic, status=AssessmentStatus.PENDING)
            waiting = await client.get(f"{REPORTS}/{pending}.{form}")
            assert (waiting.status_code, waiting.json()["code"]) == (409, "analysis-unfinished")
            await client.delete(f"/api/records/assessments/{key}")
            assert (await client.get(f"{REPORTS}/{key}.{form}")).status_code == 410

    async def test_page_runs_nothing_and_fetches_nothing(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(f"{REPORTS}/{key}.html")
        assert answer.headers["content-security-policy"] == html.POLICY
        assert "script" not in html.POLICY
        assert "http-equiv" not in answer.text

    async def test_failed_says_where_and_why(self, clinic: Clinic) -> None:
        stage = Stage(
            *("beats", 0, StageStatus.FAILED, 3, NOW),
            error_code="too-few-beats",
            error_message="Fewer than 3 beats.",
        )
        key = await store(clinic, examination(status=AssessmentStatus.FAILED, stages=(stage,)))
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert "Fewer than 3 beats." in await read(client, key)
