"""What a statement reaches in the database that should never have been run."""

from uuid import uuid4

import asyncpg

from local.prove import catalog
from local.prove.attacks import Finding, Needs, attack
from local.prove.forgery.scene import Scene
from local.prove.inside import (
    as_functions,
    as_owner,
    caller,
    changed,
    entered,
    organization_id,
    outcome,
)
from local.prove.stand import Stand
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


@attack(
    3,
    "the functions' role asks without an identity",
    expected="no row of any tenant's table; nothing is added or changed",
    rules=ACCESS,
    needs=Needs.STACK,
)
async def without_an_identity(stand: Stand) -> Finding:
    """Look at every table, add and change, before anybody has entered."""
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
    """Add an assessment to the other organization, in the transaction of an admin."""
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
    """Give rows of ours away, and hang children of ours under a parent of theirs."""
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
