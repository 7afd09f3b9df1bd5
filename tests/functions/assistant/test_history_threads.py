"""Conversations about a person's history: what they rest on, and when their answers close."""

from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient

from functions.assistant.threads.intents import ANSWERED
from functions.maintenance import service
from functions.maintenance.service import Job
from local.prove.answering import FakeModel
from shared.identifiers import uuid7
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_lifecycle import years_pass
from tests.functions.assistant.test_models import allow, consent, model
from tests.functions.assistant.test_threads import THREADS, told
from tests.nonempty import nonempty

__all__ = ["model"]  # the fixture


async def begun(client: AsyncClient, clinic: Clinic, **wanted: Any) -> dict[str, Any]:
    person = str(clinic.person_id(RoleName.PATIENT))
    answer = await client.post(THREADS, json={"subject_id": person, **wanted})
    assert answer.status_code == 201, answer.text
    thread: dict[str, Any] = answer.json()
    return thread


async def test_a_patient_asks_of_their_own_history(clinic: Clinic) -> None:
    await stored(clinic, heart_rate=70, days_ago=92)
    await stored(clinic, heart_rate=84)
    async with clinic.client(RoleName.PATIENT) as client:
        thread = await begun(client, clinic)
        answer = await told(client, thread, "How did my heart rate change?")
        listed = (await client.get(THREADS)).json()["items"]
    assert (thread["voice"], thread["assessment_id"]) == ("patient", None)
    assert [summary["id"] for summary in listed] == [thread["id"]]
    assert answer["source"]["intent"] == "changes"
    assert "heart_rate" in {fact["name"] for fact in answer["source"]["facts"]}


@pytest.mark.parametrize("voice", ["patient", "clinician", "researcher"])
async def test_every_question_that_is_offered_is_answered(clinic: Clinic, voice: str) -> None:
    await stored(clinic, heart_rate=70, days_ago=92)
    await stored(clinic, "sdnn", heart_rate=84)
    async with clinic.client(RoleName.CLINICIAN) as client:
        thread = await begun(client, clinic, voice=voice, biomarkers=["heart_rate", "sdnn"])
        for question in nonempty(thread["questions"]):
            answer = await told(client, thread, question["text"])
            assert answer["source"]["intent"] == question["intent"]
    assert thread["biomarkers"] == ["heart_rate", "sdnn"]
    assert len(thread["questions"]) == len(ANSWERED)


async def test_no_model_words_a_history_freely(
    clinic: Clinic, auditor: asyncpg.Connection, model: FakeModel
) -> None:
    await allow(clinic, auditor)
    await consent(clinic, auditor)
    await stored(clinic, heart_rate=70, days_ago=92)
    await stored(clinic, heart_rate=84)
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await told(client, await begun(client, clinic), "What was measured?")
    assert answer["source"]["engine"] == "template"
    assert all(sentence["name"] for sentence in nonempty(answer["source"]["sentences"]))
    assert model.asked


async def test_what_there_is_not_is_refused(clinic: Clinic, elsewhere: Clinic) -> None:
    person, foreign = (str(place.person_id(RoleName.PATIENT)) for place in (clinic, elsewhere))
    refused: list[dict[str, Any]] = [
        {"subject_id": person},
        {"subject_id": foreign},
        {"subject_id": person, "biomarkers": ["luck"]},
        {"subject_id": person, "assessment_id": str(uuid7())},
        {"assessment_id": str(uuid7()), "biomarkers": ["heart_rate"]},
        {},
    ]
    async with clinic.client(RoleName.CLINICIAN) as client:
        answers = [(await client.post(THREADS, json=body)).status_code for body in refused]
    assert answers == [409, 404, 404, 422, 422, 422]


async def test_an_answer_closes_and_goes_with_any_of_what_it_rests_on(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    first = await stored(clinic, heart_rate=70, days_ago=92)
    await stored(clinic, heart_rate=84)
    person = str(clinic.person_id(RoleName.PATIENT))
    async with clinic.client(RoleName.ADMIN) as client:
        thread = await begun(client, clinic)
        before = await told(client, thread, "What was measured?")
        place = f"/api/records/assessments/{first}"
        assert (await client.delete(place)).status_code == 204
        after = await told(client, thread, "What was measured?")
        messages = f"{THREADS}/{thread['id']}/messages"
        said = {item["id"]: item["text"] for item in (await client.get(messages)).json()["items"]}
        await years_pass(auditor, person, 8)
        assert f"assessment {first}" in (await service.run(Job.PURGE)).changed
        remaining = {item["id"] for item in (await client.get(messages)).json()["items"]}
    assert said[before["id"]] is None
    assert said[after["id"]] == after["text"]
    assert said.keys() - remaining == {before["id"]}
