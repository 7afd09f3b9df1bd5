"""An owner switches the triggers off: what is changed then is named by the chain."""

import asyncio
import json
from uuid import UUID

from local.prove.attacks import Finding, Needs, attack
from local.prove.inside import (
    SEES_TRAIL,
    as_owner,
    changed,
    organization_id,
    seal_trail,
)
from local.prove.stand import Stand
from local.prove.trail import RECORDS
from shared.permissions import RoleName

INTEGRITY = ("164.312(c)(1)", "164.312(c)(2)", "ASVS 16.4.2")
# So many at once make one chain.
AT_ONCE = 50
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


async def sealed_home(stand: Stand) -> UUID:
    """Return our organization, whose trail has some rows, all of them sealed."""
    await stand.ours.assessment()
    async with as_owner(stand) as owner:
        home = await organization_id(owner, stand.ours)
        await seal_trail(owner, home)
    return home


@attack(
    29,
    "the owner switches the triggers off and changes, removes, cuts off, slips in rows",
    expected="each is named by the chain",
    rules=INTEGRITY,
    needs=Needs.STACK,
)
async def tampered_with_by_the_owner(stand: Stand) -> Finding:
    """Do each kind of tampering once, and let the chain be verified."""
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
    """Cover a change up, so that the chain fits itself, and ask a checkpoint."""
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
    """Read a record fifty times at once, and count the seals."""
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
