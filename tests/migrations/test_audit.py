"""The audit trail hangs on every table, and the months to come are there."""

import asyncpg

TRIGGERS = """
    SELECT c.relname AS "table", t.tgname AS name, t.tgenabled::text AS enabled
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
"""


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
        matches = {row["table"] for row in await catalog.fetch(TRIGGERS) if row["name"] == "keep"}
        trail = {name for name in tables if name.startswith("audit_events")}
        assert len(trail) > 1
        assert trail <= matches


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
