"""The trail is read by those who may, and each reading leaves a row of its own."""

import csv
import io
import json
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient
from sqlalchemy import text

from shared.database import transaction
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.factories.trail import organization_id

EVENTS, LOG, QUESTIONS = "/api/audit/events", "/api/audit/access-log", "/api/audit/questions"

# A formula, where a spreadsheet reads it as one.
AGENT = "=cmd|' /C calc'!A0"
LOG_NAMES = text("SELECT user_id FROM medilens.log_names(:person, CAST(:all AS uuid[]))")


async def paged(client: AsyncClient, asked: dict[str, str | int]) -> list[int]:
    """Return the events' ids of all pages; what is asked holds the last cursor then."""
    ids: list[int] = []
    while True:
        page = (await client.get(EVENTS, params=asked)).json()
        ids += [event["id"] for event in page["items"]]
        if page["next_cursor"] is None:
            return ids
        asked["cursor"] = page["next_cursor"]


async def look_at(clinic: Clinic, assessment: UUID, request_id: str = "a-clinicians-look") -> None:
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await client.get(
            f"/api/records/assessments/{assessment}", headers={"X-Request-ID": request_id}
        )
        assert answer.status_code == 200


class TestEvents:
    async def test_an_admin_finds_who_looked_at_what(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        await look_at(clinic, assessment)
        asked = {"request_id": "a-clinicians-look", "action": "read", "outcome": "success"}
        async with clinic.client(RoleName.ADMIN) as client:
            answer = await client.get(EVENTS, params=asked)
        (event,) = answer.json()["items"]
        assert event["user_id"] == str(clinic.person_id(RoleName.CLINICIAN))
        assert event["subject_id"] == str(clinic.person_id(RoleName.PATIENT))
        assert event["resource_id"] == str(assessment)
        assert (event["actor_role"], event["phi_accessed"]) == ("clinician", True)

    @pytest.mark.parametrize(
        ("name", "wrong"),
        [
            ("user_id", "0199b0f4-5c10-7d4c-9b21-0a1f2e3d4c5b"),
            ("subject_id", "0199b0f4-5c10-7d4c-9b21-0a1f2e3d4c5b"),
            ("resource_id", "0199b0f4-5c10-7d4c-9b21-0a1f2e3d4c5b"),
            ("action", "restore"),
            ("resource_type", "merges"),
            ("outcome", "denied"),
            ("request_id", "another"),
            ("created_to", "2026-01-02T00:00:00Z"),
            ("created_from", "2999-01-01T00:00:00Z"),
        ],
    )
    async def test_each_filter_leaves_out_the_others(
        self, clinic: Clinic, name: str, wrong: str
    ) -> None:
        await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            answer = await client.get(EVENTS, params={name: wrong})
        assert answer.status_code == (422 if name == "created_from" else 200), answer.text
        assert not answer.json().get("items")

    async def test_reading_it_is_in_it(self, clinic: Clinic, auditor: asyncpg.Connection) -> None:
        patient = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.ADMIN) as client:
            headers = {"X-Request-ID": "reads-the-trail"}
            await client.get(EVENTS, params={"subject_id": patient}, headers=headers)
        rows = await auditor.fetch(
            "SELECT * FROM audit_events WHERE request_id = 'reads-the-trail'"
            " AND organization_id = $1",
            await organization_id(auditor, clinic),
        )
        assert [(row["action"], row["resource_type"]) for row in rows] == [("read", "audit_events")]
        assert str(rows[0]["subject_id"]) == patient

    async def test_pages_are_complete_and_a_cursor_is_of_its_list(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        for _ in range(3):
            await stored(clinic)
        asked: dict[str, str | int] = {"action": "create", "limit": 2}
        async with clinic.client(RoleName.ADMIN) as client:
            ids = await paged(client, asked)
            whole = (await client.get(EVENTS, params={"action": "create"})).json()["items"]
        assert ids == [event["id"] for event in whole]
        assert len(ids) > 3
        async with elsewhere.client(RoleName.ADMIN) as client:
            answer = await client.get(EVENTS, params=asked)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")

    async def test_as_csv_and_as_lines(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.ADMIN) as client:
            client.headers["User-Agent"] = AGENT
            await client.get(EVENTS)
            table = await client.get(EVENTS, params={"format": "csv", "limit": 2})
            lines = await client.get(EVENTS, params={"format": "ndjson", "limit": 2})
            following = await client.get(table.headers["Link"].split(">")[0][1:])
        first, _ = csv.DictReader(io.StringIO(table.text))
        assert table.headers["content-type"].startswith("text/csv")
        assert first["user_agent"] == f"'{AGENT}"  # no formula of a spreadsheet
        assert first["action"] == "read"
        events = [json.loads(line) for line in lines.text.splitlines()]
        assert [event["user_agent"] for event in events] == [AGENT, AGENT]
        assert following.status_code == 200
        assert len(list(csv.DictReader(io.StringIO(following.text)))) >= 1

    async def test_another_organizations_rows_are_not_there(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        await stored(elsewhere)
        theirs = {str(elsewhere.person_id(role)) for role in RoleName}
        async with clinic.client(RoleName.ADMIN) as client:
            answer = await client.get(EVENTS, params={"limit": 1000})
        assert not theirs & {event["user_id"] for event in answer.json()["items"]}
        assert not theirs & {event["subject_id"] for event in answer.json()["items"]}


class TestAccessLog:
    async def test_a_patient_reads_in_words_who_looked_at_what(self, clinic: Clinic) -> None:
        assessment = await stored(clinic)
        await look_at(clinic, assessment)
        async with clinic.client(RoleName.PATIENT) as client:
            await client.get(f"/api/records/assessments/{assessment}")
            log = (await client.get(LOG)).json()
        assert log["subject_id"] == str(clinic.person_id(RoleName.PATIENT))
        told = [(entry["who"], entry["what"]) for entry in log["items"]]
        assert told[0] == ("you", "looked at one of your assessments")
        assert told[1] == ("a clinician", "looked at one of your assessments")
        assert ("a clinician", "added one of your assessments") in told
        assert log["items"][1]["record_id"] == str(assessment)
        assert log["items"][1]["role"] == "clinician"

    async def test_reading_it_is_in_it(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.PATIENT) as client:
            await client.get(LOG)
            again = (await client.get(LOG)).json()
        assert again["items"][0]["what"] == "looked at the log of who looked at your record"

    async def test_whoever_looked_has_a_name_and_nobody_beside(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """Who has a name is told with it and the role of then; those who never looked are not."""
        await look_at(clinic, await stored(clinic))
        people = {role: clinic.person_id(role) for role in RoleName}
        await auditor.execute(
            "UPDATE users SET first_name = 'Ada', last_name = 'Byron' WHERE id = ANY ($1)",
            list(people.values()),
        )
        async with clinic.client(RoleName.PATIENT) as client:
            log = (await client.get(LOG)).json()
        whom = {entry["who"] for entry in log["items"]}
        assert "Ada Byron, a clinician" in whom
        patient = people[RoleName.PATIENT]
        caller = clinic.caller(RoleName.PATIENT)
        async with transaction.begin(caller, Permission.VIEW_ACCESS_LOG) as connection:
            for person, expected in (
                (patient, {patient, people[RoleName.CLINICIAN]}),
                (people[RoleName.CLINICIAN], set()),
            ):
                rows = await connection.execute(
                    LOG_NAMES, {"person": person, "all": [*people.values()]}
                )
                assert set(rows.scalars()) - {patient} == expected - {patient}

    async def test_nobody_elses(self, clinic: Clinic, auditor: asyncpg.Connection) -> None:
        await stored(clinic)
        other = str(clinic.person_id(RoleName.CLINICIAN))
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await client.get(LOG, params={"subject_id": other})
            assert answer.status_code == 404
            entries = (await client.get(LOG)).json()["items"]
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.get(LOG)).status_code == 403
        ids = [entry["id"] for entry in entries]
        subjects = await auditor.fetch(
            "SELECT DISTINCT subject_id FROM audit_events WHERE id = ANY ($1)", ids
        )
        assert {row["subject_id"] for row in subjects} == {clinic.person_id(RoleName.PATIENT)}

    async def test_an_admin_looks_it_up_for_a_patient_and_not_for_another_organizations(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        await look_at(clinic, await stored(clinic))
        async with clinic.client(RoleName.ADMIN) as client:
            ours = {"subject_id": str(clinic.person_id(RoleName.PATIENT))}
            await client.get(LOG, params=ours)
            log = (await client.get(LOG, params=ours)).json()
            theirs = {"subject_id": str(elsewhere.person_id(RoleName.PATIENT))}
            assert (await client.get(LOG, params=theirs)).status_code == 404
        assert "a clinician" in {entry["who"] for entry in log["items"]}
        assert "an admin" in {entry["who"] for entry in log["items"]}

    async def test_pages(self, clinic: Clinic) -> None:
        await look_at(clinic, await stored(clinic))
        async with clinic.client(RoleName.PATIENT) as client:
            first = (await client.get(LOG, params={"limit": 1})).json()
            asked = {"limit": 1, "cursor": first["next_cursor"]}
            second = (await client.get(LOG, params=asked)).json()
        assert first["items"][0]["id"] > second["items"][0]["id"]


class TestQuestions:
    async def test_a_question_reaches_the_organization_and_the_answer_the_patient(
        self, clinic: Clinic
    ) -> None:
        await look_at(clinic, await stored(clinic))
        async with clinic.client(RoleName.PATIENT) as client:
            entry = (await client.get(LOG)).json()["items"][0]
            asked = await client.post(
                QUESTIONS, json={"event_id": entry["id"], "question": "Who was that, and why?"}
            )
            assert asked.status_code == 201, asked.text
            place = f"{QUESTIONS}/{asked.json()['id']}/answer"
            refused = await client.post(place, json={"answer": "It was I."})
            assert refused.status_code == 403
        async with clinic.client(RoleName.ADMIN) as client:
            (waiting,) = (await client.get(QUESTIONS, params={"is_open": True})).json()["items"]
            assert waiting["event_id"] == entry["id"]
            answered = await client.post(place, json={"answer": "She stood in that week."})
            assert answered.status_code == 200, answered.text
            again = await client.post(place, json={"answer": "Something else."})
            assert (again.status_code, again.json()["code"]) == (409, "conflict")
            assert (await client.get(QUESTIONS, params={"is_open": True})).json()["items"] == []
        async with clinic.client(RoleName.PATIENT) as client:
            (own,) = (await client.get(QUESTIONS)).json()["items"]
        assert own["answer"] == "She stood in that week."
        assert own["answered_by"] == str(clinic.person_id(RoleName.ADMIN))

    async def test_an_entry_of_somebody_elses_log_is_not_asked_about(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        await stored(elsewhere)
        async with elsewhere.client(RoleName.PATIENT) as client:
            theirs = (await client.get(LOG)).json()["items"][-1]["id"]
        async with clinic.client(RoleName.PATIENT) as client:
            asked = {"event_id": theirs, "question": "Who was that?"}
            assert (await client.post(QUESTIONS, json=asked)).status_code == 404
