"""A history explained over HTTP: whose it is, what it rests on, and when it is closed."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from functions.maintenance import service
from functions.maintenance.service import Job
from shared.identifiers import uuid7
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_lifecycle import years_pass

EXPLANATIONS = "/api/assistant/explanations"
RESTS_ON = "SELECT rests_on FROM ai_explanations WHERE id = $1"


async def explained(clinic: Clinic, role: RoleName, **wanted: Any) -> dict[str, Any]:
    person = str(clinic.person_id(RoleName.PATIENT))
    async with clinic.client(role) as client:
        answer = await client.post(EXPLANATIONS, json={"subject_id": person, **wanted})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def refused(clinic: Clinic, **wanted: Any) -> tuple[int, str]:
    person = str(clinic.person_id(RoleName.PATIENT))
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await client.post(EXPLANATIONS, json={"subject_id": person, **wanted})
    return answer.status_code, answer.json()["code"]


async def state_of(clinic: Clinic, explanation: str) -> int:
    async with clinic.client(RoleName.CLINICIAN) as client:
        return (await client.get(f"{EXPLANATIONS}/{explanation}")).status_code


async def test_a_patient_reads_of_their_own_history(clinic: Clinic) -> None:
    await stored(clinic, heart_rate=70, days_ago=92)
    latest = await stored(clinic, heart_rate=84)
    told = await explained(clinic, RoleName.PATIENT)

    text = " ".join(sentence["text"] for sentence in told["sentences"])
    assert (told["voice"], told["biomarkers"]) == ("patient", ["heart_rate"])
    assert told["assessment_id"] == str(latest)
    assert "Your heart rate was measured 2 times. At first it was 70 per minute." in text
    assert "That was 92 days later." in text
    assert "Your last value is within this range." in text


async def test_measures_and_days_are_chosen(clinic: Clinic) -> None:
    await stored(clinic, heart_rate=70, days_ago=92)
    await stored(clinic, "sdnn", heart_rate=84)
    wanted = {"biomarkers": ["sdnn", "heart_rate"], "days": 30}
    told = await explained(clinic, RoleName.CLINICIAN, **wanted)

    assert [fact["name"] for fact in told["facts"] if fact["kind"] == "series"] == ["sdnn"]
    assert [fact["name"] for fact in told["facts"] if fact["kind"] == "absence"] == ["heart_rate"]
    assert "measurements before the last 30 days" in told["left_out"]


async def test_what_there_is_not_is_refused(clinic: Clinic, elsewhere: Clinic) -> None:
    assert await refused(clinic) == (409, "nothing-measured")
    assert await refused(clinic, biomarkers=["luck"]) == (404, "not-found")
    assert await refused(clinic, subject_id=str(uuid7())) == (404, "not-found")
    foreign = str(elsewhere.person_id(RoleName.PATIENT))
    assert await refused(clinic, subject_id=foreign) == (404, "not-found")


@pytest.mark.parametrize(
    "wanted",
    [
        {"assessment_id": str(uuid7())},
        {"wording": "free"},
        {"biomarkers": []},
        {"biomarkers": ["Heart Rate"]},
        {"biomarkers": ["heart_rate"] * 21},
        {"days": 0},
        {"subject_id": None, "assessment_id": str(uuid7()), "days": 3},
    ],
)
async def test_what_is_not_understood_is_refused(clinic: Clinic, wanted: dict[str, Any]) -> None:
    assert (await refused(clinic, **wanted))[0] == 422


async def test_a_patient_asks_for_nobody_else(clinic: Clinic) -> None:
    await stored(clinic)
    async with clinic.client(RoleName.PATIENT) as client:
        other = {"subject_id": str(clinic.person_id(RoleName.CLINICIAN))}
        answer = await client.post(EXPLANATIONS, json=other)
    assert answer.status_code == 404


async def test_it_closes_where_any_of_its_assessments_is_deleted(clinic: Clinic) -> None:
    first = await stored(clinic, days_ago=10)
    await stored(clinic)
    told = await explained(clinic, RoleName.CLINICIAN)
    assert await state_of(clinic, told["id"]) == 200
    async with clinic.client(RoleName.ADMIN) as client:
        await client.delete(f"/api/records/assessments/{first}")
        assert await state_of(clinic, told["id"]) == 410
        await client.post(f"/api/records/assessments/{first}/restore")
    assert await state_of(clinic, told["id"]) == 200


async def test_it_closes_where_any_of_its_assessments_is_another_persons(clinic: Clinic) -> None:
    first = await stored(clinic, days_ago=10)
    await stored(clinic)
    told = await explained(clinic, RoleName.CLINICIAN)
    async with clinic.client(RoleName.CLINICIAN) as client:
        person = await client.post("/api/accounts/patients", json={"last_name": "Lovelace"})
        move = {"assessment_id": str(first), "to_person_id": person.json()["id"]}
        moved = await client.post("/api/accounts/moves", json={**move, "reason": "wrong person"})
        assert moved.status_code == 201, moved.text
    assert await state_of(clinic, told["id"]) == 410


async def test_it_is_purged_with_the_first_of_its_assessments(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    first = await stored(clinic, days_ago=10)
    latest = await stored(clinic)
    told = await explained(clinic, RoleName.CLINICIAN)
    key = UUID(told["id"])
    assert await auditor.fetchval(RESTS_ON, key) == [first, latest]
    async with clinic.client(RoleName.ADMIN) as client:
        await client.delete(f"/api/records/assessments/{first}")
    await years_pass(auditor, str(clinic.person_id(RoleName.PATIENT)), 8)
    assert f"assessment {first}" in (await service.run(Job.PURGE)).changed
    assert await auditor.fetchval(RESTS_ON, key) is None
