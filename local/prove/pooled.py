"""Two organizations on one connection, as behind a pooler; and what their statements read."""

from dataclasses import asdict

import asyncpg

from local.prove.attacks import Finding, Needs, attack
from local.prove.inside import as_functions, as_owner, caller, entered, organization_id
from local.prove.stand import Stand
from shared import rates
from shared.caller import Caller
from shared.database import transaction
from shared.permissions import Permission, RoleName

ACCESS = ("164.312(a)(1)", "ASVS 8.4.1", "API1:2023")
ROUNDS = 100
SEEN = "SELECT DISTINCT organization_id FROM assessments"
# What users wait for; with scans made dear, what still scans has no index to go by.
HOT = {
    "list": (
        "SELECT id FROM assessments WHERE organization_id = medilens.current_organization_id()"
        " AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 20"
    ),
    "record": (
        "SELECT * FROM assessments WHERE organization_id = medilens.current_organization_id()"
        " AND id = gen_random_uuid()"
    ),
    "history": (
        "SELECT measured_at, value FROM biomarker_values WHERE organization_id ="
        " medilens.current_organization_id() AND user_id = medilens.current_user_id()"
        " AND biomarker_id = 1 ORDER BY measured_at DESC LIMIT 500"
    ),
    "person": (
        "SELECT * FROM users WHERE organization_id = medilens.current_organization_id()"
        " AND id = medilens.current_user_id()"
    ),
}
SCAN, PER_ROW = "Seq Scan on ", "organization_for"


@attack(
    6,
    expected="each sees its own rows alone, whichever was there before",
    rules=ACCESS,
    needs=Needs.STACK,
)
async def interleaved(stand: Stand) -> Finding:
    """Transactions of both organizations in turn, on one connection of the database."""
    homes = (stand.ours, stand.theirs)
    async with as_owner(stand) as owner:
        own = {home.name: await organization_id(owner, home) for home in homes}
    for home in homes:
        await home.assessment()
    strange = 0
    async with as_functions(stand) as driver:
        for _ in range(ROUNDS):
            for home in homes:
                rows = await seen(driver, caller(home, RoleName.CLINICIAN))
                strange += rows != [own[home.name]]
    return Finding(not strange, f"{2 * ROUNDS} transactions", f"{strange} with other rows")


async def seen(driver: asyncpg.Connection, known: Caller) -> list[object]:
    """Commit a transaction in somebody's name, and return the organizations that it saw."""
    asked = {
        **asdict(known),
        **rates.limit(),
        "permission": Permission.VIEW_ASSESSMENTS,
        "read_only": True,
    }
    await driver.execute(transaction.entering("enter", "request", **asked))
    rows = [row[0] for row in await driver.fetch(SEEN)]
    await driver.execute("COMMIT")
    return rows


@attack(
    8,
    expected="an index for each, and policies that are looked at once a statement",
    rules=("ASVS 2.4.1", "API4:2023"),
    needs=Needs.STACK,
)
async def plans(stand: Stand) -> Finding:
    """Statements that read a whole table, or ask the policy for every row."""
    known = caller(stand.ours, RoleName.CLINICIAN)
    wrong = []
    async with as_functions(stand) as it, entered(it, known) as driver:
        await driver.execute("SET LOCAL enable_seqscan = off")
        for name, statement in HOT.items():
            wrong += [
                f"{name}: {line.strip()}"
                for (line,) in await driver.fetch(f"EXPLAIN {statement}")
                if SCAN in line or ("Filter:" in line and PER_ROW in line)
            ]
    return Finding(not wrong, ", ".join(HOT), "; ".join(wrong) or "an index for each")
