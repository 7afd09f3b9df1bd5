"""Attacks in the database: what a statement reaches that should never have been run."""

from uuid import uuid4

import asyncpg

from local.prove import catalog
from local.prove.attacks import Finding, Needs, attack
from local.prove.forgery import CHANGES, FORGERIES, Scene
from local.prove.inside import (
    SEES_IDENTITIES,
    as_functions,
    as_owner,
    caller,
    changed,
    entered,
    organization_id,
    outcome,
    words,
)
from local.prove.stand import Stand, had
from shared.permissions import Permission, RoleName

CREATE = Permission.CREATE_ASSESSMENT
# What Postgres says of a right, a policy or a parent that is not there.
NOT_ALLOWED, NO_PARENT = "42501", "23503"
ACCESS = ("164.312(a)(1)", "ASVS 8.4.1", "API1:2023")

ADD_THREAD = (
    "INSERT INTO chat_threads (id, organization_id, user_id) VALUES (gen_random_uuid(), $1, $2)"
)
ADD_ASSESSMENT = """
    INSERT INTO assessments (id, organization_id, user_id, created_by, session_id, pipeline,
        pipeline_version, status)
    VALUES (gen_random_uuid(), $1, $2, medilens.current_user_id(), 's', 'cardiology', '1',
        'completed')
"""
ADD_STAGE = """
    INSERT INTO pipeline_stages (id, organization_id, user_id, assessment_id, stage_name,
        stage_index, status, duration_ms)
    VALUES (gen_random_uuid(), $1, $2, $3, 'decode', 9, 'completed', 1)
"""
ADD_VALUE = """
    INSERT INTO biomarker_values (organization_id, user_id, biomarker_id, measured_at,
        assessment_id, value, status)
    VALUES ($1, $2, 1, now(), $3, 1, 'normal')
"""
HANDED_OVER = ("assessments", "users", "user_profiles", "user_roles")


async def tenant_tables(driver: asyncpg.Connection) -> list[str]:
    """Return every table with rows of tenants that the functions' role may read."""
    return [row["relname"] for row in await driver.fetch(catalog.TENANT_TABLES)]


async def service_key(stand: Stand, *scopes: Permission) -> str:
    """Return a new key of our admin's."""
    client = stand.ours.client(RoleName.ADMIN)
    answer = await client.post("/api/accounts/keys", json={"name": "prove", "scopes": scopes})
    key = str(had(answer)["key"])
    stand.secrets.add(key)
    return key


@attack(
    3,
    "the functions' role asks without an identity",
    expected="no row of any tenant's table; nothing is added or changed",
    rules=ACCESS,
    needs=Needs.STACK,
)
async def without_an_identity(stand: Stand) -> Finding:
    async with as_owner(stand) as owner:
        home = await organization_id(owner, stand.ours)
    person = await stand.ours.person(RoleName.PATIENT)
    await stand.theirs.assessment()
    async with as_functions(stand) as nobody, changed(nobody):
        looks = Scene(nobody, {"ours": str(uuid4())}, await tenant_tables(nobody))
        tables = await looks.strangers()
        added = await outcome(nobody, ADD_THREAD, home, person)
        updated = await outcome(nobody, "UPDATE users SET first_name = 'X'")
    return Finding(
        held=not tables and added == NOT_ALLOWED and updated == "UPDATE 0",
        sent="SELECT from every tenant's table, INSERT, UPDATE as the functions' role",
        came_back=f"rows of {tables or 'no table'}; INSERT: {added}; {updated}",
    )


@attack(
    4,
    "a row of another organization is added",
    expected="42501, by the policy",
    rules=ACCESS,
    needs=Needs.STACK,
)
async def added_elsewhere(stand: Stand) -> Finding:
    async with as_owner(stand) as owner:
        theirs = await organization_id(owner, stand.theirs)
    them = await stand.theirs.person(RoleName.PATIENT)
    admin = caller(stand.ours, RoleName.ADMIN)
    async with as_functions(stand) as it, entered(it, admin, CREATE) as driver:
        state = await outcome(driver, ADD_ASSESSMENT, theirs, them)
    return Finding(state == NOT_ALLOWED, "INSERT INTO assessments of theirs", state)


@attack(
    5,
    "a row is handed over, a child hung under another organization's parent",
    expected="42501 for each table, 23503 for each child",
    rules=ACCESS,
    needs=Needs.STACK,
)
async def handed_over(stand: Stand) -> Finding:
    async with as_owner(stand) as owner:
        home = await organization_id(owner, stand.ours)
        theirs = await organization_id(owner, stand.theirs)
    person = await stand.ours.person(RoleName.PATIENT)
    foreign = await stand.theirs.assessment()
    states = {}
    clinician = caller(stand.ours, RoleName.CLINICIAN)
    async with as_functions(stand) as it, entered(it, clinician, CREATE) as driver:
        for table in HANDED_OVER:
            statement = f"UPDATE {table} SET organization_id = $1"  # noqa: S608
            states[table] = await outcome(driver, statement, theirs)
        children = [
            await outcome(driver, statement, home, person, foreign)
            for statement in (ADD_STAGE, ADD_VALUE)
        ]
    held = set(states.values()) == {NOT_ALLOWED} and set(children) == {NO_PARENT}
    return Finding(held, "UPDATE organization_id; INSERT of children", f"{states} {children}")


@attack(
    7,
    "what the catalog of the database leaves open",
    expected="row-level security forced everywhere, a policy for each right, no special role",
    rules=("164.312(a)(1)", "ASVS 8.4.1", "API5:2023"),
    needs=Needs.STACK,
)
async def left_open(stand: Stand) -> Finding:
    async with as_owner(stand) as owner:
        told = {
            what: [str(row[0]) for row in await owner.fetch(query)]
            for what, query in catalog.OPEN.items()
        }
    wrong = {what: rows for what, rows in told.items() if rows}
    return Finding(not wrong, ", ".join(catalog.OPEN), str(wrong or "nothing"))


@attack(
    19,
    "a service key is looked for in the database",
    expected="its hash alone",
    rules=("164.312(d)", "ASVS 9.1.1", "API2:2023"),
    needs=Needs.STACK,
)
async def key_in_the_database(stand: Stand) -> Finding:
    key = await service_key(stand, Permission.VIEW_ASSESSMENTS)
    async with as_owner(stand) as owner, changed(owner, role=SEES_IDENTITIES) as driver:
        rows = [row[0] for row in await driver.fetch("SELECT k::text FROM service_keys k")]
    plain = (key, key.removeprefix("mlk_"), key.encode().hex()[:64])
    shown = [row for row in rows if any(part in row for part in plain)]
    return Finding(
        bool(rows) and not shown,
        "SELECT FROM service_keys, for a key just made",
        f"{len(rows)} rows, {len(shown)} with the key in plain",
    )


@attack(
    46,
    "statements that forge an identity, in a clinician's open transaction",
    expected="no row beyond the request, nothing changed",
    rules=ACCESS,
    needs=Needs.STACK,
)
async def forged_in_a_request(stand: Stand) -> Finding:
    canary = await _visit(stand)
    async with as_owner(stand) as owner:
        told = await words(owner, stand, RoleName.CLINICIAN)
        tables = await tenant_tables(owner)
    reached = []
    async with as_functions(stand) as driver:
        scene = Scene(driver, told, tables)
        for statement in FORGERIES:
            async with entered(driver, caller(stand.ours, RoleName.CLINICIAN)):
                changes = statement in CHANGES and await scene.touched(statement)
                if changes or await _crosses(scene, statement, canary):
                    reached.append(statement)
    return _told(reached)


@attack(
    47,
    "the same statements with the password of the functions' role alone",
    expected="no row of anybody",
    rules=ACCESS,
    needs=Needs.STACK,
)
async def forged_by_a_stranger(stand: Stand) -> Finding:
    canary = await _visit(stand)
    async with as_owner(stand) as owner:
        told = await words(owner, stand, RoleName.CLINICIAN)
        tables = await tenant_tables(owner)
    nobody = {**told, "ours": str(uuid4()), "me": str(uuid4())}
    reached = []
    async with as_functions(stand) as driver:
        for statement in FORGERIES:
            async with changed(driver):
                if await _crosses(Scene(driver, nobody, tables), statement, canary):
                    reached.append(statement)
    return _told(reached)


async def _crosses(scene: Scene, statement: str, canary: str) -> bool:
    return canary in await scene.attack(statement) or bool(await scene.strangers())


def _told(reached: list[str]) -> Finding:
    return Finding(not reached, f"{len(FORGERIES)} statements", f"reached: {reached or 'nothing'}")


async def _visit(stand: Stand) -> str:
    """The other organization's word for a visit: whoever sees it has crossed over."""
    key = await stand.theirs.assessment()
    client = stand.theirs.client(RoleName.CLINICIAN)
    return str(had(await client.get(f"/api/records/assessments/{key}"))["session_id"])
