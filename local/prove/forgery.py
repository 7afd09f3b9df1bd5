"""Statements by which an identity was ever forged, or is tried to be, in somebody's transaction.

The attacker has the password of the functions' role and an open transaction of a clinician or of a
patient, as an injected statement has. No statement may show a row beyond that request, nor change
any in either organization.
"""

from collections.abc import Mapping, Sequence

import asyncpg

# Planted in the other organization: whoever sees it has crossed over.
CANARY = "canary-of-another-organization"
ZERO = "'\\x" + "00" * 32 + "'::bytea"

# Settings and the sealed one; `set_config` of the whole identity, changed at one place.
IDENTITY = "current_setting('medilens.identity')"
SETTINGS = [
    "SELECT set_config('medilens.organization_id', '{theirs}', true)",
    "SELECT set_config('medilens.user_id', '{them}', true)",
    "SELECT set_config('medilens.scope', 'organization', true)",
    "SELECT set_config('medilens.permission', 'manage_roles', true)",
    "SELECT set_config('medilens.role', 'admin', true)",
    "SELECT set_config('medilens.request', '{{}}', true)",
    "SET medilens.identity = ''",
    "SET SESSION medilens.identity = 'x'",
    "RESET medilens.identity",
    "RESET ALL",
    "DISCARD ALL",
    *(
        f"SELECT set_config('medilens.identity', {altered}, true)"
        for altered in (
            f"replace({IDENTITY}, '{{ours}}', '{{theirs}}')",
            f"replace({IDENTITY}, '{{me}}', '{{them}}')",
            f"replace({IDENTITY}, '|own|', '|organization|')",
            f"replace({IDENTITY}, '|organization|', '|research|')",
            f"replace({IDENTITY}, '|view_assessments|', '|manage_roles|')",
            f"replace({IDENTITY}, '|clinician|', '|admin|')",
            f"upper({IDENTITY})",
            f"left({IDENTITY}, 64)",
            f"left({IDENTITY}, -1)",
            f"{IDENTITY} || '|'",
            f"repeat('0', 64) || substr({IDENTITY}, 65)",
            "repeat('0', 64) || '|{theirs}|{them}|organization|view_assessments|admin|0'",
            "'|{theirs}|{them}|organization|view_assessments|admin|'",
        )
    ),
    # The readers are evaluated when they are first needed: a part that was checked before, another
    # part set after it.
    (
        "SELECT n.count FROM (VALUES ('{them}', 'organization')) v(u, s)"
        " CROSS JOIN LATERAL (SELECT set_config('medilens.scope', v.s, true)) a"
        " CROSS JOIN LATERAL (SELECT set_config('medilens.user_id', v.u, true)) b"
        " CROSS JOIN LATERAL (SELECT count(*) FROM assessments WHERE user_id = v.u::uuid) n"
    ),
    (
        "WITH me AS MATERIALIZED (SELECT set_config('medilens.identity',"  # noqa: S608
        f" replace({IDENTITY}, '{{ours}}', '{{theirs}}'), true))"
        " SELECT session_id FROM me, assessments"
    ),
]
WAYS_IN = [
    f"SELECT medilens.enter('\\x7b7d', {ZERO})",
    "SELECT medilens.enter('\\x7b7d', '')",
    "SELECT medilens.enter('\\x7b7d', NULL)",
    "SELECT medilens.enter(NULL, NULL)",
    "SELECT medilens.enter(convert_to(current_setting('medilens.request'), 'UTF8'), '{mac}')",
    (
        "SELECT medilens.enter(convert_to(replace(current_setting('medilens.request'),"
        " 'view_assessments', 'manage_roles'), 'UTF8'), '{mac}')"
    ),
    'SELECT medilens.enter(\'{{"subject": "x"}}\'::jsonb)',
    f"SELECT medilens.enter_schedule('\\x7b7d', {ZERO})",
    f"SELECT medilens.charge('\\x7b7d', {ZERO})",
    ("SELECT medilens.charge(convert_to(current_setting('medilens.request'), 'UTF8'), '{mac}')"),
    f"SELECT medilens.audit_denial('\\x7b7d', {ZERO})",
    "SELECT medilens.seal('{theirs}', '{them}', 'organization', 'view_assessments', 'admin', '')",
    "SELECT medilens.unsealed('\\x7b7d', '', 'request')",
    "SELECT medilens.renew_seal()",
    'SELECT * FROM medilens.member(\'{{"organization": "{name}", "subject": "x"}}\')',
    'SELECT * FROM medilens.asker(\'{{"organization": "{name}"}}\')',
    "SELECT medilens.record('{theirs}', 'read', 'x', NULL, '{them}', 'success', '{{}}', NULL)",
    "SELECT medilens.check_change('assessments', '{{}}', '{{}}')",
]
KEYS = [
    "SELECT inner_pad FROM medilens.identity_keys",
    "SELECT inner_pad FROM medilens.seal_keys",
    "UPDATE medilens.seal_keys SET inner_pad = outer_pad",
    "INSERT INTO medilens.identity_keys VALUES (9, now(), '', '')",
    "UPDATE medilens.needed_permissions SET permissions = '{{view_assessments}}'",
    "COPY medilens.seal_keys TO PROGRAM 'cat'",
    "SELECT table_to_xml('medilens.seal_keys', true, true, '')",
    "UPDATE medilens.rate_buckets SET tokens = 1000",
    "SELECT medilens.pay('person|{them}', '{{\"burst\": 1, \"per_s\": 1}}')",
    "SELECT prosrc FROM pg_proc WHERE proname = 'renew_seal' AND prosrc ~ 'canary'",
]
UPKEEP = [
    "SELECT * FROM medilens.expired_uploads(10)",
    "SELECT medilens.expire_uploads(ARRAY['{them}']::uuid[])",
    "SELECT medilens.abandon_assessments('-1 day')",
    "SELECT medilens.add_partitions('audit_events', 240)",
    "SELECT medilens.admit_reader()",
    "SELECT medilens.work('expired_uploads', '{{\"most\": 10}}')",
    "SELECT medilens.work('abandon_assessments', '{{\"older_than\": \"-1 day\"}}')",
    "SELECT medilens.work('job_states', '{{}}')",
    "SELECT medilens.finish_job('uploads')",
    "UPDATE medilens.jobs SET succeeded_at = now()",
    "INSERT INTO medilens.steps VALUES ('x', 'SELECT 1')",
]
TRAIL = [
    "SELECT * FROM audit_events",
    "SELECT * FROM medilens.audit_seals",
    "UPDATE medilens.audit_heads SET seq = 1",
    "SELECT * FROM medilens.audit_sealing FOR UPDATE",
    "SELECT * FROM medilens.audit_page('{{\"most\": 1000}}')",
    "SELECT * FROM medilens.access_log('{them}', '{{\"most\": 1000}}')",
    "SELECT medilens.log_person('{them}')",
    "SELECT medilens.audit_verified(0, 1000)",
    "SELECT * FROM medilens.audit_exported(0, 1000)",
    'SELECT * FROM medilens.audit_contradicted(1, \'[["{theirs}", 1, "00"]]\')',
    "SELECT * FROM medilens.verify_chain('{theirs}', 0, 1000)",
    "SELECT * FROM medilens.export_chain('{theirs}', 0, 1000)",
    "SELECT * FROM medilens.unsealed_of('{theirs}')",
    "SELECT medilens.seal_audit(10)",
    "SELECT medilens.audit_checkpoint()",
    "SELECT medilens.note_checkpoint(1000, 1000, NULL)",
    "SELECT medilens.audit_fingerprint()",
    (
        "INSERT INTO audit_questions (id, organization_id, user_id, asked_by, event_id, question)"
        " VALUES (gen_random_uuid(), '{theirs}', '{them}', '{me}', 1, 'Who was that?')"
    ),
]
# What the request's permission, view_assessments, does not allow even at home.
CHANGES = [
    (
        "INSERT INTO user_roles (id, organization_id, user_id, role_id)"
        " VALUES (gen_random_uuid(), '{ours}', '{me}', 3)"
    ),
    "UPDATE user_roles SET revoked_at = now()",
    "UPDATE user_roles SET role_id = 3",
    "UPDATE users SET identity_subject = 'somebody_else'",
    "UPDATE users SET is_active = true",
    "UPDATE organizations SET name = 'mine'",
    "UPDATE assessments SET risk_score = 99",
    "UPDATE assessments SET deleted_at = now()",
    "UPDATE assessments SET reviewed_by = '{me}', reviewed_at = now()",
    "UPDATE assessments SET user_id = '{me}'",
    (
        "INSERT INTO assessments (id, organization_id, user_id, created_by, session_id, pipeline,"
        " pipeline_version, status) VALUES (gen_random_uuid(), '{ours}', '{me}', '{me}', 's',"
        " 'cardiology', '1', 'completed')"
    ),
    (
        "INSERT INTO chat_threads (id, organization_id, user_id)"
        " VALUES (gen_random_uuid(), '{theirs}', '{them}')"
    ),
    "DELETE FROM assessments",
    "TRUNCATE users",
    "INSERT INTO users (id, organization_id) VALUES (gen_random_uuid(), '{ours}')",
    "INSERT INTO organizations (id, name, type) VALUES (gen_random_uuid(), 'x', 'clinic')",
]
ROLES = [
    "SET ROLE medilens_identity",
    "SET ROLE medilens_owner",
    "SET ROLE medilens_reader",
    "SET SESSION AUTHORIZATION medilens_owner",
    "GRANT medilens_identity TO medilens_app",
    "ALTER ROLE medilens_app BYPASSRLS",
    "ALTER ROLE medilens_app SET medilens.identity = 'x'",
    "ALTER TABLE assessments DISABLE ROW LEVEL SECURITY",
    "DROP POLICY seen ON assessments",
    "CREATE POLICY mine ON assessments USING (true)",
    "ALTER FUNCTION medilens.scope_is(text) OWNER TO medilens_app",
    (
        "CREATE OR REPLACE FUNCTION medilens.scope_is(scope text) RETURNS boolean LANGUAGE sql"
        " AS 'SELECT true'"
    ),
    "SET LOCAL row_security = off;; SELECT session_id FROM assessments",
    "SELECT set_config('session_replication_role', 'replica', true)",
]
AROUND = [
    "SELECT query_to_xml('SELECT session_id FROM assessments', true, true, '')",
    "SELECT database_to_xml(true, true, '')",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_import('/etc/passwd')",
    "COPY (SELECT session_id FROM assessments) TO '/tmp/stolen'",
    "COPY assessments TO PROGRAM 'cat'",
    "CREATE TEMPORARY TABLE assessments (id uuid)",
    "CREATE FUNCTION pg_temp.scope_is(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "CREATE SCHEMA mine",
    "CREATE TABLE public.mine AS SELECT * FROM assessments",
    "SET LOCAL search_path = pg_temp, public;; SELECT session_id FROM assessments",
    "DO $$ BEGIN PERFORM set_config('medilens.scope', 'organization', true); END $$",
    # A value in an error's message would pass by the policy.
    "SELECT id FROM assessments WHERE session_id::integer = 0",
    "SELECT id FROM assessments WHERE length(session_id) / 0 = 1",
    "UPDATE assessments SET review_note = session_id RETURNING session_id",
    "SELECT most_common_vals::text FROM pg_stats WHERE tablename = 'assessments'",
    "SELECT session_id FROM audit_events",
    "SELECT details::text FROM audit_events_{month}",
    "SELECT value FROM biomarker_values_{month}",
    "SELECT medilens.audit_read('assessments', NULL, '{them}', '{{}}')",
    "SELECT * FROM medilens.consented()",
    "SELECT query FROM pg_stat_activity WHERE query LIKE '%medilens.enter%'",
    "SELECT pg_read_binary_file(pg_relation_filepath('assessments'))",
    "DECLARE mine CURSOR WITH HOLD FOR SELECT session_id FROM assessments;; FETCH ALL FROM mine",
    "PREPARE look AS SELECT session_id FROM assessments;; EXECUTE look",
    "SAVEPOINT b;; SELECT set_config('medilens.identity', '', true);; ROLLBACK TO b",
]
FORGERIES = (*SETTINGS, *WAYS_IN, *KEYS, *UPKEEP, *TRAIL, *CHANGES, *ROLES, *AROUND)


class Scene:
    """A transaction of one organization's person, and what must not be seen from it."""

    def __init__(
        self, driver: asyncpg.Connection, words: Mapping[str, str], tables: Sequence[str]
    ) -> None:
        self.driver = driver
        self.words = words
        looks = [_look(table) for table in tables]
        self.looks = " UNION ALL ".join(looks)

    async def attack(self, statement: str) -> str:
        """Run one statement, keep what it answers, and leave the transaction usable."""
        await self.driver.execute("SAVEPOINT attack")
        told = statement.format(**self.words)
        try:
            *first, last = told.split(";; ")
            for part in first:
                await self.driver.execute(part)
            return str([tuple(row) for row in await self.driver.fetch(last)])
        except asyncpg.PostgresError as refusal:
            await self.driver.execute("ROLLBACK TO attack")
            return str(refusal.as_dict())

    async def touched(self, statement: str) -> int:
        """Run a statement that changes rows, take it back, and return how many it changed."""
        await self.driver.execute("SAVEPOINT attack")
        try:
            told = await self.driver.execute(statement.format(**self.words))
        except asyncpg.PostgresError:
            told = "0"
        await self.driver.execute("ROLLBACK TO attack")
        last = told.split()[-1]
        # What has no number, such as TRUNCATE TABLE, has changed whatever there was.
        return int(last) if last.isdecimal() else 1

    async def strangers(self) -> list[str]:
        """The tables in which rows of another organization are seen."""
        rows = await self.driver.fetch(self.looks, self.words["ours"])
        return [row["name"] for row in rows if row["is_seen"]]

    async def others(self) -> int:
        """How many assessments of other people than the caller are seen."""
        query = "SELECT count(*) FROM assessments WHERE user_id <> $1::uuid"
        count: int = await self.driver.fetchval(query, self.words["me"])
        return count


def _look(table: str) -> str:
    column = "id" if table == "organizations" else "organization_id"
    return (
        f"SELECT '{table}' AS name, EXISTS (SELECT FROM {table}"  # noqa: S608  # of the catalog
        f" WHERE {column} IS DISTINCT FROM $1::uuid) AS is_seen"
    )
