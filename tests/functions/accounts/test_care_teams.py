"""Care teams over HTTP: where the organization says so, a clinician reaches who is assigned."""

from datetime import datetime
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file
from shared.database import transaction
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.nonempty import nonempty

LIST = "/api/records/assessments"
PATIENTS = "/api/accounts/patients"
FILE = csv_file(synthesize([Episode(Rhythm.SINUS, 20, rate_bpm=72)], fs_hz=250, leads=("II",)))
MADE_CLINICIAN = (
    "UPDATE user_roles SET role_id = (SELECT id FROM roles WHERE name = 'clinician')"
    " WHERE user_id = $1"
)
CARED_FOR_UNTIL = (
    "INSERT INTO care_assignments"
    " (id, organization_id, user_id, clinician_id, assigned_by, valid_until)"
    " SELECT gen_random_uuid(), organization_id, id, $2, $2, $3::timestamptz"
    " FROM users WHERE id = $1"
)
WAS_CARED_FOR = "valid_from = now() - interval '2 days', valid_until = now() - interval '1 day'"
WILL_BE_CARED_FOR = "valid_from = now() + interval '1 day', valid_until = NULL"
FORM = {"file": (FILE.name, FILE.content)}
WITHIN = {"valid_until": "2149-01-01T00:00:00Z"}
LAST = "SELECT max(valid_until) FROM care_assignments WHERE user_id = $1"


async def ask_for_care_teams(clinic: Clinic, visibility: str = "care_team") -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        answer = await admin.patch("/api/accounts/organization", json={"visibility": visibility})
    assert answer.json()["settings"]["visibility"] == visibility


def team(clinic: Clinic) -> str:
    return f"{PATIENTS}/{clinic.person_id(RoleName.PATIENT)}/care-team"


async def assign(clinic: Clinic, **more: Any) -> None:
    clinician = str(clinic.person_id(RoleName.CLINICIAN))
    async with clinic.client(RoleName.ADMIN) as admin:
        answer = await admin.post(team(clinic), json={"clinician_id": clinician} | more)
    assert answer.status_code == 201, answer.text


async def care_ends(clinic: Clinic) -> None:
    clinician = clinic.person_id(RoleName.CLINICIAN)
    async with clinic.client(RoleName.ADMIN) as admin:
        assert (await admin.post(f"{team(clinic)}/{clinician}/end")).is_success


async def added(client: AsyncClient) -> str:
    answer = await client.post(PATIENTS, json={"last_name": "Byron"})
    assert answer.status_code == 201, answer.text
    person: str = answer.json()["id"]
    return person


async def examined(client: AsyncClient, person: str) -> Response:
    data = {"subject_id": person}
    return await client.post("/api/cardiology/analyze", files=FORM, data=data)


async def listed(client: AsyncClient, **wanted: Any) -> list[str]:
    return [item["id"] for item in (await client.get(LIST, params=wanted)).json()["items"]]


class TestReach:
    async def test_a_clinician_reaches_nobody_until_assigned_and_nobody_after_the_end(
        self, clinic: Clinic
    ) -> None:
        """Outside the care team every record of a person is 404."""
        key = str(await stored(clinic))
        patient = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert await listed(client) == [key]
            await ask_for_care_teams(clinic)

            async def outside() -> None:
                assert await listed(client) == []
                for path in (
                    f"{LIST}/{key}",
                    f"{LIST}?subject_id={patient}",
                    f"{PATIENTS}/{patient}",
                    f"/api/records/biomarkers/heart_rate/history?subject_id={patient}",
                    f"/api/cardiology/assessments/{key}/pictures/rhythm_strip",
                    team(clinic),
                ):
                    assert (await client.get(path)).status_code == 404, path
                review = await client.post(f"{LIST}/{key}/review", json={})
                assert review.status_code == 404

            await outside()
            await assign(clinic)
            assert await listed(client) == await listed(client, subject_id=patient) == [key]
            assert (await client.get(f"{LIST}/{key}")).status_code == 200
            assert (await client.get(f"{PATIENTS}/{patient}")).status_code == 200
            reviewed = await client.post(f"{LIST}/{key}/review", json={})
            assert reviewed.status_code == 200, reviewed.text
            await care_ends(clinic)
            await outside()

    async def test_admins_and_researchers_reach_whom_they_reached(self, clinic: Clinic) -> None:
        key = str(await stored(clinic))
        await ask_for_care_teams(clinic)
        for role in nonempty((RoleName.ADMIN, RoleName.RESEARCHER, RoleName.PATIENT)):
            async with clinic.client(role) as client:
                assert await listed(client) == [key], role

    async def test_where_the_organization_does_not_ask_for_it_nothing_depends_on_it(
        self, clinic: Clinic
    ) -> None:
        key = str(await stored(clinic))
        await ask_for_care_teams(clinic)
        await ask_for_care_teams(clinic, "organization")
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert await listed(client) == [key]

    async def test_care_holds_from_then_until_then(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = str(await stored(clinic))
        await ask_for_care_teams(clinic)
        await assign(clinic, valid_until="2150-01-01T00:00:00Z")
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert await listed(client) == [key]
            for change in (WAS_CARED_FOR, WILL_BE_CARED_FOR):
                await auditor.execute(
                    f"UPDATE care_assignments SET {change} WHERE user_id = $1",
                    clinic.person_id(RoleName.PATIENT),
                )
                assert await listed(client) == []


class TestWork:
    async def test_whoever_adds_a_patient_cares_for_them_and_may_examine_them(
        self, clinic: Clinic
    ) -> None:
        await ask_for_care_teams(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            person = await added(client)
            (own,) = (await client.get(f"{PATIENTS}/{person}/care-team")).json()["items"]
            assert own["clinician_id"] == str(clinic.person_id(RoleName.CLINICIAN))
            answer = await examined(client, person)
            assert answer.status_code == 201, answer.text
            assert await listed(client) == [answer.json()["id"]]
            matches = await client.post(f"{PATIENTS}/search", json={"name_part": "b"})
            assert [match["last_name"] for match in matches.json()["items"]] == ["Byron"]

    async def test_nobody_examines_or_assigns_themselves_to_who_is_not_theirs(
        self, clinic: Clinic
    ) -> None:
        await ask_for_care_teams(clinic)
        patient = str(clinic.person_id(RoleName.PATIENT))
        own = {"clinician_id": str(clinic.person_id(RoleName.CLINICIAN))}
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await examined(client, patient)).status_code == 404
            assert (await client.post(team(clinic), json=own)).status_code == 404

    async def test_nobody_whose_care_ends_prolongs_it_themselves(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await ask_for_care_teams(clinic)
        await assign(clinic, valid_until="2150-01-01T00:00:00Z")
        own = {"clinician_id": str(clinic.person_id(RoleName.CLINICIAN))}
        async with clinic.client(RoleName.CLINICIAN) as client:
            for longer in nonempty(({}, {"valid_until": "2150-01-01T00:00:01Z"})):
                refused = await client.post(team(clinic), json=own | longer)
                assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
            assert (await client.post(team(clinic), json=own | WITHIN)).status_code == 201
        assert (await auditor.fetchval(LAST, clinic.person_id(RoleName.PATIENT))).year == 2150

    async def test_nor_does_a_statement_prolong_it(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await ask_for_care_teams(clinic)
        await assign(clinic, valid_until="2150-01-01T00:00:00Z")
        caller = clinic.caller(RoleName.CLINICIAN)
        with pytest.raises(DBAPIError, match="handed on for no longer"):
            async with transaction.begin(caller, Permission.MANAGE_CARE_TEAMS) as connection:
                await connection.execute(text("UPDATE care_assignments SET valid_until = NULL"))
        assert (await auditor.fetchval(LAST, clinic.person_id(RoleName.PATIENT))).year == 2150

    async def test_two_do_not_prolong_each_others(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """Care is handed on for no longer than it lasts, so a circle of two gains nothing."""
        await ask_for_care_teams(clinic)
        other = clinic.person_id(RoleName.ADMIN)
        await auditor.execute(MADE_CLINICIAN, other)
        until = {"2150-01-01T00:00:00Z": RoleName.CLINICIAN, "2151-01-01T00:00:00Z": RoleName.ADMIN}
        for moment, role in until.items():
            await auditor.execute(
                CARED_FOR_UNTIL,
                clinic.person_id(RoleName.PATIENT),
                clinic.person_id(role),
                datetime.fromisoformat(moment),
            )
        first, last = until
        pair = (RoleName.CLINICIAN, RoleName.ADMIN)
        for asker, gainer, moment, status in (
            (*pair, last, 403),
            (*pair, first, 201),
            (*pair[::-1], "2151-01-01T00:00:01Z", 403),
            (*pair[::-1], last, 201),
            (*pair, "2151-01-01T00:00:01Z", 403),
        ):
            told = {"clinician_id": str(clinic.person_id(gainer)), "valid_until": moment}
            async with clinic.client(asker) as client:
                answer = await client.post(team(clinic), json=told)
            assert answer.status_code == status, (asker, moment, answer.text)
        latest = await auditor.fetchval(LAST, clinic.person_id(RoleName.PATIENT))
        assert latest == datetime.fromisoformat(last)

    @pytest.mark.parametrize("role", [RoleName.PATIENT, RoleName.RESEARCHER])
    async def test_nobody_without_a_clinical_role_cares_for_people(
        self, clinic: Clinic, role: RoleName
    ) -> None:
        told = {"clinician_id": str(clinic.person_id(role))}
        async with clinic.client(RoleName.ADMIN) as admin:
            answer = await admin.post(team(clinic), json=told)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such clinician.")

    async def test_pages_of_several_people_go_on_in_order(self, clinic: Clinic) -> None:
        keys = [str(await stored(clinic)) for _ in range(3)]
        await ask_for_care_teams(clinic)
        await assign(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            first = (await client.get(LIST, params={"limit": 2})).json()
            second = (
                await client.get(LIST, params={"limit": 2, "cursor": first["next_cursor"]})
            ).json()
        shown = [item["id"] for item in (*first["items"], *second["items"])]
        assert shown == list(reversed(keys))

    @pytest.mark.parametrize(
        "told", [{}, {"clinician_id": "x"}, {"valid_until": "2020-01-01T00:00:00Z"}]
    )
    async def test_an_assignment_names_a_clinician_and_a_time_to_come(
        self, clinic: Clinic, told: dict[str, str]
    ) -> None:
        if "valid_until" in told:
            told |= {"clinician_id": str(clinic.person_id(RoleName.CLINICIAN))}
        async with clinic.client(RoleName.ADMIN) as admin:
            assert (await admin.post(team(clinic), json=told)).status_code == 422

    async def test_another_tenants_clinician_is_nobody(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        told = {"clinician_id": str(elsewhere.person_id(RoleName.CLINICIAN))}
        async with clinic.client(RoleName.ADMIN) as admin:
            assert (await admin.post(team(clinic), json=told)).status_code == 404
