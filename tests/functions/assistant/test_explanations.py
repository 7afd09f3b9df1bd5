"""Explanations over HTTP: who may ask, what is kept, and what another tenant sees of it."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.identifiers import uuid7
from shared.permissions import RoleName
from shared.vocabulary import AssessmentStatus
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_lifecycle import add
from tests.functions.accounts.test_moves import moved

EXPLANATIONS = "/api/assistant/explanations"


async def explained(
    clinic: Clinic, assessment: UUID, role: RoleName, **wanted: str
) -> dict[str, Any]:
    async with clinic.client(role) as client:
        answer = await client.post(EXPLANATIONS, json={"assessment_id": str(assessment), **wanted})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


class TestExplain:
    async def test_a_patient_reads_of_their_own_record(self, clinic: Clinic) -> None:
        told = await explained(clinic, await stored(clinic, heart_rate=74.1), RoleName.PATIENT)
        assert (told["voice"], told["engine"], told["language"]) == ("patient", "template", "en")
        text = " ".join(sentence["text"] for sentence in told["sentences"])
        assert "Your heart rate was 74.1 per minute." in text
        assert "Your value is within this range." in text

    async def test_a_clinician_reads_in_their_own_words(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        told = await explained(clinic, assessment, RoleName.CLINICIAN)
        assert told["voice"] == "clinician"
        told = await explained(clinic, assessment, RoleName.CLINICIAN, voice="researcher")
        assert "Heart rate (Mean heart rate) was 70 /min" in told["sentences"][1]["text"]

    async def test_it_reads_again_as_it_was_given(self, clinic: Clinic) -> None:
        given = await explained(clinic, await stored(clinic), RoleName.CLINICIAN)
        for role in (RoleName.PATIENT, RoleName.CLINICIAN, RoleName.ADMIN):
            async with clinic.client(role) as client:
                answer = await client.get(f"{EXPLANATIONS}/{given['id']}")
            assert answer.json() == given, role

    async def test_anelsewhere_finds_neither(self, clinic: Clinic, elsewhere: Clinic) -> None:
        assessment = await stored(clinic)
        given = await explained(clinic, assessment, RoleName.CLINICIAN)
        async with elsewhere.client(RoleName.ADMIN) as client:
            read = await client.get(f"{EXPLANATIONS}/{given['id']}")
            asked = await client.post(EXPLANATIONS, json={"assessment_id": str(assessment)})
        assert (read.status_code, asked.status_code) == (404, 404)

    async def test_a_researcher_asks_for_none(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.RESEARCHER) as client:
            answer = await client.post(EXPLANATIONS, json={"assessment_id": str(assessment)})
        assert answer.status_code == 403

    @pytest.mark.parametrize("status", [AssessmentStatus.PENDING, AssessmentStatus.PROCESSING])
    async def test_what_has_not_ended(self, clinic: Clinic, status: AssessmentStatus) -> None:
        assessment = await stored(clinic, status=status)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(EXPLANATIONS, json={"assessment_id": str(assessment)})
        assert (answer.status_code, answer.json()["code"]) == (409, "analysis-unfinished")

    async def test_what_was_deleted(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            await client.delete(f"/api/records/assessments/{assessment}")
            answer = await client.post(EXPLANATIONS, json={"assessment_id": str(assessment)})
        assert answer.status_code == 410

    @pytest.mark.parametrize(
        "wrong", [{}, {"assessment_id": "7"}, {"voice": "pirate"}, {"language": "de"}, {"text": ""}]
    )
    async def test_what_is_not_understood_is_refused(
        self, clinic: Clinic, wrong: dict[str, str]
    ) -> None:
        named = {} if "assessment_id" in wrong or not wrong else {"assessment_id": str(uuid7())}
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(EXPLANATIONS, json=named | wrong)
        assert answer.status_code == 422


class TestStored:
    async def test_it_is_encrypted_and_audited(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        given = await explained(clinic, await stored(clinic), RoleName.CLINICIAN)
        row = await auditor.fetchrow(
            "SELECT explanation_text, model_used FROM ai_explanations WHERE id = $1",
            UUID(given["id"]),
        )
        assert row is not None
        assert "heart" not in row["explanation_text"].lower()
        assert row["model_used"] == "template"

    async def test_it_does_not_follow_its_assessment_to_another_person(
        self, clinic: Clinic
    ) -> None:
        assessment = await stored(clinic)
        given = await explained(clinic, assessment, RoleName.CLINICIAN)
        async with clinic.client(RoleName.CLINICIAN) as client:
            person = await add(client, "Lovelace")
            await moved(client, assessment, person)
            answer = await client.get(f"{EXPLANATIONS}/{given['id']}")
            assert (answer.status_code, answer.json()["code"]) == (410, "gone")
        anew = await explained(clinic, assessment, RoleName.CLINICIAN)
        assert anew["subject_id"] == person
