"""A patient who was registered twice, over HTTP: two records become one, and two again."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient, Response
from sqlalchemy import event

from functions.accounts.merges import service
from functions.accounts.merges.schemas import MergeCreate
from shared.database import engine, transaction
from shared.database.repositories import assessments
from shared.permissions import Permission, RoleName
from shared.person_conflicts import PersonMerged
from shared.vocabulary import AssessmentStatus
from tests.conftest import Clinic
from tests.factories.examinations import examination, stored
from tests.functions.accounts.test_care_teams import FILE, ask_for_care_teams
from tests.functions.accounts.test_moves import (
    MOVES,
    ask,
    history,
    listed,
    moved,
    people_of_parts,
)
from tests.functions.accounts.test_patients import ADA, MRN, PATIENTS, added, found
from tests.nonempty import nonempty
from tests.waiting import PATIENCE_S

MERGES = "/api/accounts/merges"
REASON = "registered twice"
STORED_OF = "SELECT count(*) FROM assessments WHERE user_id = ANY ($1)"
CONSENT = {"kind": "research", "text_version": "1"}
OTHER_MRN = {"system": MRN["system"], "value": "M-2002"}
TRAIL = """
    SELECT resource_type, action FROM audit_events
    WHERE subject_id = $1 AND user_id = $2 AND action <> 'read'
    AND resource_type IN ('users', 'merges', 'moves', 'assessments')
"""
READ_BY = (
    "SELECT subject_id FROM audit_events WHERE action = 'read' AND resource_type = $1"
    " AND user_id = $2"
)


@pytest.fixture
async def clinician(clinic: Clinic) -> AsyncIterator[AsyncClient]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        yield client


async def twice(client: AsyncClient) -> tuple[str, str]:
    """Add a patient twice; return the duplicate and whose record stays."""
    stays = (await added(client))["id"]
    again = await added(client, identifiers=[OTHER_MRN], not_duplicate_of=[stays])
    return again["id"], stays


async def twice_more(client: AsyncClient, number: int) -> tuple[str, str]:
    """Add another patient twice, whom nobody else is like."""
    names: list[dict[str, Any]] = [
        {"last_name": f"Person {number}", "date_of_birth": None, "identifiers": []} for _ in "ab"
    ]
    first, second = [(await added(client, **name))["id"] for name in names]
    return first, second


def consents_of(person: str) -> str:
    return f"/api/accounts/people/{person}/consents"


def team_of(person: str) -> str:
    return f"{PATIENTS}/{person}/care-team"


async def examined(clinic: Clinic, client: AsyncClient, person: str, **columns: Any) -> UUID:
    key = await stored(clinic, **columns)
    await moved(client, key, person)
    return key


async def examined_twice(clinic: Clinic, client: AsyncClient) -> tuple[str, str, UUID]:
    """Add a patient twice and examine the duplicate; return both people and the assessment."""
    again, stays = await twice(client)
    return again, stays, await examined(clinic, client, again)


async def request(client: AsyncClient, person: str, into: str) -> Response:
    body = {"person_id": person, "into_person_id": into, "reason": REASON}
    return await client.post(MERGES, json=body)


async def merged(client: AsyncClient, person: str, into: str) -> dict[str, Any]:
    answer = await request(client, person, into)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def analyze(client: AsyncClient, **person: str) -> Response:
    files = {"file": (FILE.name, FILE.content)}
    return await client.post("/api/cardiology/analyze", files=files, data=person)


async def assert_answered_alike(client: AsyncClient, again: str, stays: str) -> None:
    """Whoever asks about the duplicate is answered about the survivor, pages and all."""
    assert await listed(client, again) == await listed(client, stays) != []
    for path in (
        "/api/records/biomarkers/heart_rate/history",
        "/api/records/biomarkers/heart_rate/history/chart",
        "/api/records/statistics",
        "/api/records/assessments",
    ):
        answers = [
            await client.get(path, params={"subject_id": person}) for person in (again, stays)
        ]
        assert [answer.status_code for answer in answers] == [200, 200], path
        assert answers[0].text == answers[1].text, path
    pages: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        told = {"subject_id": again, "limit": "1"} | cursor
        page = (await client.get("/api/records/assessments", params=told)).json()
        pages += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert pages == await listed(client, stays)


class TestMerging:
    async def test_one_record_stands_for_both_and_two_again(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        again, stays = await twice(clinician)
        key = await examined(clinic, clinician, again, heart_rate=64)
        own = await examined(clinic, clinician, stays, heart_rate=66, days_ago=1)
        merge = await merged(clinician, again, stays)
        assert (merge["assessments"], merge["undone_at"]) == (1, None)
        assert set(await listed(clinician, stays)) == {str(key), str(own)}
        assert sorted(await history(clinician, stays)) == [64, 66]
        await assert_answered_alike(clinician, again, stays)
        assert (await clinician.get(f"{PATIENTS}/{again}")).json()["id"] == stays
        for identifier in (MRN, OTHER_MRN):
            assert await found(clinician, identifier=identifier) == [stays]
        born = {"last_name": ADA["last_name"], "date_of_birth": ADA["date_of_birth"]}
        assert await found(clinician, **born) == [stays]
        assert await found(clinician, name_part="ada") == [stays]

        answer = await clinician.post(f"{MERGES}/{merge['id']}/undo")
        assert answer.status_code == 200, answer.text
        assert await listed(clinician, stays) == [str(own)]
        assert await listed(clinician, again) == [str(key)]
        people = await people_of_parts(auditor, key)
        assert set.union(*people.values()) == {again}
        assert (await clinician.get(f"{PATIENTS}/{again}")).json()["id"] == again
        assert await found(clinician, name_part="ada") == sorted((again, stays))
        assert (await clinician.post(f"{MERGES}/{merge['id']}/undo")).status_code == 409

    async def test_nothing_new_is_analyzed_for_the_duplicate(self, clinician: AsyncClient) -> None:
        again, stays = await twice(clinician)
        await merged(clinician, again, stays)
        refused = await analyze(clinician, subject_id=again)
        assert (refused.status_code, refused.json()["code"]) == (409, "person-merged")
        assert refused.json()["person_ids"] == [stays]
        assert await listed(clinician, stays) == []
        named = f"{OTHER_MRN['system']}|{OTHER_MRN['value']}"
        answer = await analyze(clinician, subject_identifier=named)
        assert answer.status_code == 201, answer.text
        assert len(await listed(clinician, stays)) == 1

    async def test_both_people_have_it_in_their_trail(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        again, stays, _ = await examined_twice(clinic, clinician)
        reader = clinic.person_id(RoleName.CLINICIAN)
        before = {key: await auditor.fetch(TRAIL, UUID(key), reader) for key in (again, stays)}
        await merged(clinician, again, stays)
        for person, acts in (
            (again, {("users", "update"), ("assessments", "update")}),
            (stays, {("merges", "create"), ("moves", "create"), ("assessments", "update")}),
        ):
            rows = await auditor.fetch(TRAIL, UUID(person), reader)
            assert len(rows) == len(before[person]) + len(acts)
            assert {tuple(row) for row in rows} >= acts

    async def test_what_was_deleted_goes_along(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays, key = await examined_twice(clinic, clinician)
        async with clinic.client(RoleName.ADMIN) as admin:
            await admin.delete(f"/api/records/assessments/{key}")
            await merged(clinician, again, stays)
            await admin.post(f"/api/records/assessments/{key}/restore")
        assert await listed(clinician, stays) == [str(key)]

    async def test_what_is_asked_of_the_duplicate_is_answered_and_nothing_is_added(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays = await twice(clinician)
        await clinician.post(consents_of(stays), json=CONSENT)
        await merged(clinician, again, stays)
        for place in (consents_of, team_of):
            asked, stood = [(await clinician.get(place(key))).json() for key in (again, stays)]
            assert asked == stood
            assert asked["person_id"] == stays
        own = {"clinician_id": str(clinic.person_id(RoleName.CLINICIAN))}
        for path, body in (
            (consents_of(again), CONSENT),
            (f"{consents_of(again)}/research/withdraw", None),
            (team_of(again), own),
            (f"{team_of(again)}/{own['clinician_id']}/end", None),
        ):
            refused = await clinician.post(path, json=body)
            assert (refused.status_code, refused.json()["code"]) == (409, "person-merged"), path
            assert refused.json()["person_ids"] == [stays]


class TestRace:
    """An analysis and a merge at once, each in a connection of its own."""

    async def test_what_is_stored_while_a_merge_commits_is_refused(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        again, stays = await twice(clinician)
        wanted = MergeCreate(person_id=UUID(again), into_person_id=UUID(stays), reason=REASON)
        caller = clinic.caller(RoleName.CLINICIAN)
        async with transaction.begin(caller, Permission.MANAGE_PATIENTS) as connection:
            await service.merge(connection, wanted)
            storing = asyncio.create_task(store_of(clinic, UUID(again)))
            await somebody_waits(auditor)
        with pytest.raises(PersonMerged) as refusal:
            await storing
        assert refusal.value.survivor == UUID(stays)
        assert not await auditor.fetchval(STORED_OF, [UUID(again), UUID(stays)])

    async def test_what_was_stored_before_the_merge_moves_with_the_rest(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        again, stays = await twice(clinician)
        caller = clinic.caller(RoleName.CLINICIAN)
        async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
            made = examination()
            await assessments.create_assessment(connection, made, subject_id=UUID(again))
            merging = asyncio.create_task(merged(clinician, again, stays))
            await somebody_waits(auditor)
        assert (await merging)["assessments"] == 1
        assert await listed(clinician, again) == await listed(clinician, stays) == [str(made.id)]


async def store_of(clinic: Clinic, person: UUID) -> None:
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        await assessments.create_assessment(connection, examination(), subject_id=person)


async def somebody_waits(auditor: asyncpg.Connection) -> None:
    """Return once a session of the functions' role waits for a lock."""
    deadline = time.monotonic() + PATIENCE_S
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE usename = 'medilens_app' AND wait_event_type = 'Lock'"
    )
    while not await auditor.fetchval(waiting):
        assert time.monotonic() < deadline, "nobody waits"
        await asyncio.sleep(0.01)


class TestCost:
    async def test_a_merge_takes_as_many_statements_for_many_as_for_few(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        statements = {}
        for number in (1, 6):
            again, stays = await twice_more(clinician, number)
            for _ in range(number):
                await examined(clinic, clinician, again)
            with counting() as sent:
                merge = await merged(clinician, again, stays)
            statements[number] = len(sent)
            assert merge["assessments"] == number
        # Two of them fetch the keys of both people, three hand consents over.
        assert statements[1] == statements[6] <= 17, statements


@contextmanager
def counting() -> Iterator[list[str]]:
    """Take down the statements that are sent meanwhile, each of which is a round trip."""
    sent: list[str] = []

    def take_down(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    listened = engine.current().sync_engine
    event.listen(listened, "before_cursor_execute", take_down)
    yield sent
    event.remove(listened, "before_cursor_execute", take_down)


class TestLists:
    """What was moved and merged is found again, to be undone."""

    async def test_newest_first_page_by_page_and_narrowed(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        again, stays = await twice(clinician)
        keys = [await stored(clinic) for _ in range(3)]
        first, second, third = [await moved(clinician, key, again) for key in keys]
        page = (await clinician.get(MOVES, params={"limit": 2})).json()
        assert page["items"] == [third, second]
        rest = await clinician.get(MOVES, params={"limit": 2, "before": page["next_before"]})
        assert rest.json() == {"items": [first], "next_before": None}
        for told, expected in (
            ({"assessment_id": str(keys[1])}, [second]),
            ({"person_id": again}, [third, second, first]),
            ({"person_id": first["from_person_id"]}, [third, second, first]),
            ({"person_id": stays}, []),
            ({"person_id": str(uuid4())}, []),
        ):
            assert (await clinician.get(MOVES, params=told)).json()["items"] == expected, told
        merge = await merged(clinician, again, stays)
        for person in (again, stays):
            listed = (await clinician.get(MERGES, params={"person_id": person})).json()
            assert listed == {"items": [merge], "next_before": None}
        # What a merge moved is told by the merge alone.
        assert len((await clinician.get(MOVES)).json()["items"]) == 3
        undone = (await clinician.post(f"{MERGES}/{listed['items'][0]['id']}/undo")).json()
        assert (await clinician.get(MERGES)).json()["items"] == [undone]
        reads = await auditor.fetch(READ_BY, "merges", clinic.person_id(RoleName.CLINICIAN))
        assert {row["subject_id"] for row in nonempty(reads)} == {UUID(stays)}

    async def test_of_people_within_reach_alone(
        self, clinic: Clinic, elsewhere: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays, _ = await examined_twice(clinic, clinician)
        await merged(clinician, again, stays)
        async with elsewhere.client(RoleName.ADMIN) as stranger:
            for path in (MOVES, MERGES):
                told = {"person_id": again}
                assert (await stranger.get(path, params=told)).json()["items"] == []
        await ask_for_care_teams(clinic)
        for path in (MOVES, MERGES):
            assert (await clinician.get(path)).json()["items"] == []
        for wrong in ("limit=0", "limit=101", "before=x", f"organization_id={again}"):
            assert (await clinician.get(f"{MERGES}?{wrong}")).status_code == 422, wrong


class TestRefusals:
    async def test_nobody_unknown_or_of_another_tenant_or_who_works_here(
        self, clinic: Clinic, elsewhere: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays = await twice(clinician)
        people = elsewhere.person_id(RoleName.PATIENT), uuid4(), clinic.person_id(RoleName.ADMIN)
        for other in map(str, people):
            assert (await request(clinician, again, other)).status_code == 404
            assert (await request(clinician, other, stays)).status_code == 404
        assert (await request(clinician, again, again)).status_code == 409
        await merged(clinician, again, stays)
        assert (await request(clinician, again, stays)).status_code == 404

    async def test_nobody_of_another_tenant_or_out_of_reach_undoes_one(
        self, clinic: Clinic, elsewhere: Clinic, clinician: AsyncClient
    ) -> None:
        merge = await merged(clinician, *await twice(clinician))
        async with elsewhere.client(RoleName.CLINICIAN) as other_client:
            answer = await other_client.post(f"{MERGES}/{merge['id']}/undo")
            assert answer.status_code == 404
        await ask_for_care_teams(clinic)
        assert (await clinician.post(f"{MERGES}/{merge['id']}/undo")).status_code == 404

    async def test_an_unfinished_analysis_holds_it_up_and_nothing_changes(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        again, stays, key = await examined_twice(clinic, clinician)
        pending = await stored(clinic, status=AssessmentStatus.PENDING)
        await auditor.execute(
            "UPDATE assessments SET user_id = $2 WHERE id = $1", pending, UUID(again)
        )
        answer = await request(clinician, again, stays)
        assert answer.json()["code"] == "analysis-unfinished"
        assert str(key) in await listed(clinician, again)
        assert (await clinician.get(f"{PATIENTS}/{again}")).json()["id"] == again

    async def test_who_can_sign_in_or_stands_for_others_is_not_given_up(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays = await twice(clinician)
        signs_in = str(clinic.person_id(RoleName.PATIENT))
        assert (await request(clinician, signs_in, stays)).json()["code"] == "person-joined"
        await merged(clinician, again, stays)
        assert (await request(clinician, stays, signs_in)).json()["code"] == "person-joined"

    async def test_what_has_moved_on_is_moved_back_first(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays, key = await examined_twice(clinic, clinician)
        merge = await merged(clinician, again, stays)
        assert (await ask(clinician, key, again)).status_code == 404
        onward = await moved(clinician, key, str(clinic.person_id(RoleName.PATIENT)))
        for path, status in (
            (f"{MERGES}/{merge['id']}", 409),
            (f"/api/accounts/moves/{onward['id']}", 200),
            (f"{MERGES}/{merge['id']}", 200),
        ):
            assert (await clinician.post(f"{path}/undo")).status_code == status, path
        assert await listed(clinician, again) == [str(key)]
