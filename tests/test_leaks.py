"""What an answer could tell beside what it says: by its cost, its contents, its address."""

import io
import json
import re
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from httpx import AsyncClient
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncConnection

from local.prove.plans import nodes, statements
from local.prove.routes import WORDS
from local.samples.catalog import SAMPLES
from shared.database import transaction
from shared.permissions import Permission, RoleName
from shared.pipelines import PipelineName
from tests.access import ROUTES, WITH_IDS, Route
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.factories.records import RECORDS
from tests.nonempty import nonempty

READ = "/api/records/assessments/{assessment_id}"
READING = [route for route in WITH_IDS if route.method == "GET"]


@pytest.mark.parametrize("route", READING, ids=str)
async def test_another_tenants_record_costs_as_much_as_one_that_never_was(
    clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection, route: Route
) -> None:
    """A difference in work would be a difference in time, which tells that there is a record."""
    theirs = await RECORDS[route.ids[0]](elsewhere, auditor)
    async with clinic.client(RoleName.ADMIN) as client:
        counted = []
        for record in (theirs, uuid4()):
            with statements() as sent:
                assert (await route.ask(client, record)).status_code == 404
            counted.append([statement for statement, _ in sent])
    assert counted[0] == counted[1] != []


# What a researcher is not to learn of anybody.
CANARIES = {
    "first_name": "Canaryfirst",
    "last_name": "Canarylast",
    "email": "canary@example.org",
    "phone": "+49 1234 5678901",
}
BORN, MRN, VISIT, NOTE = "1931-03-07", "MRN-CANARY-1", "visit-canary", "a note by canary"


async def plant(clinic: Clinic, auditor: asyncpg.Connection) -> str:
    """Write the canaries wherever something is known of the patient, and return an assessment."""
    patient = clinic.person_id(RoleName.PATIENT)
    names = ", ".join(f"{column} = '{value}'" for column, value in CANARIES.items())
    await auditor.execute(
        f"UPDATE users SET {names}, date_of_birth = '{BORN}' WHERE id = $1", patient
    )
    await auditor.execute(
        "INSERT INTO person_identifiers (id, organization_id, user_id, system, value)"
        f" SELECT gen_random_uuid(), organization_id, id, 'mrn', '{MRN}' FROM users WHERE id = $1",
        patient,
    )
    key = await stored(clinic, session_id=VISIT, warnings=(f"the file of {CANARIES['last_name']}",))
    async with clinic.client(RoleName.CLINICIAN) as client:
        review = await client.post(f"/api/records/assessments/{key}/review", json={"note": NOTE})
        assert review.status_code == 200, review.text
    return str(key)


async def test_a_researcher_learns_nobodys_name_date_number_or_note(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    """Every route that reads, in answers, pictures, charts and refusals alike."""
    key = await plant(clinic, auditor)
    patient = str(clinic.person_id(RoleName.PATIENT))
    secrets = [*CANARIES.values(), BORN, MRN, VISIT, NOTE]
    answered = set()
    async with clinic.client(RoleName.RESEARCHER) as client:
        for route in nonempty(route for route in ROUTES if route.method == "GET"):
            ids = {name: key if name == "assessment_id" else patient for name in route.ids}
            answer = await asked(client, route, ids)
            for query in ({}, {"subject_id": patient}, {"session_id": VISIT}):
                answer = await client.get(answer.request.url.path, params=query)
                if answer.status_code == 200:
                    answered.add(str(route))
                told = [secret for secret in secrets if secret in answer.text]
                # A query that is refused for what it asks names nothing of what it was given.
                assert told == [], (str(route), query)
    assert {f"GET {READ}", "GET /api/records/assessments"} <= answered


async def asked(client: AsyncClient, route: Route, ids: dict[str, str]) -> Any:
    return await client.get(route.path.format(**WORDS, **ids))


async def test_where_a_picture_was_taken_is_in_no_answer(clinic: Clinic) -> None:
    """A camera's place, name and number of a lesion's photo stay in the file as it was sent."""
    sample = next(sample for sample in SAMPLES if sample.pipeline is PipelineName.DERMATOLOGY)
    (file, *_) = sample.make()
    told = Image.Exif()
    told[0x010F], told[0x013B] = "Canarymaker", "Canaryartist"
    told.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 29: "1931:03:07"})
    content = io.BytesIO()
    Image.open(io.BytesIO(file.content)).convert("RGB").save(content, "JPEG", exif=told)
    assert b"Canaryartist" in content.getvalue()
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await client.post(
            "/api/dermatology/analyze",
            files={"file": ("lesion.jpg", content.getvalue())},
            data=dict(sample.fields),
        )
        assert answer.status_code == 201, answer.text
        pictures = [
            await client.get(picture["href"]) for picture in nonempty(answer.json()["pictures"])
        ]
    answers = [shown.content for shown in (answer, *pictures)]
    for answered in nonempty(answers):
        for canary in (b"Canary", b"1931:", b"Exif"):
            assert canary not in answered


# By these somebody is known outside: they belong in a body.
WHO = {
    *("name", "names", "given", "family", "birth", "born", "birthdate", "email", "mail", "phone"),
    *("telecom", "address", "street", "city", "mrn", "identifier", "ssn", "note", "text"),
}


def test_no_address_says_who_somebody_is() -> None:
    """Addresses are kept in logs: they name people by our ids alone."""
    asked_for = {
        (name, str(route))
        for route in nonempty(ROUTES)
        for name, place in route.parameters
        if place == "query"
    }
    telling = [asked for asked in nonempty(asked_for) if WHO & set(re.findall("[a-z]+", asked[0]))]
    assert telling == [], "Ask for this in a body: addresses are logged on the way"


# What users wait for, and the tables that grow with an organization.
HOT = (
    "/api/records/assessments",
    "/api/records/assessments?subject_id={patient}",
    "/api/records/assessments?requires_review=true",
    "/api/records/assessments?created_from=2026-01-01T00:00:00Z",
    "/api/records/assessments/{assessment}",
    "/api/records/biomarkers/heart_rate/history?subject_id={patient}",
    "/api/records/statistics",
    "/api/records/statistics?subject_id={patient}",
    "/api/accounts/patients/{patient}",
    "/api/accounts/members",
    "/api/accounts/moves?person_id={patient}",
    "/api/accounts/merges?person_id={patient}",
    "/api/accounts/people/{patient}/consents",
    "/api/accounts/patients/{patient}/care-team",
)
GROWING = ("assessments", "biomarker_values", "users", "moves", "merges", "consents")


@pytest.mark.parametrize("path", HOT)
async def test_what_users_wait_for_is_found_by_an_index_under_row_security(
    clinic: Clinic, path: str
) -> None:
    """With scans made dear, whatever still scans a growing table has no index to go by."""
    key = await stored(clinic)
    place = path.format(patient=clinic.person_id(RoleName.PATIENT), assessment=key)
    async with clinic.client(RoleName.ADMIN) as client:
        with statements() as sent:
            assert (await client.get(place)).status_code == 200
    caller = clinic.caller(RoleName.ADMIN)
    for statement, parameters in nonempty(sent):
        for permission in (Permission.VIEW_ASSESSMENTS, Permission.MANAGE_PATIENTS):
            async with transaction.begin(caller, permission) as connection:
                plan = await explained(connection, statement, parameters)
            scanned = [
                node["Relation Name"]
                for node in plan
                if node["Node Type"] == "Seq Scan" and node["Relation Name"].startswith(GROWING)
            ]
            assert scanned == [], statement
            # What a policy asks for once a statement is a parameter where rows are filtered.
            per_row = [node for node in plan if "organization_for" in node.get("Filter", "")]
            assert per_row == [], statement


async def explained(
    connection: AsyncConnection, statement: str, parameters: Any
) -> list[dict[str, Any]]:
    raw = await connection.get_raw_connection()
    driver: asyncpg.Connection = raw.driver_connection
    await driver.execute("SET LOCAL enable_seqscan = off")
    plan = await driver.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *parameters)
    (told,) = plan if isinstance(plan, list) else json.loads(plan)
    return list(nodes(told["Plan"]))
