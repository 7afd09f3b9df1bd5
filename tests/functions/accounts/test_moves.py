"""Wrong patient over HTTP: an assessment moves to the right person, with its parts, and back."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient, Response

from shared.permissions import Permission, RoleName
from shared.vocabulary import AssessmentStatus
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_care_teams import ask_for_care_teams, assign, care_ends
from tests.functions.accounts.test_patients import added
from tests.migrations.test_permissions import REFUSED, outcome
from tests.nonempty import nonempty

MOVES = "/api/accounts/moves"
LIST = "/api/records/assessments"
REASON = "recorded under the neighbor's name"
# Whatever names an assessment and its person.
PARTS = """
    SELECT t.relname FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
    WHERE k.contype = 'f' AND k.confrelid = 'assessments'::regclass AND k.conparentid = 0
    AND k.conrelid <> k.confrelid AND array_length(k.conkey, 1) = 3
"""
TRAIL = """
    SELECT subject_id, action, user_id, details -> 'columns' AS columns FROM audit_events
    WHERE resource_type = 'assessments' AND resource_id = $1 AND action = 'update'
    ORDER BY subject_id
"""


@pytest.fixture
async def clinician(clinic: Clinic) -> AsyncIterator[AsyncClient]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        yield client


def wrong(clinic: Clinic) -> str:
    return str(clinic.person_id(RoleName.PATIENT))


async def ask(client: AsyncClient, assessment: UUID, person: str, **more: str) -> Response:
    body = {"assessment_id": str(assessment), "to_person_id": person, "reason": REASON}
    return await client.post(MOVES, json=body | more)


async def moved(client: AsyncClient, assessment: UUID, person: str) -> dict[str, Any]:
    answer = await ask(client, assessment, person)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def analyzed_again(clinic: Clinic, times: int) -> list[UUID]:
    """Store an assessment, and others of the same recording after it."""
    keys = [await stored(clinic)]
    for _ in range(times):
        keys.append(await stored(clinic, predecessor_id=keys[-1]))
    return keys


async def listed(client: AsyncClient, person: str) -> list[str]:
    answer = await client.get(LIST, params={"subject_id": person})
    return [item["id"] for item in answer.json()["items"]]


async def history(client: AsyncClient, person: str) -> list[float]:
    path = "/api/records/biomarkers/heart_rate/history"
    answer = await client.get(path, params={"subject_id": person})
    return [point["value"] for point in answer.json()["points"]]


async def shown_of(client: AsyncClient, person: str) -> tuple[list[str], list[float]]:
    """A person's assessments, and their heart rates."""
    return await listed(client, person), await history(client, person)


async def people_of_parts(auditor: asyncpg.Connection, assessment: UUID) -> dict[str, set[str]]:
    """Whose the stored parts of an assessment are, table by table."""
    people = {}
    for row in nonempty(await auditor.fetch(PARTS)):
        table = row["relname"]
        parts = await auditor.fetch(
            f"SELECT user_id FROM {table} WHERE assessment_id = $1", assessment
        )
        if parts:
            people[table] = {str(part["user_id"]) for part in parts}
    return people


class TestMoving:
    async def test_everything_follows_and_goes_back(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic, heart_rate=71)
        await clinician.post(f"{LIST}/{key}/review", json={"note": "seen"})
        before = await people_of_parts(auditor, key)
        assert set(before) >= {
            *("biomarker_values", "pipeline_stages", "cardiology_results", "sign_offs")
        }
        first, right = wrong(clinic), (await added(clinician))["id"]

        move = await moved(clinician, key, right)
        assert (move["from_person_id"], move["to_person_id"]) == (first, right)
        assert (move["reason"], move["undone_at"]) == (REASON, None)
        assert await people_of_parts(auditor, key) == {table: {right} for table in before}
        assert await shown_of(clinician, first) == ([], [])
        assert await shown_of(clinician, right) == ([str(key)], [71])
        shown = (await clinician.get(f"{LIST}/{key}")).json()
        assert shown["subject_id"] == right
        assert [sign_off["note"] for sign_off in shown["sign_offs"]] == ["seen"]

        answer = await clinician.post(f"{MOVES}/{move['id']}/undo")
        assert answer.status_code == 200, answer.text
        assert answer.json()["undone_by"] == str(clinic.person_id(RoleName.CLINICIAN))
        assert await people_of_parts(auditor, key) == before
        assert await shown_of(clinician, first) == ([str(key)], [71])
        assert await shown_of(clinician, right) == ([], [])

    async def test_both_people_have_it_in_their_trail(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        right = (await added(clinician))["id"]
        move = await moved(clinician, key, right)
        for times in (1, 2):
            rows = [row for row in await auditor.fetch(TRAIL, key) if "user_id" in row["columns"]]
            subjects = sorted(str(row["subject_id"]) for row in rows)
            assert subjects == sorted([wrong(clinic), right] * times)
            assert {row["user_id"] for row in rows} == {clinic.person_id(RoleName.CLINICIAN)}
            await clinician.post(f"{MOVES}/{move['id']}/undo")

    async def test_other_analyses_of_the_recording_come_along(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        keys = await analyzed_again(clinic, times=2)
        apart = await stored(clinic)
        right = (await added(clinician))["id"]
        move = await moved(clinician, keys[1], right)
        assert set(await listed(clinician, right)) == {str(key) for key in keys}
        assert await listed(clinician, wrong(clinic)) == [str(apart)]
        for key in keys:
            people = await people_of_parts(auditor, key)
            assert set.union(*people.values()) == {right}
        await clinician.post(f"{MOVES}/{move['id']}/undo")
        assert await listed(clinician, right) == []

    async def test_what_was_seen_before_is_another_state(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        key = await stored(clinic)
        etag = (await clinician.get(f"{LIST}/{key}")).headers["etag"]
        await moved(clinician, key, (await added(clinician))["id"])
        answer = await clinician.post(f"{LIST}/{key}/review", json={}, headers={"If-Match": etag})
        assert answer.status_code == 412


class TestRefusals:
    async def test_nothing_changes(
        self, clinic: Clinic, elsewhere: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        right = (await added(clinician))["id"]
        works_here = str(clinic.person_id(RoleName.ADMIN))
        others = await stored(elsewhere)
        before = await people_of_parts(auditor, key)
        for assessment, person, status in (
            (uuid4(), right, 404),
            (others, right, 404),
            (key, str(uuid4()), 404),
            (key, str(elsewhere.person_id(RoleName.PATIENT)), 404),
            (key, works_here, 404),
            (key, wrong(clinic), 409),
        ):
            answer = await ask(clinician, assessment, person)
            assert answer.status_code == status, answer.text
        assert (await ask(clinician, key, right, reason="")).status_code == 422
        assert await people_of_parts(auditor, key) == before
        assert await auditor.fetch("SELECT FROM moves WHERE assessment_id = $1", key) == []

    async def test_an_unfinished_analysis_stays(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        right = (await added(clinician))["id"]
        for status, expected in (
            (AssessmentStatus.PENDING, 409),
            (AssessmentStatus.PROCESSING, 409),
            (AssessmentStatus.FAILED, 201),
        ):
            answer = await ask(clinician, await stored(clinic, status=status), right)
            assert answer.status_code == expected, answer.text

    async def test_a_deleted_assessment_is_not_there(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        key = await stored(clinic)
        right = (await added(clinician))["id"]
        async with clinic.client(RoleName.ADMIN) as admin:
            assert (await admin.delete(f"{LIST}/{key}")).status_code == 204
        assert (await ask(clinician, key, right)).status_code == 404

    async def test_only_the_latest_move_is_undone_and_only_once(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        key = await stored(clinic)
        second = (await added(clinician))["id"]
        third = await added(clinician, identifiers=[], last_name="Lovelace")
        earlier = await moved(clinician, key, second)
        later = await moved(clinician, key, third["id"])
        for move, status in ((earlier, 409), (later, 200), (later, 409), (earlier, 200)):
            answer = await clinician.post(f"{MOVES}/{move['id']}/undo")
            assert answer.status_code == status, answer.text
        assert await listed(clinician, wrong(clinic)) == [str(key)]

    async def test_another_tenant_undoes_nothing(
        self, clinic: Clinic, elsewhere: Clinic, clinician: AsyncClient
    ) -> None:
        move = await moved(clinician, await stored(clinic), (await added(clinician))["id"])
        async with elsewhere.client(RoleName.CLINICIAN) as other:
            assert (await other.post(f"{MOVES}/{move['id']}/undo")).status_code == 404

    async def test_both_people_are_within_reach(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        key, right = await stored(clinic), (await added(clinician))["id"]
        await ask_for_care_teams(clinic)
        own = (await added(clinician, identifiers=[], last_name="Lovelace"))["id"]
        # Cared for is who is moved to, not whose it is; then the other way round.
        assert (await ask(clinician, key, own)).status_code == 404
        await assign(clinic)
        assert (await ask(clinician, key, right)).status_code == 404
        move = await moved(clinician, key, own)
        await care_ends(clinic)
        assert (await clinician.post(f"{MOVES}/{move['id']}/undo")).status_code == 404
        assert await listed(clinician, own) == [str(key)]


MOVE = "UPDATE assessments SET user_id = :person WHERE id = :key"


class TestDatabase:
    async def test_only_whoever_manages_patients_moves(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        key, right = await stored(clinic), (await added(clinician))["id"]
        told = {"person": UUID(right), "key": key}
        for permission in nonempty(sorted(set(Permission) - {Permission.MANAGE_PATIENTS})):
            touched = await outcome(clinic, RoleName.ADMIN, permission, MOVE, **told)
            assert touched in {0, REFUSED}, permission
        assert await outcome(clinic, RoleName.ADMIN, Permission.MANAGE_PATIENTS, MOVE, **told) == 1

    async def test_a_part_goes_nowhere_alone_and_changes_nothing_else(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        key, right = await stored(clinic), (await added(clinician))["id"]
        await clinician.post(f"{LIST}/{key}/review", json={"note": "seen"})
        for table, change in (("biomarker_values", "value = 1"), ("sign_offs", "note = 'x'")):
            with pytest.raises(asyncpg.RaiseError, match=f"{table}.* is never changed that way"):
                await auditor.execute(f"UPDATE {table} SET {change} WHERE assessment_id = $1", key)
        for table in nonempty(await people_of_parts(auditor, key)):
            with pytest.raises(asyncpg.ForeignKeyViolationError):
                await auditor.execute(
                    f"UPDATE {table} SET user_id = $2 WHERE assessment_id = $1", key, UUID(right)
                )
