"""The audit trail: acts that leave no row, and rows that hold what was written."""

from collections.abc import Sequence
from uuid import uuid4

import asyncpg

from local.prove.attacks import Finding, Needs, attack
from local.prove.inside import SEES_TRAIL, as_owner, caller, changed, organization_id
from local.prove.stand import Stand, had
from shared.database import transaction
from shared.errors import NotFound
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName

AUDIT = ("164.312(b)", "ASVS 16.3.1", "API9:2023")
RECORDS = "/api/records/assessments"
BY_REQUEST = "SELECT * FROM audit_events WHERE organization_id = $1 AND request_id = $2"


async def trail_of(stand: Stand, request_id: str) -> Sequence[asyncpg.Record]:
    """Return the rows that a request of our organization has left."""
    async with as_owner(stand) as owner:
        home = await organization_id(owner, stand.ours)
        async with changed(owner, role=SEES_TRAIL):
            rows: Sequence[asyncpg.Record] = await owner.fetch(BY_REQUEST, home, request_id)
    return rows


@attack(
    27,
    "acts that leave no row, rows that hold what was written",
    expected="a row for each act and each refusal, none with a value",
    rules=AUDIT,
    needs=Needs.STACK,
)
async def acts_without_a_row(stand: Stand) -> Finding:
    """Create, read, be refused, miss: and look for the rows by the requests."""
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
    32,
    "control characters in what a caller says of itself",
    expected="stored in one line, without them",
    rules=("164.312(b)", "ASVS 16.4.1"),
    needs=Needs.STACK,
)
async def control_characters(stand: Stand) -> Finding:
    """Be refused with an agent and a session that would break a line of a log."""
    asked = f"prove-{uuid4().hex}"
    known = caller(
        stand.ours, RoleName.CLINICIAN, user_agent="a\x1b[2J\nb", session_id="\r", request_id=asked
    )
    absent = NotFound("no", resource_type="assessments", resource_id=uuid7())
    await transaction.audit_denial(known, Permission.VIEW_ASSESSMENTS, absent, read_only=True)
    rows = await trail_of(stand, asked)
    stored = [(row["user_agent"], row["session_id"]) for row in rows]
    return Finding(stored == [("a?[2J?b", "?")], "ESC, LF and CR", str(stored))
