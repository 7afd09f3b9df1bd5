"""A patient who was registered twice, over HTTP: two records become one, and two again."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient, Response

from shared.permissions import RoleName
from shared.vocabulary import AssessmentStatus
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_care_teams import FILE, ask_for_care_teams
from tests.functions.accounts.test_moves import ask, history, listed, moved, people_of_parts
from tests.functions.accounts.test_patients import ADA, MRN, PATIENTS, added, found

MERGES = "/api/accounts/merges"
REASON = "registered twice"
OTHER_MRN = {"system": MRN["system"], "value": "M-2002"}
TRAIL = """
    SELECT resource_type, action FROM audit_events
    WHERE subject_id = $1 AND user_id = $2 AND action <> 'read'
    AND resource_type IN ('users', 'merges', 'moves', 'assessments')
"""


@pytest.fixture
async def clinician(clinic: Clinic) -> AsyncIterator[AsyncClient]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        yield client


async def twice(client: AsyncClient) -> tuple[str, str]:
    """Add a patient twice; return the duplicate and whose record stays."""
    stays = (await added(client))["id"]
    again = await added(client, identifiers=[OTHER_MRN], not_duplicate_of=[stays])
    return again["id"], stays


async def examined(clinic: Clinic, client: AsyncClient, person: str, **columns: Any) -> UUID:
    key = await stored(clinic, **columns)
    await moved(client, key, person)
    return key


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
        assert await listed(clinician, again) == []
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
        assert await listed(clinician, again) == await listed(clinician, stays) == []
        named = f"{OTHER_MRN['system']}|{OTHER_MRN['value']}"
        answer = await analyze(clinician, subject_identifier=named)
        assert answer.status_code == 201, answer.text
        assert len(await listed(clinician, stays)) == 1

    async def test_both_people_have_it_in_their_trail(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        again, stays = await twice(clinician)
        await examined(clinic, clinician, again)
        before = {
            person: await auditor.fetch(TRAIL, UUID(person), clinic.person_id(RoleName.CLINICIAN))
            for person in (again, stays)
        }
        await merged(clinician, again, stays)
        for person, acts in (
            (again, {("users", "update"), ("assessments", "update")}),
            (stays, {("merges", "create"), ("moves", "create"), ("assessments", "update")}),
        ):
            rows = await auditor.fetch(TRAIL, UUID(person), clinic.person_id(RoleName.CLINICIAN))
            assert len(rows) == len(before[person]) + len(acts)
            assert {tuple(row) for row in rows} >= acts

    async def test_what_was_deleted_goes_along(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays = await twice(clinician)
        key = await examined(clinic, clinician, again)
        async with clinic.client(RoleName.ADMIN) as admin:
            await admin.delete(f"/api/records/assessments/{key}")
            await merged(clinician, again, stays)
            await admin.post(f"/api/records/assessments/{key}/restore")
        assert await listed(clinician, stays) == [str(key)]


class TestRefusals:
    async def test_nobody_unknown_or_of_another_tenant_or_out_of_reach(
        self, clinic: Clinic, elsewhere: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays = await twice(clinician)
        far = str(elsewhere.person_id(RoleName.PATIENT))
        works_here = str(clinic.person_id(RoleName.ADMIN))
        for other in (far, str(uuid4()), works_here):
            assert (await request(clinician, again, other)).status_code == 404
            assert (await request(clinician, other, stays)).status_code == 404
        assert (await request(clinician, again, again)).status_code == 409
        merge = await merged(clinician, again, stays)
        assert (await request(clinician, again, stays)).status_code == 404
        async with elsewhere.client(RoleName.CLINICIAN) as other_client:
            answer = await other_client.post(f"{MERGES}/{merge['id']}/undo")
            assert answer.status_code == 404
        await ask_for_care_teams(clinic)
        assert (await clinician.post(f"{MERGES}/{merge['id']}/undo")).status_code == 404

    async def test_an_unfinished_analysis_holds_it_up_and_nothing_changes(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        again, stays = await twice(clinician)
        key = await examined(clinic, clinician, again)
        pending = await stored(clinic, status=AssessmentStatus.PENDING)
        await auditor.execute(
            "UPDATE assessments SET user_id = $2 WHERE id = $1", pending, UUID(again)
        )
        answer = await request(clinician, again, stays)
        assert answer.json()["code"] == "unfinished-analysis"
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
        again, stays = await twice(clinician)
        key = await examined(clinic, clinician, again)
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
