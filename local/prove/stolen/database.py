"""Stolen from the deployment: a password, a backup, the owner's address, a function itself."""

from uuid import uuid4

import asyncpg

from local.prove.attacks import NotTried
from local.prove.chain import TRIGGERS_OFF, VERIFIED, sealed_home, tampered_with_by_the_owner
from local.prove.database import tenant_tables
from local.prove.forgery.scene import Scene
from local.prove.inside import (
    SEES_RECORDS,
    as_functions,
    as_owner,
    caller,
    changed,
    entered,
    organization_id,
    outcome,
)
from local.prove.pooled import seen
from local.prove.stand import Stand
from local.prove.stolen import Reach, stolen
from local.prove.trail import trail_of
from shared.permissions import RoleName

NOBODY = "00000000-0000-0000-0000-000000000000"
OUTSIDE = "It needs the database, so it is not for the outside."
BY_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE query LIKE '%medilens.enter%' AND pid <> pg_backend_pid()
"""
PASSWORD = "ALTER ROLE medilens_app PASSWORD 'changed'"  # noqa: S105  # taken back
SEALS_OF_THE_FUNCTIONS = "SELECT inner_pad FROM medilens.identity_keys"
NAMES = "SELECT last_name, date_of_birth FROM users WHERE id = $1"
VALUES = "SELECT count(*) FROM biomarker_values WHERE organization_id = $1"
READER_SEES_KEYS = """
    SELECT EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = 'medilens'
        AND p.tablename IN ('identity_keys', 'seal_keys') AND 'medilens_reader' = ANY (p.roles))
        OR NOT (SELECT bool_and(c.relrowsecurity) FROM pg_class c
            WHERE c.oid IN ('medilens.identity_keys'::regclass, 'medilens.seal_keys'::regclass))
"""
UNSEALED = """
    DELETE FROM audit_events WHERE organization_id = $1
    AND id NOT IN (SELECT event_id FROM medilens.audit_seals)
"""
ROWS = "SELECT count(*) FROM audit_events WHERE organization_id = $1"
FINGERPRINT = "SELECT medilens.audit_fingerprint()"


@stolen
async def the_functions_password(stand: Stand) -> Reach:
    """The password of the functions' role in the database."""
    _needs_database(stand)
    reach = Reach()
    await stand.ours.assessment()
    async with as_functions(stand) as driver, changed(driver):
        scene = Scene(driver, {"ours": NOBODY}, await tenant_tables(driver))
        reach.is_stopped("any row of any tenant", is_so=not await scene.strangers())
        keys = await outcome(driver, SEALS_OF_THE_FUNCTIONS)
        reach.is_stopped("the keys that seal an identity", is_so=keys == "42501")
        trail = await outcome(driver, "SELECT FROM audit_events")
        reach.is_stopped("the audit trail", is_so=trail == "42501")
        others = await driver.fetchval(BY_OTHERS)
        reach.is_stopped("what other sessions have sealed", is_so=others == 0)
        renamed = await outcome(driver, PASSWORD)
        reach.reaches("the role's own password, to lock all out", is_so="A" in renamed)
        catalog = await outcome(driver, "SELECT FROM biomarkers")
        reach.reaches("the catalogs, and estimates of how many rows", is_so="SELECT" in catalog)
    return reach


@stolen
async def a_backup(stand: Stand) -> Reach:
    """A backup of the database, without the master key."""
    _needs_database(stand)
    reach = Reach()
    person, name = await stand.ours.planted()
    await stand.ours.assessment()
    async with as_owner(stand) as owner:
        home = await organization_id(owner, stand.ours)
        async with changed(owner, role=SEES_RECORDS):
            row = await owner.fetchrow(NAMES, person)
            values = await owner.fetchval(VALUES, home)
        readable = await owner.fetchval(READER_SEES_KEYS)
    is_sealed = row is not None and row["last_name"].startswith("mle:") and name not in str(row)
    reach.is_stopped("names, identifiers, notes, secrets: they are ciphertext", is_so=is_sealed)
    reach.is_stopped("keys of identities, where medilens_reader made it", is_so=not readable)
    reach.reaches("measured values, birth dates and sexes, under random ids", is_so=values > 0)
    return reach


@stolen
async def the_owners_address(stand: Stand) -> Reach:
    """The password of whoever owns the database and its audit trail."""
    _needs_database(stand)
    reach, home = Reach(), await sealed_home(stand)
    chain = await tampered_with_by_the_owner(stand)
    async with as_owner(stand) as owner:
        before = await owner.fetchval(FINGERPRINT)
        async with changed(owner, *TRIGGERS_OFF):
            rows = await owner.fetchval(ROWS, home)
            is_other = await owner.fetchval(FINGERPRINT) != before
        reach.reaches("every row, the trail too, with the triggers off", is_so=rows > 0)
        is_lost = await _lost(owner, stand)
        reach.reaches("rows not sealed yet, removed without a trace", is_so=is_lost)
    reach.is_shown("the chain, for each row that was sealed", is_so=chain.held)
    reach.is_shown("the fingerprint of a checkpoint, for triggers and rights", is_so=is_other)
    return reach


async def _lost(owner: asyncpg.Connection, stand: Stand) -> bool:
    """Whether a row that is not sealed yet can be removed and nothing tells of it."""
    home = await organization_id(owner, stand.ours)
    client = stand.ours.client(RoleName.CLINICIAN)
    await client.get(f"/api/records/assessments/{await stand.ours.assessment()}")
    async with changed(owner, *TRIGGERS_OFF):
        await owner.execute(UNSEALED, home)
        return await owner.fetchval(VERIFIED, home) is None


@stolen
async def a_function(stand: Stand) -> Reach:
    """Code that runs in a function, with its keys and its settings."""
    _needs_database(stand)
    reach = Reach()
    await stand.theirs.assessment()
    anybody = caller(stand.theirs, RoleName.ADMIN)
    async with as_functions(stand) as it, entered(it, anybody) as driver:
        number = await driver.fetchval("SELECT count(*) FROM assessments")
        reach.reaches("the records of whomever it names, in any organization", is_so=number > 0)
        deleted = await outcome(driver, "DELETE FROM assessments")
        reach.is_stopped("deleting a record for good", is_so=deleted == "42501")
        trail = await outcome(driver, "UPDATE audit_events SET outcome = 'success'")
        reach.is_stopped("changing the audit trail", is_so=trail == "42501")
        removed = await outcome(driver, "ALTER TABLE assessments DISABLE TRIGGER USER")
        reach.is_stopped("changes that leave no row of the trail", is_so=removed == "42501")
    request = f"prove-{uuid4().hex}"
    async with as_functions(stand) as driver:
        rows = await seen(driver, caller(stand.ours, RoleName.ADMIN, request_id=request))
    is_silent = bool(rows) and not await trail_of(stand, request)
    reach.reaches("reading by statements of its own, which leaves no row", is_so=is_silent)
    return reach


def _needs_database(stand: Stand) -> None:
    if stand.databases is None:
        raise NotTried(OUTSIDE)
