"""The trail stands in the way of an act without a row, and of whoever would change one."""

from local.prove.attacks import Finding, Needs, attack, judged
from local.prove.inside import as_functions, as_owner, changed, organization_id, outcome
from local.prove.stand import Stand
from local.prove.trail import AUDIT, RECORDS
from shared.permissions import RoleName

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


@attack(
    28,
    "an act while the trail cannot be written",
    expected="503 for reading and deleting, and nothing is done",
    rules=AUDIT,
    needs=Needs.STACK,
)
async def acts_without_the_trail(stand: Stand) -> Finding:
    """Read and delete while no row of our organization can be written."""
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
    rules=AUDIT,
    needs=Needs.STACK,
)
async def touched_by_the_functions(stand: Stand) -> Finding:
    """Read, add, change and replace, with the password of the functions alone."""
    async with as_functions(stand) as driver, changed(driver):
        states = {statement: await outcome(driver, statement) for statement in TOUCHING}
    wrong = {statement: state for statement, state in states.items() if state != "42501"}
    return Finding(not wrong, f"{len(TOUCHING)} statements", str(wrong or "42501"))


@attack(
    29,
    "the owner changes rows of the trail",
    expected="refused by the trail itself",
    rules=AUDIT,
    needs=Needs.STACK,
)
async def rewritten_by_the_owner(stand: Stand) -> Finding:
    """Change, remove and empty, by the name of the table and of its partition."""
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
