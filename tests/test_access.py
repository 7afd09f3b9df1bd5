"""Who may ask for what: every route of every function, and every role."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from functions.fhir.outcome import is_fhir
from shared.permissions import ROLES, Permission, RoleName
from tests.access import (
    ACCESS,
    ANALYSES,
    OUTSIDERS,
    PAGE,
    PERMITTED,
    ROUTES,
    WITH_IDS,
    WITH_SUBJECT,
    Answer,
    Person,
    Route,
    may,
    page,
)
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.factories.records import RECORDS, a_key
from tests.nonempty import nonempty

CARE_TEAMS_ONLY = (
    'UPDATE organizations SET settings = settings || \'{"visibility": "care_team"}\''
    " WHERE identity_organization = $1"
)
# A key of each scope is tried on one route of so many of other scopes.
TURNS = 6
WITHDRAWN = "UPDATE consents SET withdrawn_at = now() WHERE user_id = $1"


class TestTable:
    def test_every_role_says_what_it_may(self) -> None:
        silent = sorted(set(RoleName) - set(ROLES))
        assert silent == [], "ROLES in shared/permissions.py lacks a scope and permissions of these"

    def test_every_route_says_who_may_ask(self) -> None:
        silent = [str(route) for route in ROUTES if route.access is None]
        assert silent == [], "Say in ACCESS who may ask for these routes"

    def test_every_line_is_a_route(self) -> None:
        functions = {route.function for route in ROUTES}
        known = {str(route) for route in ROUTES}
        stale = [line for line in ACCESS if line.split("/")[2] in functions and line not in known]
        assert stale == [], "These lines of ACCESS name no route"

    def test_a_parameter_that_names_a_record_is_known(self) -> None:
        for route in nonempty(ROUTES):
            assert set(route.ids) <= set(RECORDS), f"{route}: add a record to RECORDS"


@pytest.mark.parametrize("route", ROUTES, ids=str)
class TestMatrix:
    """Every route answers everybody as docs/access.md says."""

    async def test_everybody_is_answered_as_the_table_says(
        self, clinic: Clinic, auditor: asyncpg.Connection, route: Route
    ) -> None:
        for person in nonempty(Person):
            role = await as_person(clinic, auditor, person)
            async with clinic.client(role) as client:
                if person is Person.KEY:
                    client.headers["Authorization"] = f"Bearer {await a_key(clinic, auditor)}"
                answer = await route.ask(client, uuid4())
            expected = route.answer_to(person)
            if expected is Answer.SERVED:
                assert answer.status_code not in {401, 403, 405, 500}, person
            else:
                assert answer.status_code == int(expected.value), person


def tried_with(scope: Permission) -> list[Route]:
    """The scope's own routes, one of each other permission, and by turns some of all routes.

    That each route asks for its permission is shown for every role, above: here it is that a key
    has no other permission than its scope, and that no route forgets to ask.
    """
    turn = list(Permission).index(scope)
    examples = {route.access: route for route in reversed(ROUTES)}
    return [
        route
        for number, route in enumerate(ROUTES)
        if route.access is scope
        or route is examples[route.access]
        or number % TURNS == turn % TURNS
    ]


def test_every_route_is_tried_with_a_key_of_another_scope() -> None:
    for scope in nonempty(Permission):
        assert {route.access for route in PERMITTED} <= {r.access for r in tried_with(scope)}
    for route in nonempty(PERMITTED):
        others = [scope for scope in Permission if route in tried_with(scope)]
        assert len(set(others) - {route.access}) >= 2, str(route)


@pytest.mark.parametrize("scope", Permission)
async def test_a_key_opens_the_routes_of_its_scope_alone(
    clinic: Clinic, auditor: asyncpg.Connection, scope: Permission
) -> None:
    key = await a_key(clinic, auditor, scope)
    async with clinic.client(None) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        for route in nonempty(tried_with(scope)):
            answer = await route.ask(client, uuid4())
            expected = route.answer_to_key(scope)
            if expected is Answer.SERVED:
                assert answer.status_code not in {401, 403, 405, 500}, str(route)
            else:
                assert answer.status_code == int(expected.value), str(route)


async def as_person(clinic: Clinic, auditor: asyncpg.Connection, person: Person) -> RoleName | None:
    """Return whom of the clinic to sign in as, after what became of them; the roles come first."""
    match person:
        case Person.NOBODY:
            return None
        case Person.KEY:
            return RoleName.ADMIN
        case Person.REVOKED:
            key = clinic.person_id(RoleName.CLINICIAN)
            await auditor.execute(
                "UPDATE user_roles SET revoked_at = now() WHERE user_id = $1", key
            )
            return RoleName.CLINICIAN
        case Person.DEACTIVATED:
            key = clinic.person_id(RoleName.ADMIN)
            await auditor.execute("UPDATE users SET is_active = false WHERE id = $1", key)
            return RoleName.ADMIN
        case _:
            return RoleName(person)


def test_the_page_is_made_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "docs/access.md is not what ACCESS says: run `uv run python -m tests.access`"
    )


async def refusal(route: Route, client: AsyncClient, record: UUID) -> dict[str, Any]:
    """A 404's body without what is different in every answer."""
    answer = await route.ask(client, record)
    assert answer.status_code == 404, (str(route), answer.text)
    body: dict[str, Any] = answer.json()
    del body["id" if is_fhir(route.path) else "instance"]
    return body


@pytest.mark.parametrize("route", WITH_IDS, ids=str)
class TestRecords:
    async def test_another_tenants_record_is_as_absent_as_a_random_one(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection, route: Route
    ) -> None:
        theirs = await RECORDS[route.ids[0]](elsewhere, auditor)
        assert isinstance(route.access, Permission)
        for role in nonempty(clinic.roles):
            if may(role, route.access):
                async with clinic.client(role) as client:
                    foreign = await refusal(route, client, theirs)
                    assert foreign == await refusal(route, client, uuid4()), role

    async def test_so_is_one_of_a_person_out_of_reach(
        self, clinic: Clinic, auditor: asyncpg.Connection, route: Route
    ) -> None:
        """Without consent to research for a researcher, outside the care team for a clinician."""
        outsiders = [role for role in OUTSIDERS if route.is_for(role)]
        if not outsiders:
            return
        patient = clinic.person_id(RoleName.PATIENT)
        record = await RECORDS[route.ids[0]](clinic, auditor)
        await hand_over(auditor, record, patient)
        await auditor.execute(WITHDRAWN, patient)
        await auditor.execute(CARE_TEAMS_ONLY, clinic.identity)
        for role in nonempty(outsiders):
            async with clinic.client(role) as client:
                foreign = await refusal(route, client, record)
                assert foreign == await refusal(route, client, uuid4()), role

    async def test_so_is_another_patients(
        self, clinic: Clinic, auditor: asyncpg.Connection, route: Route
    ) -> None:
        assert isinstance(route.access, Permission)
        if not may(RoleName.PATIENT, route.access):
            return
        record = await RECORDS[route.ids[0]](clinic, auditor)
        await hand_over(auditor, record, clinic.person_id(RoleName.ADMIN))
        async with clinic.client(RoleName.PATIENT) as client:
            foreign = await refusal(route, client, record)
            assert foreign == await refusal(route, client, uuid4())


async def hand_over(auditor: asyncpg.Connection, record: UUID, person: UUID) -> None:
    """Make the record another person's, with all that belongs to its assessment."""
    assessment = await auditor.fetchval(
        "SELECT assessment_id FROM ai_explanations WHERE id = $1", record
    )
    await auditor.execute("SET session_replication_role = replica")
    for table, column in (
        ("assessments", "id"),
        ("uploaded_files", "id"),
        ("consents", "id"),
        ("ai_explanations", "assessment_id"),
        ("pipeline_stages", "assessment_id"),
        ("biomarker_values", "assessment_id"),
        ("cardiology_results", "assessment_id"),
    ):
        await auditor.execute(
            f"UPDATE {table} SET user_id = $2 WHERE {column} = $1", assessment or record, person
        )
    await auditor.execute("SET session_replication_role = DEFAULT")


class TestSubjects:
    @pytest.mark.parametrize("route", WITH_SUBJECT, ids=str)
    async def test_another_tenants_person_is_as_unknown_as_a_random_one(
        self, clinic: Clinic, elsewhere: Clinic, route: Route
    ) -> None:
        await stored(elsewhere)
        person, random = elsewhere.person_id(RoleName.PATIENT), uuid4()
        async with clinic.client(RoleName.ADMIN) as client:
            theirs = await route.ask(client, uuid4(), subject_id=str(person))
            nobodys = await route.ask(client, uuid4(), subject_id=str(random))
        assert theirs.status_code == nobodys.status_code
        if theirs.status_code == 200:
            assert theirs.text.replace(str(person), str(random)) == nobodys.text

    @pytest.mark.parametrize("route", ANALYSES, ids=str)
    async def test_nothing_is_stored_under_another_tenants_person(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection, route: Route
    ) -> None:
        person = elsewhere.person_id(RoleName.PATIENT)
        async with clinic.client(RoleName.CLINICIAN) as client:
            for subject in (person, uuid4()):
                answer = await route.ask(client, uuid4(), subject_id=str(subject))
                assert answer.status_code == 404
                assert answer.json()["detail"] == "There is no such person."
        assert not await auditor.fetch("SELECT FROM assessments WHERE user_id = $1", person)

    async def test_an_organization_in_the_query_opens_nothing(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(elsewhere)
        theirs = await auditor.fetchval(
            "SELECT id FROM organizations WHERE identity_organization = $1", elsewhere.identity
        )
        async with clinic.client(RoleName.ADMIN) as client:
            for path in ("assessments", "statistics"):
                answer = await client.get(
                    f"/api/records/{path}", params={"organization_id": str(theirs)}
                )
                body = answer.json()
                assert not body.get("items")
                assert body.get("total", 0) == 0
