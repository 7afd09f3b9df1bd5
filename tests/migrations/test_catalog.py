"""What Postgres itself says about the schema: for every table there is, and every one to come."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from sqlmodel import SQLModel

import shared.models  # noqa: F401  # registers the tables
from local.postgres import EmbeddedPostgres, create_database, drop_database
from shared import database
from shared.permissions import ROLES, Permission, RoleName, Scope
from shared.pipelines import Pipeline
from shared.repositories import biomarkers
from shared.vocabulary import AssessmentStatus, BiomarkerStatus, RiskLevel, StageStatus
from tests.conftest import Addresses, Clinic

APP = "medilens_app"
# Their rows are the same for every tenant, and come with migrations.
CATALOGS = {"roles", "biomarkers"}
# Nobody's tenant: the versions of the schema itself.
PLUMBING = {"alembic_version"}

TABLES = """
    SELECT c.oid, c.relname AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
        c.relispartition AS is_partition, pg_get_userbyid(c.relowner) AS owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
COLUMNS = """
    SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
        a.attnotnull AS required, t.typtype::text AS kind
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
    SELECT c.relname AS "table", k.conname AS name, k.contype::text AS kind,
        pg_get_constraintdef(k.oid) AS definition, k.confdeltype::text AS on_delete,
        f.relname AS parent,
        ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = k.conrelid
              AND attnum = ANY(k.conkey)) AS columns
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    LEFT JOIN pg_class f ON f.oid = k.confrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
    AND k.contype IN ('c', 'f', 'p', 'u') ORDER BY 1, 2
"""
POLICIES = """
    SELECT tablename AS "table", cmd, roles::text[] AS roles, qual, with_check
    FROM pg_policies WHERE schemaname = 'public'
"""
TRIGGERS = """
    SELECT c.relname AS "table", t.tgname AS name, t.tgenabled::text AS enabled
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
"""


@pytest.fixture(scope="module")
async def catalog(addresses: Addresses) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(addresses.superuser)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def tables(catalog: asyncpg.Connection) -> dict[str, asyncpg.Record]:
    return {row["name"]: row for row in await catalog.fetch(TABLES)}


@pytest.fixture(scope="module")
async def tenant_tables(catalog: asyncpg.Connection, tables: dict[str, asyncpg.Record]) -> set[str]:
    """Every table but the catalogs: whoever adds one without a tenant has to say so here."""
    columns = await catalog.fetch(COLUMNS)
    with_tenant = {row["table"] for row in columns if row["name"] == "organization_id"}
    found = {name for name, row in tables.items() if not row["is_partition"]}
    assert found - with_tenant == CATALOGS | PLUMBING | {"organizations"}
    return found - CATALOGS - PLUMBING


async def privileges(catalog: asyncpg.Connection, table: str, role: str = APP) -> set[str]:
    """What a role may do with a table, or with any one column of it."""
    whole = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    columns = ("SELECT", "INSERT", "UPDATE", "REFERENCES")
    held = {
        one
        for one in whole
        if await catalog.fetchval("SELECT has_table_privilege($1, $2, $3)", role, table, one)
    }
    return held | {
        one
        for one in columns
        if await catalog.fetchval("SELECT has_any_column_privilege($1, $2, $3)", role, table, one)
    }


class TestRowSecurity:
    async def test_is_enabled_and_forced_on_every_table_with_a_tenant(
        self, tables: dict[str, asyncpg.Record], tenant_tables: set[str]
    ) -> None:
        open_tables = {
            name for name in tenant_tables if not tables[name]["secured"] & tables[name]["forced"]
        }
        assert open_tables == set()

    async def test_is_enabled_and_forced_on_partitions_named_directly(
        self, tables: dict[str, asyncpg.Record]
    ) -> None:
        partitions = [row for row in tables.values() if row["is_partition"]]
        assert partitions
        assert [row["name"] for row in partitions if not row["secured"] & row["forced"]] == []

    async def test_every_tenant_table_has_a_policy_for_each_command(
        self, catalog: asyncpg.Connection, tenant_tables: set[str]
    ) -> None:
        policies = await catalog.fetch(POLICIES)
        for table in tenant_tables - {"audit_events"}:
            commands = {
                row["cmd"] for row in policies if row["table"] == table and APP in row["roles"]
            }
            assert commands >= {"SELECT", "INSERT", "UPDATE"}, table
            assert "DELETE" not in commands, table

    async def test_every_policy_of_the_functions_compares_the_tenant_once_a_statement(
        self, catalog: asyncpg.Connection
    ) -> None:
        for row in await catalog.fetch(POLICIES):
            if APP not in row["roles"]:
                continue
            for condition in filter(None, (row["qual"], row["with_check"])):
                assert "( SELECT (NULLIF(current_setting('medilens.organization_id'" in condition

    async def test_no_view_looks_past_it(self, catalog: asyncpg.Connection) -> None:
        views = await catalog.fetch(
            "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')"
            " AND relnamespace IN ('public'::regnamespace, 'medilens'::regnamespace)"
            " AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}'"
        )
        assert views == []


class TestRoles:
    async def test_the_functions_role_is_nobody_special(
        self, catalog: asyncpg.Connection, tables: dict[str, asyncpg.Record]
    ) -> None:
        roles = await catalog.fetch("SELECT * FROM pg_roles WHERE rolname LIKE 'medilens%'")
        for role in roles:
            assert not role["rolsuper"] | role["rolbypassrls"] | role["rolcreatedb"], role
        assert {row["owner"] for row in tables.values()} == {"medilens_owner"}
        assert (
            await catalog.fetch("SELECT FROM pg_auth_members WHERE member = $1::regrole", APP) == []
        )

    async def test_the_functions_role_owns_nothing(self, catalog: asyncpg.Connection) -> None:
        owned = await catalog.fetch(
            "SELECT proname FROM pg_proc WHERE proowner = $1::regrole"
            " UNION ALL SELECT relname FROM pg_class WHERE relowner = $1::regrole",
            APP,
        )
        assert owned == []

    async def test_it_deletes_and_truncates_nothing_and_adds_no_trigger(
        self, catalog: asyncpg.Connection, tables: dict[str, asyncpg.Record]
    ) -> None:
        for table in tables:
            held = await privileges(catalog, table)
            assert held & {"DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"} == set(), table

    async def test_it_reaches_neither_the_audit_trail_nor_a_partition_by_name(
        self, catalog: asyncpg.Connection, tables: dict[str, asyncpg.Record]
    ) -> None:
        closed = [name for name, row in tables.items() if row["is_partition"]]
        for table in ("audit_events", "alembic_version", *closed):
            assert await privileges(catalog, table) == set(), table

    async def test_it_only_reads_the_catalogs(self, catalog: asyncpg.Connection) -> None:
        for table in CATALOGS:
            assert await privileges(catalog, table) == {"SELECT"}, table

    async def test_nobody_else_may_do_anything(
        self, catalog: asyncpg.Connection, tables: dict[str, asyncpg.Record]
    ) -> None:
        await catalog.execute("CREATE ROLE passer_by")
        try:
            for table in tables:
                assert await privileges(catalog, table, "passer_by") == set(), table
            open_functions = await catalog.fetch(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'medilens'::regnamespace"
                " AND prosecdef AND has_function_privilege('passer_by', oid, 'EXECUTE')"
            )
            assert open_functions == []
        finally:
            await catalog.execute("DROP ROLE passer_by")

    async def test_it_creates_nothing_in_any_schema(self, catalog: asyncpg.Connection) -> None:
        for schema in ("public", "medilens"):
            assert not await catalog.fetchval(
                "SELECT has_schema_privilege($1, $2, 'CREATE')", APP, schema
            ), schema

    async def test_functions_in_anothers_rights_fix_where_they_look(
        self, catalog: asyncpg.Connection
    ) -> None:
        loose = await catalog.fetch(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'medilens'::regnamespace"
            " AND prosecdef AND NOT coalesce(proconfig, '{}') @> '{\"search_path=\\\"\\\"\"}'"
        )
        assert loose == []

    async def test_its_settings_hold_behind_any_pooler(self, catalog: asyncpg.Connection) -> None:
        settings = await catalog.fetchval(
            "SELECT setconfig FROM pg_db_role_setting WHERE setrole = $1::regrole", APP
        )
        assert set(settings) >= {
            "jit=off",
            "statement_timeout=30s",
            "idle_in_transaction_session_timeout=60s",
            "lock_timeout=5s",
        }


class TestConstraints:
    async def test_nothing_is_deleted_or_emptied_along_with_its_parent(
        self, catalog: asyncpg.Connection
    ) -> None:
        keys = [row for row in await catalog.fetch(CONSTRAINTS) if row["kind"] == "f"]
        assert keys
        assert [row["name"] for row in keys if row["on_delete"] != "r"] == []

    async def test_a_key_between_tenants_tables_carries_the_tenant(
        self, catalog: asyncpg.Connection, tenant_tables: set[str]
    ) -> None:
        for row in await catalog.fetch(CONSTRAINTS):
            if row["kind"] == "f" and row["parent"] in tenant_tables:
                assert "organization_id" in row["columns"], row["name"]

    async def test_the_tenant_is_never_missing(
        self, catalog: asyncpg.Connection, tenant_tables: set[str]
    ) -> None:
        columns = await catalog.fetch(COLUMNS)
        required = {
            row["table"]
            for row in columns
            if row["name"] == "organization_id" and row["required"] and row["type"] == "uuid"
        }
        assert required == tenant_tables - {"organizations"}

    async def test_types_are_plain(self, catalog: asyncpg.Connection) -> None:
        """No native enum, domain or composite, no time without its zone, no json as text."""
        for row in await catalog.fetch(COLUMNS):
            if row["table"] in PLUMBING:
                continue
            where = f"{row['table']}.{row['name']}"
            assert row["kind"] == "b", where
            assert row["type"] not in {"timestamp without time zone", "json", "real"}, where
            assert not row["type"].startswith(("character", "time ")), where

    async def test_every_number_that_is_not_exact_has_limits(
        self, catalog: asyncpg.Connection
    ) -> None:
        checked = {
            (row["table"], column)
            for row in await catalog.fetch(CONSTRAINTS)
            if row["kind"] == "c"
            for column in row["columns"]
        }
        for row in await catalog.fetch(COLUMNS):
            if row["type"] == "double precision":
                assert (row["table"], row["name"]) in checked, f"{row['table']}.{row['name']}"

    async def test_not_a_number_and_infinity_are_refused_everywhere(
        self, catalog: asyncpg.Connection
    ) -> None:
        """Each CHECK of one inexact column, asked as Postgres would ask it."""
        inexact = {
            (row["table"], row["name"])
            for row in await catalog.fetch(COLUMNS)
            if row["type"] == "double precision"
        }
        refused = set()
        for row in await catalog.fetch(CONSTRAINTS):
            if row["kind"] != "c" or len(row["columns"]) != 1:
                continue
            (column,) = row["columns"]
            if (row["table"], column) not in inexact:
                continue
            condition = row["definition"].removeprefix("CHECK ")
            values = "VALUES ('NaN'::float8), ('Infinity'), ('-Infinity')"
            passed = await catalog.fetch(
                f"SELECT {column} FROM ({values}) AS v ({column}) WHERE {condition} IS NOT FALSE"
            )
            if not passed:
                refused.add((row["table"], column))
        assert refused == inexact

    async def test_the_models_say_the_same(
        self, catalog: asyncpg.Connection, postgres: EmbeddedPostgres
    ) -> None:
        """Alembic's own check for drift looks past CHECKs; this compares every constraint."""
        name = f"models_{uuid4().hex}"
        await create_database(postgres.url(), name)
        connection = await asyncpg.connect(postgres.url(name))
        try:
            await connection.execute(_ddl())
            from_models = await connection.fetch(CONSTRAINTS)
        finally:
            await connection.close()
            await drop_database(postgres.url(), name)
        migrated = [row for row in await catalog.fetch(CONSTRAINTS) if row["table"] not in PLUMBING]
        assert _definitions(migrated) == _definitions(from_models)


def _definitions(rows: list[asyncpg.Record]) -> set[tuple[str, str, str]]:
    return {(row["table"], row["name"], row["definition"]) for row in rows}


def _ddl() -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return ";".join(
        str(CreateTable(table).compile(dialect=dialect))
        for table in SQLModel.metadata.sorted_tables
    )


class TestVocabulary:
    @pytest.mark.parametrize(
        ("table", "column", "words"),
        [
            ("assessments", "status", AssessmentStatus),
            ("assessments", "risk_level", RiskLevel),
            ("pipeline_stages", "status", StageStatus),
            ("biomarker_values", "status", BiomarkerStatus),
            ("roles", "scope", Scope),
        ],
    )
    async def test_a_check_knows_exactly_the_words_of_the_code(
        self, catalog: asyncpg.Connection, table: str, column: str, words: type[StrEnum]
    ) -> None:
        assert await known_words(catalog, table, column) == set(words)

    async def test_every_pipeline_is_known_to_the_tables(self, catalog: asyncpg.Connection) -> None:
        for table in ("assessments", "biomarkers"):
            assert await known_words(catalog, table, "pipeline") >= set(Pipeline), table

    async def test_seeded_roles_are_those_of_the_code(self, catalog: asyncpg.Connection) -> None:
        rows = await catalog.fetch("SELECT name, scope, permissions::text FROM roles")
        seeded = {row["name"]: (row["scope"], _words(row["permissions"])) for row in rows}
        assert seeded == {name: (scope, set(held)) for name, (scope, held) in ROLES.items()}


async def known_words(catalog: asyncpg.Connection, table: str, column: str) -> set[str]:
    """The words that a column's CHECK lists, as Postgres wrote them down."""
    definition = await catalog.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = $1::regclass AND conname = $2",
        table,
        f"ck_{table}_{column}_known",
    )
    return {part.split("'::text")[0] for part in definition.split("'")[1::2]}


def _words(array: str) -> set[str]:
    return set(json.loads(array))


class TestAuditTriggers:
    async def test_every_tenant_table_is_audited(
        self, catalog: asyncpg.Connection, tenant_tables: set[str]
    ) -> None:
        rows = await catalog.fetch(TRIGGERS)
        assert {row["enabled"] for row in rows} == {"O"}
        held: dict[str, set[str]] = {table: set() for table in tenant_tables}
        for row in rows:
            held.setdefault(row["table"], set()).add(row["name"])
        for table in tenant_tables - {"audit_events"}:
            assert held[table] >= {"audit_insert", "audit_delete"}, table
            assert held[table] & {"audit_update", "keep"}, table

    async def test_the_trail_is_kept_partition_by_partition(
        self, catalog: asyncpg.Connection, tables: dict[str, asyncpg.Record]
    ) -> None:
        kept = {row["table"] for row in await catalog.fetch(TRIGGERS) if row["name"] == "keep"}
        trail = {name for name in tables if name.startswith("audit_events")}
        assert len(trail) > 1
        assert trail <= kept


class TestPartitions:
    async def test_the_coming_year_has_its_months_and_is_vacuumed_in_time(
        self, catalog: asyncpg.Connection, tables: dict[str, asyncpg.Record]
    ) -> None:
        for parent in ("biomarker_values", "audit_events"):
            months = await catalog.fetch(
                "SELECT $1 || to_char(m, '_YYYY_MM') AS name FROM generate_series("
                "date_trunc('month', now()), now() + interval '12 months', '1 month') m",
                parent,
            )
            assert {row["name"] for row in months} <= set(tables)
        options = await catalog.fetch(
            "SELECT relname, reloptions FROM pg_class WHERE relispartition AND relkind = 'r'"
            " AND relname ~ '_[0-9]{4}_[0-9]{2}$'"
        )
        for row in options:
            assert "autovacuum_vacuum_insert_scale_factor=0.02" in (row["reloptions"] or [])


class TestBiomarkerHistory:
    async def test_the_primary_key_carries_what_a_history_shows(
        self, catalog: asyncpg.Connection
    ) -> None:
        definition = await catalog.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'biomarker_values'::regclass AND contype = 'p'"
        )
        assert definition.startswith(
            "PRIMARY KEY (user_id, biomarker_id, measured_at, assessment_id)"
            " INCLUDE (value, organization_id"
        )

    async def test_it_is_read_from_that_key_alone_in_the_months_asked_for(
        self, clinic: Clinic, catalog: asyncpg.Connection
    ) -> None:
        """The policy too is answered from the index: no row of the table is looked at."""
        await fill_histories(catalog, clinic)
        now = datetime.now(UTC)
        since = now - timedelta(days=90)
        patient = clinic.person_id(RoleName.PATIENT)

        with statements() as sent:
            async with database.transaction(
                clinic.caller(RoleName.CLINICIAN), Permission.VIEW_ASSESSMENTS
            ) as connection:
                await biomarkers.get_user_biomarker_history(
                    connection, "rmssd", since, now, subject_id=patient
                )
                ((sql, parameters),) = sent
                raw = await connection.get_raw_connection()
                driver: asyncpg.Connection = raw.driver_connection
                plan = await driver.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *parameters)

        (explained,) = plan
        scans = [
            node
            for node in nodes(explained["Plan"])
            if node.get("Relation Name", "").startswith("biomarker_values")
        ]
        points = [node for node in scans if node["Node Type"] == "Index Only Scan"]
        assert {node["Node Type"] for node in scans} == {"Index Only Scan", "Index Scan"}
        assert sum(node["Actual Rows"] for node in points) == 90 // DAYS_APART
        assert sum(node["Heap Fetches"] for node in points) == 0
        for node in points:
            assert "biomarker_id" in node["Index Cond"]
            assert "organization_id" in node["Filter"]
            assert "InitPlan" in node["Filter"]  # once a statement, not once a row
        months = {node["Relation Name"] for node in scans}
        assert min(months) >= f"biomarker_values_{since:%Y_%m}"


DAYS_APART = 3
DAYS = 360
FILL = f"""
    WITH people AS (
        SELECT id AS user_id, organization_id FROM users WHERE organization_id IN (
            SELECT organization_id FROM users WHERE id = $1)
    ), added AS (
        INSERT INTO assessments (id, organization_id, user_id, created_by, session_id, pipeline,
            pipeline_version, status, recorded_at)
        SELECT gen_random_uuid(), organization_id, user_id, user_id, 'filled', 'cardiology', '1',
            'completed', now() - make_interval(days => day)
        FROM people, generate_series(1, {DAYS}, {DAYS_APART}) day
        RETURNING id, organization_id, user_id, recorded_at
    )
    INSERT INTO biomarker_values
        (organization_id, user_id, biomarker_id, measured_at, assessment_id, value, status)
    SELECT a.organization_id, a.user_id, b.id, a.recorded_at, a.id, random() * 100, 'normal'
    FROM added a, (SELECT id FROM biomarkers ORDER BY id LIMIT 20) b
    ORDER BY a.recorded_at
"""


async def fill_histories(catalog: asyncpg.Connection, clinic: Clinic) -> None:
    """A year of twenty biomarkers of each person of the clinic."""
    await catalog.execute("SET session_replication_role = replica")  # keys and triggers rest
    # Vacuum calls a page visible only once the commit of its rows has been written out.
    await catalog.execute("SET synchronous_commit = on")
    await catalog.execute(FILL.replace("$1", f"'{clinic.person_id(RoleName.PATIENT)}'"))
    await catalog.execute("SET session_replication_role = DEFAULT")
    await catalog.execute("VACUUM (ANALYZE) biomarker_values")
    await catalog.execute("VACUUM (ANALYZE) assessments")


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Keep what is sent to the database, with its parameters."""
    engine = database.engine().sync_engine
    sent: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        sent.append((sql, parameters))

    event.listen(engine, "before_cursor_execute", keep)
    yield sent
    event.remove(engine, "before_cursor_execute", keep)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)
