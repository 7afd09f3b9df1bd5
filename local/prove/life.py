"""What a record is kept for, and what is left of it when its time is over."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from functions.accounts.exports import queries as exports
from functions.accounts.exports import service
from functions.accounts.exports.service import ExportMessage
from functions.accounts.record import queries
from local.prove import catalog
from local.prove.attacks import Finding, Needs, attack
from local.prove.inside import SEES_RECORDS, as_owner, caller, changed
from local.prove.stand import Stand, had
from shared.database import transaction
from shared.errors import MediLensError
from shared.permissions import Permission, RoleName

LIFE = ("164.312(c)(1)", "ASVS 14.2.7")
# Longer than any class of records is kept by default.
OVER = timedelta(days=8 * 366)
OF_PEOPLE = """
    SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND (a.attname IN ('user_id', 'created_by', 'person_id')
        OR c.relname = 'fhir_pushes')
"""
LEFT = {
    "names": "SELECT count(*) FROM users WHERE id = $1 AND last_name IS NOT NULL",
    "keys": "SELECT count(*) FROM person_keys WHERE user_id = $1 AND wrapped IS NOT NULL",
    "identifiers": (
        "SELECT count(*) FROM person_identifiers WHERE user_id = $1 AND value NOT LIKE 'mle:%'"
    ),
    "values": "SELECT count(*) FROM biomarker_values WHERE user_id = $1",
    "results": "SELECT count(*) FROM cognitive_results WHERE user_id = $1",
}
TOMBSTONES = "SELECT count(*) FROM assessments WHERE user_id = $1 AND purged_at IS NOT NULL"


async def pass_years(owner: asyncpg.Connection, person: UUID) -> None:
    """Date the records of a person back, as if their time were over."""
    async with owner.transaction():
        await owner.execute("ALTER TABLE assessments DISABLE TRIGGER USER")
        await owner.execute("ALTER TABLE assessments NO FORCE ROW LEVEL SECURITY")
        await owner.execute(
            "UPDATE assessments SET created_at = created_at - $2::interval WHERE user_id = $1",
            person,
            OVER,
        )
        await owner.execute("ALTER TABLE assessments FORCE ROW LEVEL SECURITY")
        await owner.execute("ALTER TABLE assessments ENABLE TRIGGER USER")


@attack(
    34,
    expected="409 before its time; after it no payload, and a tombstone",
    rules=LIFE,
    needs=Needs.STACK,
)
async def what_is_left_of_the_erased(stand: Stand) -> Finding:
    """A person who is erased when the time of their record is over, looked for in the database."""
    admin = stand.ours.client(RoleName.ADMIN)
    told = {"last_name": "Canary-to-be-erased", "identifiers": [{"system": "mrn", "value": "77"}]}
    person = str(had(await admin.post("/api/accounts/patients", json=told))["id"])
    await stand.ours.analyzed(RoleName.PATIENT, subject_id=person)
    erasure = f"/api/accounts/people/{person}/erasure"
    early = (await admin.post(erasure, json={})).status_code
    async with as_owner(stand) as owner:
        await pass_years(owner, UUID(person))
        due = (await admin.post(erasure, json={})).status_code
        async with changed(owner, role=SEES_RECORDS):
            left = {what: await owner.fetchval(query, UUID(person)) for what, query in LEFT.items()}
            tombstones = await owner.fetchval(TOMBSTONES, UUID(person))
    held = (early, due, tombstones) == (409, 200, 1) and not any(left.values())
    came_back = f"early {early}, when due {due}; left: {left}; {tombstones} tombstone"
    return Finding(held, "POST erasure before and after its time", came_back)


@attack(
    35,
    expected="no key cascades, so nothing goes with a person",
    rules=LIFE,
    needs=Needs.STACK,
)
async def cascades(stand: Stand) -> Finding:
    """Keys by which a record would go along with its parent."""
    async with as_owner(stand) as owner:
        rows = [str(row[0]) for row in await owner.fetch(catalog.CASCADES)]
    return Finding(not rows, "foreign keys of the catalog", ", ".join(rows) or "all restrict")


@attack(
    36,
    expected="each is in the export, or left out for a reason",
    rules=LIFE,
    needs=Needs.STACK,
)
async def tables_of_the_export(stand: Stand) -> Finding:
    """Tables that name people, which an export of a person might forget."""
    async with as_owner(stand) as owner:
        there = {row["relname"] for row in await owner.fetch(OF_PEOPLE)}
    known = {*queries.tables(), *queries.LEFT_OUT}
    missing = sorted(there - known)
    return Finding(not missing, f"{len(there)} tables of the catalog", f"missing: {missing}")


def forged(stand: Stand, message: ExportMessage, stranger: UUID) -> Iterator[ExportMessage]:
    """Yield what somebody might put into the queue, who has only seen a message."""
    others = [caller(stand.ours, role) for role in RoleName if role != RoleName.CLINICIAN]
    others += [caller(stand.theirs, RoleName.CLINICIAN), caller(stand.theirs, RoleName.ADMIN)]
    others.append(replace(others[0], subject="user_nobody"))
    for other in others:
        yield message.model_copy(update={"caller": other})
    yield message.model_copy(update={"person_id": stranger})


@attack(
    36,
    expected="nothing is read, and nothing stored, but in the name of whoever began the export",
    rules=("164.312(a)(1)", "ASVS 8.3.3", "API1:2023"),
    needs=Needs.STACK,
)
async def messages_of_exports(stand: Stand) -> Finding:
    """Messages of the queue of exports, in the name of others and of another person."""
    mine, person = caller(stand.ours, RoleName.CLINICIAN), await stand.ours.person(RoleName.PATIENT)
    async with transaction.begin(mine, Permission.EXPORT_DATA) as connection:
        key = await exports.begin(connection, person)
    message = ExportMessage(
        caller=mine, person_id=person, export_id=key, leased_until=datetime.now(UTC)
    )
    stranger = await stand.theirs.person(RoleName.PATIENT)
    messages = list(forged(stand, message, stranger))
    for wrong in messages:
        with suppress(MediLensError):  # such as no storage: that it came so far is seen below
            await service.work(wrong)
    async with transaction.begin(mine, Permission.EXPORT_DATA) as connection:
        export = await exports.get(connection, person, key)
        await exports.STORED.cancel(connection, key)
    stored = None if export is None else export.objects
    return Finding(stored == 0, f"{len(messages)} messages", f"{stored} archives")
