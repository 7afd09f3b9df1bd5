"""A row that was changed behind the API is named where it is read and where it is exported."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from shared.database import sign_of_life
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_care_teams import FILE
from tests.functions.accounts.test_patients import added
from tests.nonempty import nonempty

RECORDS = "/api/records/assessments"
OF_ASSESSMENT = {"assessments": "id = $1"}


async def moved(client: AsyncClient, key: UUID, person: str) -> None:
    move = {"assessment_id": str(key), "to_person_id": person, "reason": "mixed up"}
    answer = await client.post("/api/accounts/moves", json=move)
    assert answer.status_code == 201, answer.text


@pytest.fixture
async def behind(auditor: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """The database's superuser, whose changes no trigger sees."""
    await auditor.execute("SET session_replication_role = replica")
    yield auditor
    await auditor.execute("SET session_replication_role = DEFAULT")


async def analyzed(clinic: Clinic) -> UUID:
    async with clinic.client(RoleName.CLINICIAN) as client:
        person = {"subject_id": str(clinic.person_id(RoleName.PATIENT))}
        files = {"file": (FILE.name, FILE.content)}
        answer = await client.post("/api/cardiology/analyze", files=files, data=person)
    assert answer.status_code == 201, answer.text
    assert answer.json()["altered"] == []
    return UUID(answer.json()["id"])


async def altered(clinic: Clinic, key: UUID) -> list[str]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await client.get(f"{RECORDS}/{key}")
        assert answer.status_code == 200, answer.text
        told: list[str] = answer.json()["altered"]
    return told


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("assessments", "UPDATE {} SET risk_level = 'low', risk_score = 1 WHERE {}"),
        ("assessments", "UPDATE {} SET recorded_at = recorded_at + interval '1 s' WHERE {}"),
        ("biomarker_values", "UPDATE {} SET value = value * 2 WHERE {}"),
        ("biomarker_values", "UPDATE {} SET normal_range_max = 999 WHERE {}"),
        ("biomarker_values", "DELETE FROM {} WHERE {}"),
        ("cardiology_results", "UPDATE {} SET rhythm_classification = 'sinus' WHERE {}"),
        ("cardiology_results", "DELETE FROM {} WHERE {}"),
        ("pipeline_stages", "UPDATE {} SET duration_ms = duration_ms + 1 WHERE {}"),
        ("sign_offs", "UPDATE {} SET signed_by = user_id WHERE {}"),
    ],
)
async def test_what_was_altered_is_named(
    clinic: Clinic, behind: asyncpg.Connection, table: str, change: str
) -> None:
    key = await analyzed(clinic)
    async with clinic.client(RoleName.CLINICIAN) as client:
        signed = await client.post(f"{RECORDS}/{key}/review", json={"note": "seen"})
        assert (signed.status_code, signed.json()["altered"]) == (200, [])
    assert await altered(clinic, key) == []
    where = OF_ASSESSMENT.get(table, "assessment_id = $1")
    await behind.execute(change.format(table, where), key)
    named = await altered(clinic, key)
    assert table in named
    assert set(named) <= {table, "biomarker_values"}


async def test_what_the_api_changes_is_not_altered(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    """Signed twice, moved and back, deleted and restored: the trail knows of all of it."""
    key = await analyzed(clinic)
    async with clinic.client(RoleName.ADMIN) as client:
        signed = await client.post(f"{RECORDS}/{key}/review", json={"note": "seen"})
        again = {"If-Match": signed.headers["ETag"]}
        await client.post(f"{RECORDS}/{key}/review", json={}, headers=again)
        await moved(client, key, (await added(client))["id"])
        assert (await client.delete(f"{RECORDS}/{key}")).status_code == 204
        assert (await client.post(f"{RECORDS}/{key}/restore")).status_code == 200
    assert await altered(clinic, key) == []
    assert len(await auditor.fetch("SELECT FROM sign_offs WHERE assessment_id = $1", key)) == 2


async def test_an_export_names_it_too(clinic: Clinic, behind: asyncpg.Connection) -> None:
    key = await analyzed(clinic)
    doubled = "UPDATE biomarker_values SET value = value * 2 WHERE assessment_id = $1"
    pages = (f"/api/fhir/DiagnosticReport/{key}", f"/api/fhir/reports/{key}.html")
    async with clinic.client(RoleName.CLINICIAN) as client:
        for words in nonempty(("UNRELIABLE", "biomarker_values")):
            assert not [path for path in pages if words in (await client.get(path)).text]
        await behind.execute(doubled, key)
        resource, page = [(await client.get(path)).text for path in pages]
    assert "UNRELIABLE" in resource
    assert "Do not rely on this report" in page
    assert "biomarker_values" in page


async def test_what_the_trail_does_not_know_is_named(
    clinic: Clinic, behind: asyncpg.Connection
) -> None:
    key = await stored(clinic)
    await behind.execute("DELETE FROM audit_events WHERE resource_id = $1", key)
    assert "assessments" in await altered(clinic, key)


async def test_health_counts_it_until_it_is_mended(
    clinic: Clinic, behind: asyncpg.Connection
) -> None:
    key = await analyzed(clinic)
    listed = "SELECT tables FROM medilens.alterations WHERE assessment_id = $1"
    before = (await sign_of_life.ping()).altered_records
    for change, expected in (("*", ["biomarker_values"]), ("/", None)):
        sql = f"UPDATE biomarker_values SET value = value {change} 2 WHERE assessment_id = $1"
        await behind.execute(sql, key)
        await altered(clinic, key)
        assert await behind.fetchval(listed, key) == expected
        difference = (await sign_of_life.ping()).altered_records - before
        assert difference == (1 if expected else 0)


async def test_nobody_asks_about_another_tenants(
    clinic: Clinic, elsewhere: Clinic, behind: asyncpg.Connection
) -> None:
    key = await stored(clinic)
    await behind.execute("UPDATE assessments SET risk_score = 1 WHERE id = $1", key)
    async with elsewhere.client(RoleName.CLINICIAN) as client:
        assert (await client.get(f"{RECORDS}/{key}")).status_code == 404
    listed = "SELECT count(*) FROM medilens.alterations WHERE assessment_id = $1"
    assert await behind.fetchval(listed, key) == 0
