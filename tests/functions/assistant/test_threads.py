"""Conversations over HTTP: who begins, reads and ends one, and what is answered and kept."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient, Response

from functions.assistant.threads.intents import ANSWERED
from shared.identifiers import uuid7
from shared.permissions import RoleName
from shared.vocabulary import AssessmentStatus
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_lifecycle import add
from tests.functions.accounts.test_moves import moved
from tests.nonempty import nonempty

THREADS = "/api/assistant/threads"
WHOLE = "Was anything measured?"
MESSAGES = "SELECT count(*) FROM chat_messages WHERE thread_id = $1"


async def begun(client: AsyncClient, assessment: UUID, **told: str) -> dict[str, Any]:
    answer = await client.post(THREADS, json={"assessment_id": str(assessment), **told})
    assert answer.status_code == 201, answer.text
    thread: dict[str, Any] = answer.json()
    return thread


async def begun_under_a_key(client: AsyncClient, assessment: UUID) -> Response:
    body, headers = {"assessment_id": str(assessment)}, {"Idempotency-Key": "k-1"}
    return await client.post(THREADS, json=body, headers=headers)


async def asked(client: AsyncClient, thread: dict[str, Any], text: str, key: str = "") -> Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(
        f"{THREADS}/{thread['id']}/messages", json={"text": text}, headers=headers
    )


async def told(client: AsyncClient, thread: dict[str, Any], text: str) -> dict[str, Any]:
    answer = await asked(client, thread, text)
    assert answer.status_code == 201, answer.text
    message: dict[str, Any] = answer.json()["answer"]
    return message


async def asked_by_the_patient(clinic: Clinic) -> dict[str, Any]:
    """Begin a conversation of the patient's own about their heart, and ask in it."""
    async with clinic.client(RoleName.PATIENT) as client:
        thread = await begun(client, await stored(clinic), title="My heart")
        await told(client, thread, WHOLE)
    return thread


async def statuses_of(client: AsyncClient, thread: dict[str, Any]) -> set[int]:
    """How a conversation is read, put away and asked in, in numbers of HTTP."""
    place = f"{THREADS}/{thread['id']}"
    answers = [
        await client.get(place),
        await client.get(f"{place}/messages"),
        await client.delete(place),
        await asked(client, thread, WHOLE),
    ]
    return {answer.status_code for answer in answers}


class TestAsking:
    async def test_a_patient_asks_of_their_own_record(self, clinic: Clinic) -> None:
        assessment = await stored(clinic, heart_rate=74.1)
        async with clinic.client(RoleName.PATIENT) as client:
            thread = await begun(client, assessment)
            answer = await told(client, thread, "Is my heart rate normal?")
        assert thread["voice"] == "patient"
        assert [question["intent"] for question in thread["questions"]] == list(ANSWERED)
        assert answer["text"].startswith("Your heart rate was 74.1 per minute.")
        source = answer["source"]
        expected = ("ranges", "template", "nothing-to-choose")
        assert (source["intent"], source["engine"], source["why_template"]) == expected
        assert {fact["name"] for fact in source["facts"]} >= {"heart_rate"}
        assert len(source["facts_sha256"]) == 64

    @pytest.mark.parametrize("voice", ["patient", "clinician", "researcher"])
    async def test_every_question_that_is_offered_is_answered(
        self, clinic: Clinic, voice: str
    ) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            thread = await begun(client, assessment, voice=voice)
            for question in nonempty(thread["questions"]):
                answer = await told(client, thread, question["text"])
                assert answer["source"]["intent"] == question["intent"]

    async def test_an_emergency_is_answered_with_the_organizations_words_first(
        self, clinic: Clinic
    ) -> None:
        words = "In an emergency call 112. {F1.value} <b>"
        assessment = await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            organization = "/api/accounts/organization"
            changed = await client.patch(organization, json={"emergency_text": words})
            assert changed.status_code == 200, changed.text
        async with clinic.client(RoleName.PATIENT) as client:
            thread = await begun(client, assessment)
            first = await told(client, thread, "My chest hurts, what was measured?")
            declined = await told(client, thread, "Do I have atrial fibrillation?")
            unknown = await told(client, thread, "me duele el pecho")
        assert thread["emergency_text"] == words
        assert first["text"].startswith(words)
        assert first["source"]["intent"] == "emergency"
        assert [declined["source"]["intent"], unknown["source"]["intent"]] == [
            *("diagnosis", "unknown")
        ]
        assert declined["text"].startswith(words)
        assert unknown["text"].startswith(words)

    async def test_without_words_of_the_organization_the_languages_own_stand(
        self, clinic: Clinic
    ) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await told(client, await begun(client, assessment), "I can't breathe")
        assert answer["text"].startswith(
            "If you are in danger, call the emergency number where you live."
        )

    @pytest.mark.parametrize("text", ["", " " * 1_001, "a\u0000b", "x" * 1_001])
    async def test_what_is_no_question_is_refused(self, clinic: Clinic, text: str) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await asked(client, await begun(client, assessment), text)
        assert answer.status_code == 422

    async def test_a_question_is_stored_once_under_its_key(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.PATIENT) as client:
            thread = await begun(client, assessment)
            first, again = [await asked(client, thread, WHOLE, key="k-1") for _ in range(2)]
            other = await asked(client, thread, "What changed?", key="k-1")
            listed = (await client.get(f"{THREADS}/{thread['id']}/messages")).json()["items"]
        assert first.json() == again.json()
        assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
        assert [message["role"] for message in listed] == ["user", "assistant"]

    async def test_a_conversation_is_begun_once_under_its_key(self, clinic: Clinic) -> None:
        first, other = await stored(clinic), await stored(clinic)
        async with clinic.client(RoleName.PATIENT) as client:
            answers = [await begun_under_a_key(client, key) for key in (first, first, other)]
            listed = (await client.get(THREADS)).json()["items"]
        assert answers[0].json() == answers[1].json()
        assert answers[2].json()["code"] == "idempotency-key-reused"
        assert len(listed) == 1

    async def test_somebody_elses_key_is_another_key(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.PATIENT) as client:
            first = await begun_under_a_key(client, await stored(clinic))
        async with clinic.client(RoleName.CLINICIAN) as client:
            other = await begun_under_a_key(client, await stored(clinic))
        assert (first.status_code, other.status_code) == (201, 201)


class TestReach:
    async def test_a_patient_sees_their_own_conversations_and_no_others(
        self, clinic: Clinic
    ) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            of_clinician = await begun(client, assessment)
            await told(client, of_clinician, WHOLE)
        async with clinic.client(RoleName.PATIENT) as client:
            own = await begun(client, assessment)
            await told(client, own, WHOLE)
            listed = await client.get(THREADS, params={"assessment_id": str(assessment)})
            assert await statuses_of(client, of_clinician) == {404}
        assert [thread["id"] for thread in listed.json()["items"]] == [own["id"]]

    async def test_the_care_team_reads_what_a_patient_asked(self, clinic: Clinic) -> None:
        thread = await asked_by_the_patient(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            mine = (await client.get(THREADS)).json()["items"]
            patient = clinic.person_id(RoleName.PATIENT)
            listed = (await client.get(f"{THREADS}?subject_id={patient}")).json()["items"]
            said = (await client.get(f"{THREADS}/{thread['id']}/messages")).json()["items"]
        assert (mine, [item["title"] for item in listed]) == ([], ["My heart"])
        assert next(message["text"] for message in said) == WHOLE

    async def test_the_care_team_asks_nothing_in_what_a_patient_asked(self, clinic: Clinic) -> None:
        thread = await asked_by_the_patient(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            put_away = await client.delete(f"{THREADS}/{thread['id']}")
            refused = [await asked(client, thread, WHOLE), put_away]
        assert {answer.status_code for answer in refused} == {403}

    async def test_another_organization_finds_nothing(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.PATIENT) as client:
            thread = await begun(client, assessment)
        patient = clinic.person_id(RoleName.PATIENT)
        async with elsewhere.client(RoleName.ADMIN) as client:
            assert await statuses_of(client, thread) == {404}
            another = await client.post(THREADS, json={"assessment_id": str(assessment)})
            of_patient = await client.get(THREADS, params={"subject_id": str(patient)})
            listed = await client.get(THREADS, params={"assessment_id": str(assessment)})
        assert (another.status_code, of_patient.status_code) == (404, 404)
        assert listed.json()["items"] == []

    async def test_a_researcher_has_no_conversations(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.RESEARCHER) as client:
            answer = await client.post(THREADS, json={"assessment_id": str(assessment)})
        assert answer.status_code == 403

    async def test_what_moved_to_another_person_is_closed(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            thread = await begun(client, assessment)
            await told(client, thread, WHOLE)
            await moved(client, assessment, await add(client, "Lovelace"))
            answer = await asked(client, thread, WHOLE)
            read = (await client.get(f"{THREADS}/{thread['id']}/messages")).json()["items"]
        assert answer.status_code == 410
        assert [message["text"] for message in read] == [WHOLE, None]
        assert read[1]["source"] is None

    async def test_what_moved_to_another_person_is_out_of_the_first_ones_reach(
        self, clinic: Clinic
    ) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.PATIENT) as client:
            own = await begun(client, assessment)
        async with clinic.client(RoleName.CLINICIAN) as client:
            await moved(client, assessment, await add(client, "Lovelace"))
        async with clinic.client(RoleName.PATIENT) as client:
            assert (await asked(client, own, WHOLE)).status_code == 404

    @pytest.mark.parametrize("status", [AssessmentStatus.PENDING, AssessmentStatus.PROCESSING])
    async def test_what_has_not_ended(self, clinic: Clinic, status: AssessmentStatus) -> None:
        assessment = await stored(clinic, status=status)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(THREADS, json={"assessment_id": str(assessment)})
        assert (answer.status_code, answer.json()["code"]) == (409, "analysis-unfinished")


class TestLists:
    async def test_conversations_go_on_after_a_page(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            made = [(await begun(client, assessment))["id"] for _ in range(5)]
            listed: list[str] = []
            params = {"limit": "2"}
            while True:
                page = (await client.get(THREADS, params=params)).json()
                listed += [thread["id"] for thread in page["items"]]
                if page["next_cursor"] is None:
                    break
                params["cursor"] = page["next_cursor"]
        assert listed == made[::-1]

    async def test_messages_go_on_after_a_page(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        texts = [f"What was measured? {letter}" for letter in "abc"]
        async with clinic.client(RoleName.CLINICIAN) as client:
            thread = await begun(client, assessment)
            for text in texts:
                await told(client, thread, text)
            place = f"{THREADS}/{thread['id']}/messages"
            first = (await client.get(place, params={"limit": "3"})).json()
            cursor = {"limit": "3", "cursor": first["next_cursor"]}
            second = (await client.get(place, params=cursor)).json()
            other = await begun(client, assessment)
            wrong = await client.get(f"{THREADS}/{other['id']}/messages", params=cursor)
        said = first["items"] + second["items"]
        assert [message["text"] for message in said[::2]] == texts
        assert [message["source"]["question_id"] for message in said[1::2]] == [
            message["id"] for message in said[::2]
        ]
        assert second["next_cursor"] is None
        assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid-cursor")

    async def test_what_was_put_away_is_gone(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.PATIENT) as client:
            thread = await begun(client, assessment)
            await told(client, thread, WHOLE)
            assert (await client.delete(f"{THREADS}/{thread['id']}")).status_code == 204
            assert await statuses_of(client, thread) == {410}
            assert (await client.get(THREADS)).json()["items"] == []
        assert await auditor.fetchval(MESSAGES, UUID(thread["id"])) == 2

    async def test_a_conversation_that_there_is_not(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(f"{THREADS}/{uuid7()}")
        assert answer.status_code == 404


class TestStored:
    async def test_what_was_said_is_encrypted_and_its_reading_audited(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        assessment = await stored(clinic)
        async with clinic.client(RoleName.PATIENT) as client:
            thread = await begun(client, assessment, title="Canaria Sparrowhawk")
            await told(client, thread, "What was measured for Canaria Sparrowhawk?")
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.get(f"{THREADS}/{thread['id']}/messages")
        rows = [
            dict(row)
            for table, column in (("chat_threads", "id"), ("chat_messages", "thread_id"))
            for row in await auditor.fetch(
                f"SELECT * FROM {table} WHERE {column} = $1", UUID(thread["id"])
            )
        ]
        written = str(rows)
        assert len(rows) == 3
        assert "Sparrowhawk" not in written
        assert "measured" not in written
        readers = await auditor.fetch(
            "SELECT DISTINCT user_id FROM audit_events WHERE resource_type = 'chat_messages'"
            " AND action = 'read' AND subject_id = $1",
            clinic.person_id(RoleName.PATIENT),
        )
        assert {row["user_id"] for row in readers} == {
            clinic.person_id(RoleName.PATIENT),
            clinic.person_id(RoleName.CLINICIAN),
        }
