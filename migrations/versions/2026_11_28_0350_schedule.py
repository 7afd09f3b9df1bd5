"""The schedule's work behind one sealed way in, and when each of its jobs last succeeded

Revision ID: 0038
Revises: 0037
"""

from collections.abc import Iterator

from alembic import op

from migrations.released import give, version
from migrations.schedule import job, step

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

IDENTITY, UPKEEP, APP = "medilens_identity", "medilens_upkeep", "medilens_app"

# A schedule's work: nobody's rows. `upkeep` is what is sealed; the functions of upkeep themselves
# are no longer the functions' role's to call.
ENTER_SCHEDULE = """
CREATE FUNCTION medilens.enter_schedule(request bytea, mac bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM medilens.unsealed(request, mac, 'upkeep');
    PERFORM medilens.seal(NULL, NULL, 'system', 'upkeep', NULL, request);
END
$$
"""

# What the schedule may ask for, by name: a call whose one parameter is what the schedule told.
STEPS = """
CREATE TABLE medilens.steps (
    name text PRIMARY KEY,
    call text NOT NULL
)
"""
WORK = """
CREATE FUNCTION medilens.work(step text, told jsonb) RETURNS SETOF jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    wanted text;
BEGIN
    PERFORM medilens.require_upkeep();
    SELECT s.call INTO wanted FROM medilens.steps s WHERE s.name = step;
    IF wanted IS NULL THEN
        RAISE EXCEPTION 'the schedule has no step %', step USING ERRCODE = '42883';
    END IF;
    RETURN QUERY EXECUTE wanted USING told;
END
$$
"""

# A job is late when it has missed its time by a quarter, and by ten minutes at least.
JOBS = """
CREATE TABLE medilens.jobs (
    name text PRIMARY KEY,
    every interval NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    succeeded_at timestamptz
)
"""
FINISH_JOB = """
CREATE FUNCTION medilens.finish_job(job text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE medilens.jobs SET succeeded_at = clock_timestamp() WHERE name = job;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'medilens.jobs has no job %', job USING ERRCODE = '42883';
    END IF;
END
$$
"""
JOB_STATES = """
CREATE FUNCTION medilens.job_states()
RETURNS TABLE (job text, succeeded_at timestamptz, is_late boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT j.name, j.succeeded_at, now() - coalesce(j.succeeded_at, j.added_at)
        > j.every + greatest(j.every / 4, interval '10 minutes')
    FROM medilens.jobs j ORDER BY j.name
$$
"""

OF_UPKEEP = (
    "expired_uploads(integer)",
    "expire_uploads(uuid[])",
    "abandon_assessments(interval)",
    "add_partitions(text, integer)",
)
CALLS = {
    "expired_uploads": (
        "SELECT to_jsonb(u) FROM medilens.expired_uploads(($1 ->> 'most')::integer) u"
    ),
    "expire_uploads": (
        "SELECT to_jsonb(medilens.expire_uploads(ARRAY("
        "SELECT jsonb_array_elements_text($1 -> 'ids'))::uuid[]))"
    ),
    "abandon_assessments": (
        "SELECT to_jsonb(medilens.abandon_assessments(($1 ->> 'older_than')::interval))"
    ),
    "add_partitions": (
        "SELECT to_jsonb(p) FROM medilens.add_partitions("
        "$1 ->> 'table', ($1 ->> 'months_ahead')::integer) p"
    ),
    "finish_job": "SELECT to_jsonb(medilens.finish_job($1 ->> 'job') IS NULL)",
    "job_states": "SELECT to_jsonb(s) FROM medilens.job_states() s",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, rights in ((STEPS, "SELECT"), (JOBS, "SELECT, UPDATE (succeeded_at)")):
        name = table.split()[2]
        op.execute(table)
        op.execute(f"GRANT {rights} ON {name} TO {UPKEEP}")
        op.execute(f"GRANT SELECT ON {name} TO medilens_reader")
    for name, function in own_functions():
        op.execute(function)
        give(name, UPKEEP, *([APP] if name.startswith("work") else []))
    op.execute("DROP FUNCTION medilens.enter_upkeep(bytea, bytea)")
    op.execute(ENTER_SCHEDULE)
    give("enter_schedule(bytea, bytea)", IDENTITY, APP)
    for name in OF_UPKEEP:
        op.execute(f"REVOKE EXECUTE ON FUNCTION medilens.{name} FROM {APP}")
        op.execute(f"GRANT EXECUTE ON FUNCTION medilens.{name} TO {UPKEEP}")
    for name, call in CALLS.items():
        op.execute(step(name, call))
    for name in ("partitions", "uploads", "analyses"):
        op.execute(job(name, "1 day"))


def own_functions() -> Iterator[tuple[str, str]]:
    yield "finish_job(text)", FINISH_JOB
    yield "job_states()", JOB_STATES
    yield "work(text, jsonb)", WORK


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in OF_UPKEEP:
        op.execute(f"GRANT EXECUTE ON FUNCTION medilens.{name} TO {APP}")
    op.execute(f"REVOKE EXECUTE ON FUNCTION medilens.add_partitions(text, integer) FROM {UPKEEP}")
    op.execute("DROP FUNCTION medilens.enter_schedule(bytea, bytea)")
    op.execute(version("0024").ENTER_UPKEEP)
    give("enter_upkeep(bytea, bytea)", IDENTITY, APP)
    for name, _ in own_functions():
        op.execute(f"DROP FUNCTION medilens.{name}")
    op.execute("DROP TABLE medilens.jobs, medilens.steps")
