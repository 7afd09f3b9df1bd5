"""Whoever can run any SQL in somebody's transaction reaches no more than that request may.

The attacker has the password of the functions' role and an open transaction of a clinician or of a
patient, as an injected statement has: every statement here is run in it, and afterwards neither it
nor a look around shows a row of another organization, or of a person out of reach, and nothing was
changed in either organization.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from shared.database import identity, transaction
from shared.database.transaction import entering
from shared.permissions import Permission, RoleName
from tests.conftest import Addresses, Clinic
from tests.factories.examinations import stored
from tests.nonempty import nonempty
from tests.shared.database.test_row_security import TENANT_TABLES, organization_of

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
        "WITH me AS MATERIALIZED (SELECT set_config('medilens.identity',"
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
ATTACKS = (*SETTINGS, *WAYS_IN, *KEYS, *UPKEEP, *TRAIL, *CHANGES, *ROLES, *AROUND)

# What may be changed in neither organization.
DIGEST = """
    SELECT (SELECT md5(string_agg(r::text, '' ORDER BY id)) FROM {} r WHERE {} = ANY ($1::uuid[]))
"""
DIGESTED = ("users", "user_roles", "user_profiles", "assessments", "chat_threads", "uploaded_files")


class Scene:
    """A transaction of one organization's person, and what must not be seen from it."""

    def __init__(
        self, driver: asyncpg.Connection, words: dict[str, str], tables: list[str]
    ) -> None:
        self.driver = driver
        self.words = words
        self.tables = tables

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

    async def strangers(self) -> list[str]:
        """The tables in which rows of another organization are seen."""
        tables = []
        for table in self.tables:
            column = "id" if table == "organizations" else "organization_id"
            query = f"SELECT count(*) FROM {table} WHERE {column} IS DISTINCT FROM $1::uuid"
            if await self.driver.fetchval(query, self.words["ours"]):
                tables.append(table)
        return tables

    async def others(self) -> int:
        """How many assessments of other people than the caller are seen."""
        query = "SELECT count(*) FROM assessments WHERE user_id <> $1::uuid"
        count: int = await self.driver.fetchval(query, self.words["me"])
        return count


@asynccontextmanager
async def opened(caller: Any) -> AsyncIterator[asyncpg.Connection]:
    async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS) as connection:
        raw = await connection.get_raw_connection()
        yield raw.driver_connection


@pytest.fixture
async def words(
    clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
) -> AsyncIterator[dict[str, str]]:
    await stored(clinic)
    await stored(elsewhere, session_id=CANARY)
    yield {
        "ours": str(await organization_of(auditor, clinic)),
        "theirs": str(await organization_of(auditor, elsewhere)),
        "them": str(elsewhere.person_id(RoleName.PATIENT)),
        "name": elsewhere.identity,
        "mac": "\\x" + "11" * 32,
        "month": await auditor.fetchval("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')"),
    }
    # A role may give itself any setting of ours, which is worth nothing.
    await auditor.execute("ALTER ROLE medilens_app RESET medilens.identity")


async def digests(auditor: asyncpg.Connection, words: dict[str, str]) -> list[Any]:
    both = [words["ours"], words["theirs"]]
    told = [
        await auditor.fetchval(DIGEST.format(table, "organization_id"), both) for table in DIGESTED
    ]
    return [*told, await auditor.fetchval(DIGEST.format("organizations", "id"), both)]


class TestForgery:
    """Every statement by which an identity was ever forged, and more."""

    @pytest.mark.parametrize("role", [RoleName.CLINICIAN, RoleName.PATIENT])
    async def test_no_statement_reaches_beyond_the_request_it_is_run_in(
        self, clinic: Clinic, auditor: asyncpg.Connection, words: dict[str, str], role: RoleName
    ) -> None:
        assert len(ATTACKS) >= 40
        words |= {"me": str(clinic.person_id(role))}
        tables = [row["relname"] for row in await auditor.fetch(TENANT_TABLES)]
        before = await digests(auditor, words)
        reached = {}
        for attack in ATTACKS:
            async with opened(clinic.caller(role)) as driver:
                scene = Scene(driver, words, tables)
                at_home = await scene.others()
                answer = await scene.attack(attack)
                beyond = (CANARY in answer, await scene.strangers())
                if beyond != (False, []) or await scene.others() > at_home:
                    reached[attack] = beyond
        assert reached == {}
        assert await digests(auditor, words) == before

    async def test_an_identity_is_of_its_transaction_alone(
        self, clinic: Clinic, configured: Addresses
    ) -> None:
        await stored(clinic)
        look = "SELECT count(*) FROM assessments"
        async with opened(clinic.caller(RoleName.CLINICIAN)) as driver:
            taken = await driver.fetchval("SELECT current_setting('medilens.identity')")
            assert await driver.fetchval(look) == 1
            thief = await asyncpg.connect(configured.app)
            try:
                await thief.execute(f"SET medilens.identity = '{taken}'")
                assert await thief.fetchval(look) == 0
                async with thief.transaction():
                    assert await thief.fetchval(look) == 0
            finally:
                await thief.close()

    async def test_a_request_is_good_for_its_purpose_for_a_while_and_as_it_was_sealed(
        self, clinic: Clinic, configured: Addresses, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = {**asdict(clinic.caller(RoleName.ADMIN)), "permission": "view_assessments"}
        thief = await asyncpg.connect(configured.app)

        async def refusal(message: str) -> str | None:
            try:
                await thief.execute(message)
            except asyncpg.PostgresError as failure:
                return str(failure.sqlstate)
            finally:
                await thief.execute("ROLLBACK")
            return None

        good = entering("enter", "request", **asked)
        assert await refusal(good) is None
        assert await refusal(entering("enter", "denial", **asked)) == "ML498"
        assert await refusal(entering("enter", "upkeep", **asked)) == "ML498"
        assert await refusal(entering("enter_schedule", "request", **asked)) == "ML498"
        assert await refusal(good.replace("'\\x7b", "'\\x7c", 1)) == "ML498"
        now = time.time()
        for moment in nonempty((now - 21, now + 30, float("nan"), float("inf"))):
            monkeypatch.setattr(time, "time", lambda moment=moment: moment)
            assert await refusal(entering("enter", "request", **asked)) in {"ML499", "22P02"}
        await thief.close()

    async def test_other_sessions_do_not_see_what_is_sealed(
        self, clinic: Clinic, configured: Addresses
    ) -> None:
        async with opened(clinic.caller(RoleName.CLINICIAN)) as driver:
            thief = await asyncpg.connect(configured.app)
            pid = driver.get_server_pid()
            shown = await thief.fetchval("SELECT query FROM pg_stat_activity WHERE pid = $1", pid)
            await thief.close()
        assert shown.strip() == ""
        assert len(shown) == identity.SHOWN_BYTES - 1

    async def test_a_stranger_with_the_password_sees_no_row_whatever_is_set(
        self, words: dict[str, str], auditor: asyncpg.Connection, configured: Addresses
    ) -> None:
        tables = [row["relname"] for row in await auditor.fetch(TENANT_TABLES)]
        words |= {"me": str(uuid4()), "ours": str(uuid4())}
        driver = await asyncpg.connect(configured.app)
        for attack in nonempty(ATTACKS):
            async with driver.transaction():
                scene = Scene(driver, words, tables)
                answer = await scene.attack(attack)
                assert CANARY not in answer, attack
                assert await scene.strangers() == [], attack
        await driver.close()
