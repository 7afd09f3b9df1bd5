"""The same people, assessments and values for every subject, made by the database itself.

Person 1 has a long history (1,000 assessments in a year); everybody else has 100. Each assessment
has 20 biomarkers. Rows lie in the order of time, as a running system would have written them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from uuid import UUID

import asyncpg

from bench.cluster import connected

VALUES_PER_ASSESSMENT = 20
ASSESSMENTS_PER_PERSON = 100
ASSESSMENTS_OF_THE_FIRST = 1_000
PEOPLE_PER_ORGANIZATION = 100
DAYS = 365
CLINICIAN, PATIENT = 2, 1

# Where pages are counted, the last measurement was made at this moment: how a history lies across
# months, and so what it reads, is the same in every run.
FIXED = datetime(2026, 10, 15, 12, tzinfo=UTC)

# A version 7 identifier of a time and a word: in order of time, and the same in every run.
UUID7 = """
CREATE SCHEMA IF NOT EXISTS bench;
CREATE OR REPLACE FUNCTION bench.uuid7(made timestamptz, word text) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM made) * 1000)::bigint), 12, '0') || '7'
        || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid FROM md5(word) AS h
$$
"""

PEOPLE = f"""
INSERT INTO organizations (id, name, type, identity_organization)
SELECT md5('organization' || o)::uuid, 'Clinic ' || o, 'clinic', 'org_bench_' || o
FROM generate_series($1::int / {PEOPLE_PER_ORGANIZATION},
    ($2::int - 1) / {PEOPLE_PER_ORGANIZATION}) AS o ON CONFLICT DO NOTHING;
"""
USERS = f"""
WITH person AS (
    SELECT md5('person' || p)::uuid AS id, 'user_bench_' || p AS subject, {PATIENT} AS role,
        md5('organization' || (p - 1) / {PEOPLE_PER_ORGANIZATION})::uuid AS organization
    FROM generate_series($1::int + 1, $2::int) AS p
    UNION ALL
    SELECT md5('clinician' || o)::uuid, 'user_bench_clinician_' || o, {CLINICIAN},
        md5('organization' || o)::uuid
    FROM generate_series($1::int / {PEOPLE_PER_ORGANIZATION},
        ($2::int - 1) / {PEOPLE_PER_ORGANIZATION}) AS o
), users_added AS (
    INSERT INTO users (id, organization_id, identity_subject)
    SELECT id, organization, subject FROM person ON CONFLICT DO NOTHING
)
INSERT INTO user_roles (id, organization_id, user_id, role_id)
SELECT md5(id::text || 'role')::uuid, organization, id, role FROM person ON CONFLICT DO NOTHING
"""

# One row an assessment: whose, and when. The first person's many lie between everybody's.
SCHEDULE = f"""
CREATE TEMPORARY TABLE schedule AS
SELECT bench.uuid7(at, p || '-' || n) AS id, md5('person' || p)::uuid AS user_id,
    md5('organization' || (p - 1) / {PEOPLE_PER_ORGANIZATION})::uuid AS organization_id,
    md5('clinician' || (p - 1) / {PEOPLE_PER_ORGANIZATION})::uuid AS created_by, at
FROM generate_series({{first}} + 1, {{last}}) AS p,
    LATERAL generate_series(1, CASE p WHEN 1 THEN {ASSESSMENTS_OF_THE_FIRST}
        ELSE {ASSESSMENTS_PER_PERSON} END) AS n,
    LATERAL (SELECT timestamptz '{{until}}' - (n - 1 + (p % 97) / 97.0)
        * interval '{DAYS} days' / CASE p WHEN 1 THEN {ASSESSMENTS_OF_THE_FIRST}
        ELSE {ASSESSMENTS_PER_PERSON} END AS at) AS t
ORDER BY at
"""
ASSESSMENTS = """
INSERT INTO assessments (id, created_at, organization_id, user_id, created_by, session_id, pipeline,
    pipeline_version, status, risk_score, risk_level, confidence, quality_score,
    processing_time_ms, recorded_at, completed_at)
SELECT id, at, organization_id, user_id, created_by, id::text, 'cardiology', '1.0.0', 'completed',
    12.5, 'low', 0.9, 0.95, 180, at, at
FROM schedule ORDER BY at
"""
VALUES = f"""
INSERT INTO biomarker_values (organization_id, user_id, biomarker_id, measured_at, assessment_id,
    value, confidence, normal_range_min, normal_range_max, status, source, method)
SELECT s.organization_id, s.user_id, b, s.at, s.id,
    60 + 10 * sin(extract(epoch FROM s.at) / 1e6) + b, 0.9, 60, 100, 'normal', 'task-force-1996',
    '1.0.0'
FROM (SELECT * FROM schedule WHERE at >= $1 AND at < $2 ORDER BY at) AS s,
    generate_series(1, {VALUES_PER_ASSESSMENT}) AS b
"""


@dataclass(frozen=True)
class Person:
    """Somebody to sign in as, or to ask about."""

    number: int

    @property
    def id(self) -> UUID:
        return _uuid(f"person{self.number}")

    @property
    def organization_number(self) -> int:
        return (self.number - 1) // PEOPLE_PER_ORGANIZATION

    @property
    def organization(self) -> str:
        return f"org_bench_{self.organization_number}"

    @property
    def subject(self) -> str:
        return f"user_bench_{self.number}"

    @property
    def clinician_subject(self) -> str:
        return f"user_bench_clinician_{self.organization_number}"

    @property
    def clinician_id(self) -> UUID:
        return _uuid(f"clinician{self.organization_number}")


def _uuid(word: str) -> UUID:
    return UUID(md5(word.encode(), usedforsecurity=False).hexdigest())


def people_for(value_rows: int) -> int:
    """How many people have so many values among them."""
    more = value_rows // VALUES_PER_ASSESSMENT - ASSESSMENTS_OF_THE_FIRST
    return 1 + max(0, more // ASSESSMENTS_PER_PERSON)


async def load(superuser_url: str, people_before: int, people: int, until: datetime) -> None:
    """Add people and all that was measured of them, as fast as the server can write it.

    The last of it was measured at `until`.

    Triggers and foreign keys rest meanwhile; the key of the values is taken away and built again,
    by the definition that it had.
    """
    async with connected(superuser_url) as connection:
        await connection.execute("SET session_replication_role = replica; SET jit = off")
        await connection.execute(UUID7)
        await connection.execute(
            PEOPLE.replace("$1", str(people_before)).replace("$2", str(people))
        )
        await connection.execute(USERS, people_before, people)
        await connection.execute(
            SCHEDULE.format(first=people_before, last=people, until=until.isoformat())
        )
        await connection.execute(ASSESSMENTS)
        await _load_values(connection)
        await connection.execute("VACUUM (ANALYZE) assessments, biomarker_values")
        await connection.execute("ANALYZE")
        await connection.execute("CHECKPOINT")


async def empty(superuser_url: str) -> None:
    """Remove all that was measured; the people stay."""
    async with connected(superuser_url) as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("TRUNCATE assessments CASCADE")


async def _load_values(connection: asyncpg.Connection) -> None:
    key = await connection.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'pk_biomarker_values'"
    )
    await connection.execute("ALTER TABLE biomarker_values DROP CONSTRAINT pk_biomarker_values")
    months = await connection.fetch(
        "SELECT month AS first, month + interval '1 month' AS last FROM"
        " (SELECT generate_series(date_trunc('month', min(at)), max(at), interval '1 month')"
        " AS month FROM schedule) AS m ORDER BY 1"
    )
    for month in months:
        await connection.execute(VALUES, month["first"], month["last"])
    await connection.execute(
        f"ALTER TABLE biomarker_values ADD CONSTRAINT pk_biomarker_values {key}"
    )
