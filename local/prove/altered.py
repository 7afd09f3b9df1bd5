"""Records that were changed behind the API, by whoever owns the database."""

from uuid import UUID

from local.prove.attacks import Finding, Needs, attack
from local.prove.inside import SEES_RECORDS, as_owner
from local.prove.stand import Stand, had
from shared.permissions import RoleName

RECORDS = "/api/records/assessments"
INTEGRITY = ("164.312(c)(1)", "164.312(c)(2)", "ASVS 16.4.2")


async def change_behind(stand: Stand, key: UUID, level: str | None) -> str | None:
    """Set the risk of a record with the triggers off, and return what it was."""
    async with as_owner(stand) as owner, owner.transaction():
        await owner.execute("ALTER TABLE assessments DISABLE TRIGGER USER")
        await owner.execute(f"SET LOCAL ROLE {SEES_RECORDS}")
        before = await owner.fetchval("SELECT risk_level FROM assessments WHERE id = $1", key)
        await owner.execute("RESET ROLE")
        await owner.execute("ALTER TABLE assessments NO FORCE ROW LEVEL SECURITY")
        await owner.execute("UPDATE assessments SET risk_level = $2 WHERE id = $1", key, level)
        await owner.execute("ALTER TABLE assessments FORCE ROW LEVEL SECURITY")
        await owner.execute("ALTER TABLE assessments ENABLE TRIGGER USER")
    return None if before is None else str(before)


@attack(
    31,
    expected="the table is named where the record is read, and FHIR says UNRELIABLE",
    rules=INTEGRITY,
    needs=Needs.STACK,
)
async def changed_behind_the_api(stand: Stand) -> Finding:
    """A risk that the owner changes with the triggers off."""
    key = await stand.ours.analyzed(RoleName.PATIENT)
    client = stand.ours.client(RoleName.CLINICIAN)
    before = await change_behind(stand, UUID(key), "critical")
    try:
        named = had(await client.get(f"{RECORDS}/{key}"))["altered"]
        resource = (await client.get(f"/api/fhir/DiagnosticReport/{key}")).text
    finally:
        await change_behind(stand, UUID(key), before)
    after = had(await client.get(f"{RECORDS}/{key}"))["altered"]
    return Finding(
        "assessments" in named and "UNRELIABLE" in resource and after == [],
        "UPDATE assessments SET risk_level, as the owner",
        f"altered: {named}, in FHIR: {'UNRELIABLE' in resource}; put back: {after}",
    )
