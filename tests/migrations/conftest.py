"""What Postgres itself says about the schema: for every table there is, and every one to come."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.conftest import Addresses

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
    matches = {name for name, row in tables.items() if not row["is_partition"]}
    assert matches - with_tenant == CATALOGS | PLUMBING | {"organizations"}
    return matches - CATALOGS - PLUMBING
