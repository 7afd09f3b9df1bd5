"""What is written of people is in plain text nowhere but in the answers to those who may read it.

Everything that a person's name, contact, identifier or a note goes through is tried on a server
that logs every statement with its parameters, and then all that the server keeps is searched.
"""

import io
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from local import demo
from local.binaries import binary
from local.child import CLEAN_ENVIRONMENT
from local.issuer import Issuer
from local.owner import as_owner
from local.postgres import EmbeddedPostgres
from local.server import Server
from migrations.job import MigrationRequest, migrate
from shared.database import transaction
from shared.database.encryption.columns import ENCRYPTED, JSON_COLUMNS
from shared.database.repositories import keys
from shared.permissions import Permission, RoleName
from tests.conftest import APP_PASSWORD, IDENTITY_KEY, Clinic
from tests.factories.examinations import stored
from tests.factories.newcomers import INVITATIONS, MEMBERS, a_subject, signed_in
from tests.functions.accounts.test_announcements import deliver, membership
from tests.functions.accounts.test_break_glass import BREAK_GLASS, confirmed, opened
from tests.functions.accounts.test_care_teams import ask_for_care_teams
from tests.functions.audit.test_reading import LOG, QUESTIONS
from tests.nonempty import nonempty
from tests.shared.conftest import Reconfigure
from tests.shared.http import conftest as http

# What is logged, as a fixture.
log = http.log
PATIENTS = "/api/accounts/patients"
THREADS, EXPLANATIONS = "/api/assistant/threads", "/api/assistant/explanations"
FHIR_SERVER = "/api/accounts/organization/fhir-server"
# Every word that is told of people begins with it.
CANARY = "Canarius"
LOGGING = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_error_verbosity": "verbose",
    "shared_preload_libraries": "pg_stat_statements",
}
# No route writes these: what the functions would send is written for them.
WITHOUT_ROUTE = {
    ("users", "username"),
    *(("user_profiles", column) for column in ("medical_history", "medications", "allergies")),
}


def word() -> str:
    return f"{CANARY}{uuid4().hex[:12]}"


def person() -> dict[str, Any]:
    return {
        "first_name": word(),
        "last_name": word(),
        "email": f"{word()}@example.org",
        "phone": "+49 555 0177 0199",
        "address": {"city": word(), "lines": [word()]},
        "date_of_birth": "1975-12-10",
        "identifiers": [{"system": "https://clinic.example.org/mrn", "value": word()}],
    }


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server that writes down whatever it is told."""
    with EmbeddedPostgres.start(tmp_path_factory.mktemp("talkative") / "server") as server:
        yield server


@pytest.fixture
async def told(
    talkative: EmbeddedPostgres, issuer: Issuer, server: Server, reconfigure: Reconfigure
) -> Clinic:
    """A clinic of the functions that use this server."""
    superuser = await asyncpg.connect(talkative.url())
    for name, value in LOGGING.items():
        await superuser.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    await superuser.execute("CREATE ROLE medilens_owner LOGIN CREATEROLE PASSWORD 'owner'")
    await superuser.execute("CREATE DATABASE medilens OWNER medilens_owner")
    await superuser.close()
    talkative.stop()
    talkative.start_again()
    owner = talkative.url("medilens", user="medilens_owner", password="owner")
    upgrade = MigrationRequest(command="upgrade")
    await migrate(owner, upgrade, app_password=APP_PASSWORD, identity_keys=[IDENTITY_KEY])
    reconfigure(database_url=talkative.url("medilens", user="medilens_app", password=APP_PASSWORD))
    identity = f"org_{uuid4().hex}"
    async with as_owner(owner) as connection:
        roles = await demo.seed_organization(connection, identity, "A clinic")
    return Clinic(identity, issuer, server, roles)


@dataclass(frozen=True)
class Told:
    """What was said to the caller, and is stored: in plain text it may be nowhere else."""

    # The answers of what was refused.
    refused: list[str]
    # Sentences about a person that the functions wrote themselves.
    sentences: set[str]


async def use(clinic: Clinic) -> Told:
    """Write and read whatever is encrypted."""
    refused = []
    async with clinic.client(RoleName.CLINICIAN) as client:
        ada, eve = [(await client.post(PATIENTS, json=person())).json() for _ in range(2)]
        again = person() | {"date_of_birth": None, "identifiers": ada["identifiers"]}
        refused += [(await client.post(PATIENTS, json=again)).text]
        refused += [(await client.post(PATIENTS, json=person() | {"gender": word()})).text]
        for wanted in (
            {"identifier": ada["identifiers"][0]},
            {"name_part": ada["last_name"]},
            {"last_name": ada["last_name"], "date_of_birth": "1975-12-10"},
        ):
            listed = (await client.post(f"{PATIENTS}/search", json=wanted)).json()
            assert [item["id"] for item in listed["items"]] == [ada["id"]]
        await change(client, f"{PATIENTS}/{eve['id']}", eve, {"last_name": word()})
        key = await stored(clinic)
        await post(client, f"/api/records/assessments/{key}/review", note=word())
        to = {"assessment_id": str(key), "to_person_id": eve["id"], "reason": word()}
        await post(client, "/api/accounts/moves", **to)
        merge = {"person_id": ada["id"], "into_person_id": eve["id"], "reason": word()}
        await post(client, "/api/accounts/merges", **merge)
        answer = await client.get(f"/api/records/assessments/{key}")
        assert CANARY in answer.json()["review_note"]
        said = await converse(client, str(key))
        # Too long, and about nothing that there is.
        refused += [(await client.post(THREADS, json={"title": word() * 40})).text]
    await newcomers(clinic)
    async with clinic.client(RoleName.PATIENT) as client:
        assert (await client.patch("/api/accounts/me", json={"ethnicity": word()})).is_success
    await emergencies(clinic)
    return Told(refused, said)


async def converse(client: AsyncClient, assessment: str) -> set[str]:
    """Have an assessment explained, and ask about it; return each sentence that is answered."""
    explained = await post(client, EXPLANATIONS, assessment_id=assessment)
    thread = await post(client, THREADS, assessment_id=assessment, title=word())
    messages = f"{THREADS}/{thread['id']}/messages"
    question = f"Is the heart rate of {word()} normal?"
    answer = (await post(client, messages, text=question))["answer"]
    listed = (await client.get(messages)).json()["items"]
    assert [message["text"] for message in listed] == [question, answer["text"]]
    assert (await client.get(f"{EXPLANATIONS}/{explained['id']}")).json() == explained
    sentences = [*explained["sentences"], *answer["source"]["sentences"]]
    return {sentence["text"] for sentence in sentences}


async def write_without_route(clinic: Clinic, superuser: asyncpg.Connection) -> None:
    """Write the columns that have no route yet, sealed as the functions seal."""
    person = clinic.person_id(RoleName.PATIENT)
    rows = {
        "users": person,
        "user_profiles": await superuser.fetchval(
            "SELECT id FROM user_profiles WHERE user_id = $1", person
        ),
    }
    async with transaction.begin(clinic.caller(RoleName.ADMIN), Permission.VIEW_PATIENTS) as opened:
        texts = (await keys.keys_of(opened, person)).texts
    for table, column in nonempty(WITHOUT_ROUTE):
        value = [word()] if (table, column) in JSON_COLUMNS else word()
        sealed = texts.sealed(table, column, rows[table], value)
        stored_as = "to_jsonb($1::text)" if (table, column) in JSON_COLUMNS else "$1"
        change = f"UPDATE {table} SET {column} = {stored_as} WHERE id = $2"
        await superuser.execute(change, sealed, rows[table])


async def emergencies(clinic: Clinic) -> None:
    """An emergency has a reason and a review; the person asks who looked, and is answered."""
    await ask_for_care_teams(clinic)
    async with confirmed(clinic) as client:
        grant = await opened(client, clinic, reason=f"{word()} was unconscious")
        assert (await client.post(f"{BREAK_GLASS}/{grant['id']}/end")).is_success
    async with clinic.client(RoleName.ADMIN) as admin:
        await post(admin, f"{BREAK_GLASS}/{grant['id']}/review", is_justified=True, note=word())
    async with clinic.client(RoleName.PATIENT) as client:
        entry = (await client.get(LOG)).json()["items"][0]
        asked = {"event_id": entry["id"], "question": word()}
        question = (await client.post(QUESTIONS, json=asked)).json()
    async with clinic.client(RoleName.ADMIN) as admin:
        await post(admin, f"{QUESTIONS}/{question['id']}/answer", answer=word())


async def newcomers(clinic: Clinic) -> None:
    """Whoever comes by invitation or is announced brings a name and an address along."""
    address = f"{word()}@example.org"
    roles = f"{MEMBERS}/{clinic.person_id(RoleName.CLINICIAN)}/roles"
    async with clinic.client(RoleName.ADMIN) as client:
        person = clinic.person_id(RoleName.PATIENT)
        await post(client, f"/api/accounts/people/{person}/holds", reason=word())
        await post(client, INVITATIONS, role="clinician", email=address)
        server = {"url": "https://fhir.example.org/r4", "secret": word()}
        assert (await client.put(FHIR_SERVER, json=server)).is_success
        await post(client, roles, role="researcher", reason=word())
        await post(client, f"{roles}/researcher/revoke", reason=word())
    claims = {"email": address, "email_verified": True}
    async with signed_in(clinic, a_subject(), **claims) as client:
        assert (await client.post("/api/accounts/join")).json()["email"] == address
    announced = membership(clinic.identity, a_subject(), role="org:admin")
    announced["data"]["public_user_data"] |= {"first_name": word(), "last_name": word()}
    assert await deliver(clinic, announced) == 204


async def post(client: AsyncClient, path: str, **told: Any) -> dict[str, Any]:
    answer = await client.post(path, json=told)
    assert answer.is_success, answer.text
    stored: dict[str, Any] = answer.json() if answer.content else {}
    return stored


async def change(
    client: AsyncClient, path: str, patient: dict[str, Any], told: dict[str, Any]
) -> None:
    tag = {"If-Match": f'"{patient["revision"]}"'}
    answer = await client.patch(path, json=told, headers=tag)
    assert answer.is_success, answer.text


async def test_canary_is_in_nothing_that_the_server_keeps(
    told: Clinic, talkative: EmbeddedPostgres, tmp_path: Path, log: io.StringIO
) -> None:
    was_told = await use(told)
    superuser = await asyncpg.connect(talkative.url("medilens"))
    assert await unused(superuser) == WITHOUT_ROUTE
    await write_without_route(told, superuser)
    assert await unused(superuser) == set()
    await superuser.execute("CREATE EXTENSION pg_stat_statements; CHECKPOINT")
    views = [
        str(list(await superuser.fetch(f"SELECT * FROM {view}")))
        for view in ("pg_stat_statements", "pg_stat_activity", "audit_events")
    ]
    places = {
        "answers": "\n".join(was_told.refused).encode(),
        "the functions' log": log.getvalue().encode(),
        "views": "\n".join(views).encode(),
        "dump": dump(talkative, tmp_path),
        **files_of(talkative),
    }
    assert any("pg_wal" in place for place in places)
    assert PATIENTS.encode() in places["the functions' log"]
    assert b"INSERT INTO users" in places["postgres.log"]
    canaries = (CANARY.encode(), CANARY.lower().encode(), CANARY.encode().hex().encode())
    for form in (*canaries, *map(str.encode, nonempty(was_told.sentences))):
        assert [place for place, content in places.items() if form in content] == []

    # Written in plain, it would be listed.
    admin = told.person_id(RoleName.ADMIN)
    await superuser.execute("UPDATE users SET last_name = $1 WHERE id = $2", CANARY, admin)
    await superuser.execute("CHECKPOINT")
    await superuser.close()
    holding = {
        place for place, content in files_of(talkative).items() if CANARY.encode() in content
    }
    assert "postgres.log" in holding
    assert any("pg_wal" in place for place in holding)
    assert any("base" in place for place in holding)


def dump(server: EmbeddedPostgres, folder: Path) -> bytes:
    file = folder / "all.sql"
    command = [binary("pg_dump", folder), f"--dbname={server.url('medilens')}", f"--file={file}"]
    subprocess.run(command, check=True, env=CLEAN_ENVIRONMENT, cwd="/", capture_output=True)
    return file.read_bytes()


def files_of(server: EmbeddedPostgres) -> dict[str, bytes]:
    files = (file for file in server.folder.rglob("*") if file.is_file())
    return {str(file.relative_to(server.folder)): file.read_bytes() for file in files}


async def unused(superuser: asyncpg.Connection) -> set[tuple[str, str]]:
    """Which encrypted columns hold nothing at all: the search would prove nothing of them."""
    return {
        (table, column)
        for table, columns in ENCRYPTED.items()
        for column in columns
        if not await superuser.fetchval(
            f"SELECT count(*) FROM {table} WHERE {column}::text LIKE '%mle:%'"
        )
    }
