"""Attacks on the audit trail: acts that leave no row, rows that are changed, chains rewritten."""

import asyncio
import json
from collections.abc import Sequence
from uuid import UUID, uuid4

import asyncpg

from local.prove.attacks import Finding, Needs, attack, judged
from local.prove.inside import (
    SEES_TRAIL,
    as_functions,
    as_owner,
    caller,
    changed,
    organization_id,
    outcome,
    seal_trail,
)
from local.prove.stand import Stand, had
from shared.database import transaction
from shared.errors import NotFound
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName

AUDIT = ("164.312(b)", "ASVS 16.3.1", "API9:2023")
INTEGRITY = ("164.312(c)(1)", "164.312(c)(2)", "ASVS 16.4.2")
RECORDS = "/api/records/assessments"
# So many at once make one chain.
AT_ONCE = 50

# What the functions' role is refused, by the lack of a right.
TOUCHING = (
    "SELECT * FROM audit_events",
    (
        "INSERT INTO audit_events (organization_id, actor_type, action, resource_type,"
        " outcome, phi_accessed) SELECT gen_random_uuid(), 'user', 'read', 'x',"
        " 'success', true"
    ),
    "UPDATE audit_events SET outcome = 'success'",
    "DELETE FROM audit_events",
    "TRUNCATE audit_events",
    "DROP TRIGGER audit_update ON assessments",
    "ALTER TABLE assessments DISABLE TRIGGER ALL",
    "SELECT set_config('session_replication_role', 'replica', false)",
    (
        "CREATE OR REPLACE FUNCTION medilens.audit_change() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    ),
    "SELECT medilens.record(gen_random_uuid(), 'read', 'x', NULL, NULL, 'success', '{}', NULL)",
)
# What not even the owner's roles do while the triggers stand.
REWRITING = ("UPDATE {} SET outcome = 'denied'", "DELETE FROM {}", "TRUNCATE {}")

# What an owner does who switches the triggers off, and what the chain calls it.
TRIGGERS_OFF = (
    "ALTER TABLE audit_events DISABLE TRIGGER keep",
    "ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE medilens.audit_seals DISABLE TRIGGER keep",
)
TAMPERING = {
    "row-changed": (
        "UPDATE audit_events SET user_agent = coalesce(user_agent, '') || 'x' WHERE id ="
        " (SELECT event_id FROM medilens.audit_seals WHERE organization_id = $1 AND seq = 3)"
    ),
    "rows-missing": (
        "DELETE FROM audit_events WHERE id ="
        " (SELECT event_id FROM medilens.audit_seals WHERE organization_id = $1 AND seq = 3)"
    ),
    "seals-missing": "DELETE FROM medilens.audit_seals WHERE organization_id = $1 AND seq = 3",
    "tail-missing": "DELETE FROM medilens.audit_seals WHERE organization_id = $1 AND seq > 4",
    "rows-added": (
        "INSERT INTO audit_events (organization_id, actor_type, action, resource_type, outcome,"
        " phi_accessed, xact) VALUES ($1, 'system', 'read', 'x', 'success', false, '3')"
    ),
}
VERIFIED = "SELECT fault FROM medilens.verify_chain($1, 0, 100000)"
# An owner chains all rows anew as they are now, which only a checkpoint contradicts.
RECHAIN = """
    WITH RECURSIVE rows AS (
        SELECT s.seq, medilens.audit_leaf(e) AS leaf FROM medilens.audit_seals s
        JOIN audit_events e ON e.id = s.event_id WHERE s.organization_id = $1
    ), chained AS (
        SELECT r.seq, sha256(medilens.genesis($1) || r.leaf) AS hash FROM rows r WHERE r.seq = 1
        UNION ALL
        SELECT r.seq, sha256(c.hash || r.leaf) FROM chained c JOIN rows r ON r.seq = c.seq + 1
    )
    UPDATE medilens.audit_seals s SET hash = c.hash FROM chained c
    WHERE s.organization_id = $1 AND s.seq = c.seq
"""
REWIND = """
    UPDATE medilens.audit_heads h SET seq = s.seq, hash = s.hash FROM medilens.audit_seals s
    WHERE h.organization_id = $1 AND s.organization_id = $1
    AND s.seq = (SELECT max(seq) FROM medilens.audit_seals WHERE organization_id = $1)
"""
HEAD = (
    "SELECT seq, encode(hash, 'hex') AS hash FROM medilens.audit_heads WHERE organization_id = $1"
)
CONTRADICTED = """
    SELECT fault FROM medilens.audit_contradictions(
        (SELECT checkpoint FROM medilens.audit_sealing), $1::text::jsonb)
"""
BY_REQUEST = "SELECT * FROM audit_events WHERE organization_id = $1 AND request_id = $2"


async def trail_of(stand: Stand, request_id: str) -> Sequence[asyncpg.Record]:
    """Return the rows that a request of our organization has left."""
    async with as_owner(stand) as owner:
        home = await organization_id(owner, stand.ours)
        async with changed(owner, role=SEES_TRAIL):
            rows: Sequence[asyncpg.Record] = await owner.fetch(BY_REQUEST, home, request_id)
    return rows


async def sealed_home(stand: Stand) -> UUID:
    """Return our organization, whose trail has some rows, all of them sealed."""
    await stand.ours.assessment()
    async with as_owner(stand) as owner:
        home = await organization_id(owner, stand.ours)
        await seal_trail(owner, home)
    return home


@attack(
    27,
    "acts that leave no row, rows that hold what was written",
    expected="a row for each act and each refusal, none with a value",
    rules=AUDIT,
    needs=Needs.STACK,
)
async def acts_without_a_row(stand: Stand) -> Finding:
    canary = f"Canary{uuid4().hex}"
    people = "/api/accounts/patients"
    as_who = {role: stand.ours.client(role) for role in RoleName}
    made = await as_who[RoleName.ADMIN].post(
        people, json={"last_name": canary}, headers=_named("prove-create")
    )
    person = f"{people}/{had(made)['id']}"
    await as_who[RoleName.CLINICIAN].get(person, headers=_named("prove-read"))
    await as_who[RoleName.RESEARCHER].get(person, headers=_named("prove-denied"))
    await as_who[RoleName.ADMIN].get(f"{people}/{uuid4()}", headers=_named("prove-absent"))
    wanted = {
        "create": ("create", "success"),
        "read": ("read", "success"),
        "denied": ("read", "denied"),
        "absent": ("read", "denied"),
    }
    missing, shown = [], False
    for act, row in wanted.items():
        rows = await trail_of(stand, f"prove-{act}")
        of_people = {(told["action"], told["outcome"]) for told in rows if _is_of_people(told)}
        missing += [] if row in of_people else [act]
        shown |= any(canary in str(dict(told)) for told in rows)
    return Finding(
        not missing and not shown,
        "four acts, one with a planted name",
        f"without a row: {missing or 'none'}; the name is in a row: {shown}",
    )


def _is_of_people(row: asyncpg.Record) -> bool:
    return bool(row["resource_type"] == "users")


def _named(request_id: str) -> dict[str, str]:
    return {"X-Request-ID": request_id}


@attack(
    28,
    "an act while the trail cannot be written",
    expected="503 for reading and deleting, and nothing is done",
    rules=AUDIT,
    needs=Needs.STACK,
)
async def acts_without_the_trail(stand: Stand) -> Finding:
    place = f"{RECORDS}/{await stand.ours.analyzed(RoleName.PATIENT)}"
    client = stand.ours.client(RoleName.CLINICIAN)
    async with as_owner(stand) as owner:
        home = await organization_id(owner, stand.ours)
        # For our organization alone, so that nobody else is turned away.
        await owner.execute(
            "ALTER TABLE audit_events ADD CONSTRAINT no_trail"
            f" CHECK (organization_id <> '{home}') NOT VALID"
        )
        try:
            answers = [await client.get(place), await client.delete(place)]
        finally:
            await owner.execute("ALTER TABLE audit_events DROP CONSTRAINT no_trail")
    findings = [judged(answer, 503, code="unavailable") for answer in answers]
    return Finding.of([*findings, judged(await client.get(place), 200)])


@attack(
    29,
    "the functions' role touches the trail",
    expected="42501 for each statement",
    rules=INTEGRITY,
    needs=Needs.STACK,
)
async def touched_by_the_functions(stand: Stand) -> Finding:
    async with as_functions(stand) as driver, changed(driver):
        states = {statement: await outcome(driver, statement) for statement in TOUCHING}
    wrong = {statement: state for statement, state in states.items() if state != "42501"}
    return Finding(not wrong, f"{len(TOUCHING)} statements", str(wrong or "42501"))


@attack(
    29,
    "the owner changes rows of the trail",
    expected="refused by the trail itself",
    rules=INTEGRITY,
    needs=Needs.STACK,
)
async def rewritten_by_the_owner(stand: Stand) -> Finding:
    async with as_owner(stand) as owner, changed(owner):
        month = await owner.fetchval(
            "SELECT 'audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')"
        )
        states = [
            await outcome(owner, statement.format(table))
            for table in ("audit_events", month)
            for statement in REWRITING
        ]
    return Finding(set(states) == {"P0001"}, "UPDATE, DELETE, TRUNCATE", str(states))


@attack(
    29,
    "the owner switches the triggers off and changes, removes, cuts off, slips in rows",
    expected="each is named by the chain",
    rules=INTEGRITY,
    needs=Needs.STACK,
)
async def tampered_with_by_the_owner(stand: Stand) -> Finding:
    home = await sealed_home(stand)
    named = {}
    async with as_owner(stand) as owner:
        for fault, statement in TAMPERING.items():
            async with changed(owner, *TRIGGERS_OFF):
                await owner.execute(statement, home)
                named[fault] = await owner.fetchval(VERIFIED, home)
    held = all(fault == told for fault, told in named.items())
    return Finding(held, ", ".join(TAMPERING), str(named))


@attack(
    29,
    "the owner chains all rows anew after a change, or rewinds the chain",
    expected="named by the checkpoint, which lies out of the owner's reach",
    rules=INTEGRITY,
    needs=Needs.STACK,
)
async def rewritten_chain(stand: Stand) -> Finding:
    home = await sealed_home(stand)
    told = {}
    async with as_owner(stand) as owner:
        head = await owner.fetchrow(HEAD, home)
        checkpoint = json.dumps([[str(home), head["seq"], head["hash"]]])
        cut = "DELETE FROM medilens.audit_seals WHERE organization_id = $1 AND seq > 4"
        for expected, change in {
            "chain-rewritten": (TAMPERING["row-changed"], RECHAIN),
            "tail-missing": (cut,),
        }.items():
            async with changed(owner, *TRIGGERS_OFF):
                for statement in (*change, REWIND):
                    await owner.execute(statement, home)
                await owner.execute(f"SET LOCAL ROLE {SEES_TRAIL}")
                told[expected] = await owner.fetchval(CONTRADICTED, checkpoint)
    return Finding(all(fault == name for fault, name in told.items()), ", ".join(told), str(told))


@attack(
    30,
    "fifty acts at the same moment",
    expected="one chain without a gap",
    rules=INTEGRITY,
    needs=Needs.STACK,
)
async def fifty_at_once(stand: Stand) -> Finding:
    place = f"{RECORDS}/{await stand.ours.assessment()}"
    client = stand.ours.client(RoleName.CLINICIAN)
    answers = await asyncio.gather(*(client.get(place) for _ in range(AT_ONCE)))
    home = await sealed_home(stand)
    async with as_owner(stand) as owner:
        fault = await owner.fetchval(VERIFIED, home)
        seals = await owner.fetch(
            "SELECT seq, hash FROM medilens.audit_seals WHERE organization_id = $1 ORDER BY seq",
            home,
        )
    is_whole = [row["seq"] for row in seals] == list(range(1, len(seals) + 1))
    is_whole &= len({row["hash"] for row in seals}) == len(seals) >= AT_ONCE
    statuses = {answer.status_code for answer in answers}
    return Finding(
        fault is None and is_whole and statuses == {200},
        f"{AT_ONCE} GET {RECORDS}/{{id}} at once",
        f"{statuses}; {len(seals)} seals, {fault or 'no fault'}",
    )


@attack(
    32,
    "control characters in what a caller says of itself",
    expected="stored in one line, without them",
    rules=("164.312(b)", "ASVS 16.4.1"),
    needs=Needs.STACK,
)
async def control_characters(stand: Stand) -> Finding:
    asked = f"prove-{uuid4().hex}"
    known = caller(
        stand.ours,
        RoleName.CLINICIAN,
        user_agent="a\x1b[2J\nb",
        session_id="\r",
        request_id=asked,
    )
    absent = NotFound("no", resource_type="assessments", resource_id=uuid7())
    await transaction.audit_denial(known, Permission.VIEW_ASSESSMENTS, absent, read_only=True)
    rows = await trail_of(stand, asked)
    stored = [(row["user_agent"], row["session_id"]) for row in rows]
    return Finding(stored == [("a?[2J?b", "?")], "ESC, LF and CR", str(stored))
