"""Who reaches what: row-level security on every table, roles that can do no more than needed."""

import re

import asyncpg

from tests.migrations.conftest import CATALOGS
from tests.nonempty import nonempty

APP = "medilens_app"

POLICIES = """
    SELECT tablename AS "table", cmd, roles::text[] AS roles, qual, with_check
    FROM pg_policies WHERE schemaname = 'public'
"""


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

    async def test_every_policy_of_the_functions_compares_the_tenant_once_a_statement(
        self, catalog: asyncpg.Connection
    ) -> None:
        for row in nonempty(await catalog.fetch(POLICIES)):
            if APP not in row["roles"]:
                continue
            for condition in nonempty(filter(None, (row["qual"], row["with_check"]))):
                assert re.match(r"\(+(organization_)?id = \( SELECT medilens\.org", condition)

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
        for table in nonempty(tables):
            held = await privileges(catalog, table)
            assert held & {"DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"} == set(), table

    async def test_it_reaches_neither_the_audit_trail_nor_a_partition_by_name(
        self, catalog: asyncpg.Connection, tables: dict[str, asyncpg.Record]
    ) -> None:
        closed = [name for name, row in tables.items() if row["is_partition"]]
        for table in ("audit_events", "alembic_version", *closed):
            assert await privileges(catalog, table) == set(), table

    async def test_it_only_reads_the_catalogs(self, catalog: asyncpg.Connection) -> None:
        for table in nonempty(CATALOGS):
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

    async def test_functions_in_anothers_rights_believe_nothing_that_a_session_may_set(
        self, catalog: asyncpg.Connection
    ) -> None:
        """They look past row-level security, so they ask `medilens.sealed_identity()`."""
        bodies = await catalog.fetch(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'medilens'::regnamespace"
            " AND prosecdef"
        )
        believed = r"medilens\.current_\w+\(|current_setting\('medilens\.(?!identity'|request')"
        assert [
            row["proname"] for row in nonempty(bodies) if re.search(believed, row["prosrc"])
        ] == []

    async def test_the_functions_role_calls_no_function_of_upkeep(
        self, catalog: asyncpg.Connection
    ) -> None:
        """They are steps, which `medilens.work` takes for a sealed request of the schedule."""
        reached = await catalog.fetch(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'medilens'::regnamespace"
            " AND prosecdef AND has_function_privilege($1, oid, 'EXECUTE') AND proname ~"
            " '(expire|abandon|partition|purge|retention|seal_audit|upkeep)'",
            APP,
        )
        assert reached == []

    async def test_every_step_is_a_call_of_a_function_that_is_there(
        self, catalog: asyncpg.Connection
    ) -> None:
        for row in nonempty(await catalog.fetch("SELECT name, call FROM medilens.steps")):
            (name,) = re.findall(r"medilens\.(\w+)\(", row["call"])
            assert await catalog.fetchval(
                "SELECT count(*) FROM pg_proc WHERE proname = $1"
                " AND pronamespace = 'medilens'::regnamespace"
                " AND has_function_privilege('medilens_upkeep', oid, 'EXECUTE')",
                name,
            ), row["name"]

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


async def privileges(catalog: asyncpg.Connection, table: str, role: str = APP) -> set[str]:
    """What a role may do with a table, or with any one column of it."""
    whole = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    columns = ("SELECT", "INSERT", "UPDATE", "REFERENCES")
    held = {
        entry
        for entry in whole
        if await catalog.fetchval("SELECT has_table_privilege($1, $2, $3)", role, table, entry)
    }
    return held | {
        column
        for column in columns
        if await catalog.fetchval(
            "SELECT has_any_column_privilege($1, $2, $3)", role, table, column
        )
    }
