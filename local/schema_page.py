"""docs/schema.md: what the migrated database itself says of its tables, keys, indexes and policies.

Run `uv run python -m local.schema_page` after adding a migration.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
from sqlmodel import SQLModel

from local.postgres import EmbeddedPostgres, create_database
from migrations.job import MigrationRequest, migrate
from shared.database import models

PAGE = Path(__file__).parent.parent / "docs" / "schema.md"

HEAD = """# The schema

Written by `uv run python -m local.schema_page` from a database that the migrations have built, and
compared with one by `tests/migrations/test_schema_page.py`; never edited. The rules that the tables
follow are in the [architecture](architecture.md).

A tenant table carries `organization_id`, has row-level security enabled and forced, and is pointed
at by composite keys, so that no row hangs under another organization's record. The monthly
partitions of a table are not listed one by one.
"""

TABLES = """
    SELECT c.oid, c.relname AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
        pg_get_partkeydef(c.oid) AS partitioned_by
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND c.relname <> 'alembic_version' ORDER BY c.relname
"""
COLUMNS = """
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
        a.attnotnull AS required, pg_get_expr(d.adbin, d.adrelid) AS default
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
CONSTRAINTS = """
    SELECT conname AS name, contype::text AS type, pg_get_constraintdef(oid) AS definition,
        confrelid::regclass::text AS target
    FROM pg_constraint WHERE conrelid = $1 AND contype IN ('p', 'f', 'u', 'c')
    ORDER BY array_position(ARRAY['p', 'u', 'f', 'c'], contype::text), conname
"""
INDEXES = """
    SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = $1
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = $1)
    ORDER BY c.relname
"""
POLICIES = """
    SELECT policyname AS name, cmd AS command, array_to_string(roles, ', ') AS roles,
        qual AS reads, with_check AS writes
    FROM pg_policies WHERE schemaname = 'public' AND tablename = $1 ORDER BY policyname
"""
TRIGGERS = """
    SELECT tgname AS name, pg_get_triggerdef(oid) AS definition
    FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal ORDER BY tgname
"""
# What the definitions of Postgres say twice.
INDEX_HEAD = re.compile(r"^CREATE (UNIQUE )?INDEX \S+ ON (?:ONLY )?\S+ ")
TRIGGER_HEAD = re.compile(r"^CREATE TRIGGER \S+ | ON public\.\S+")
KINDS = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check"}


@dataclass(frozen=True)
class Table:
    """What the catalogs of Postgres hold of one table."""

    row: asyncpg.Record
    columns: list[asyncpg.Record]
    constraints: list[asyncpg.Record]
    indexes: list[asyncpg.Record]
    policies: list[asyncpg.Record]
    triggers: list[asyncpg.Record]

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.row["name"])

    @property
    def targets(self) -> list[str]:
        """The tables that its foreign keys point at."""
        return sorted({row["target"] for row in self.constraints if row["type"] == "f"})


async def page(url: str) -> str:
    """Return the page of the database at `url`."""
    connection = await asyncpg.connect(url)
    try:
        tables = [await _table(connection, row) for row in await connection.fetch(TABLES)]
    finally:
        await connection.close()
    purposes = _purposes()
    conditions = _conditions(tables)
    parts = [HEAD, *_diagram(tables), *_overview(tables, purposes), *_listed(conditions)]
    for table in tables:
        parts += _section(table, purposes.get(table.name, ""), conditions)
    return "\n".join(parts) + "\n"


async def _table(connection: asyncpg.Connection, row: asyncpg.Record) -> Table:
    key = row["oid"]
    return Table(
        row,
        columns=await connection.fetch(COLUMNS, key),
        constraints=await connection.fetch(CONSTRAINTS, key),
        indexes=await connection.fetch(INDEXES, key),
        policies=await connection.fetch(POLICIES, row["name"]),
        triggers=await connection.fetch(TRIGGERS, key),
    )


def _purposes() -> Mapping[str, str]:
    """Return by table the first line of its model's docstring."""
    models.register_all()
    mappers = SQLModel._sa_registry.mappers  # noqa: SLF001 (SQLModel shows its registry nowhere else)
    return {
        str(mapper.class_.__tablename__): (mapper.class_.__doc__ or "").strip().split("\n")[0]
        for mapper in mappers
    }


def _diagram(tables: Iterable[Table]) -> Iterator[str]:
    """Yield who points at whom, save at the organization, which every tenant table points at."""
    yield "## Diagram\n\n```mermaid\nerDiagram"
    for table in tables:
        for target in table.targets:
            if target != "organizations" or len(table.targets) == 1:
                yield f'  {target} ||--o{{ {table.name} : ""'
    yield "```\n"


def _overview(tables: Iterable[Table], purposes: Mapping[str, str]) -> Iterator[str]:
    yield "## Tables\n\n| Table | Holds | Row-level security | Partitioned by |\n|---|---|---|---|"
    for table in tables:
        security = "forced" if table.row["forced"] else "none"
        partitioned = f"`{table.row['partitioned_by']}`" if table.row["partitioned_by"] else ""
        purpose = purposes.get(table.name, "")
        yield f"| [{table.name}](#{table.name}) | {purpose} | {security} | {partitioned} |"
    yield ""


def _conditions(tables: Iterable[Table]) -> Mapping[str, int]:
    """Number the conditions of all policies: most tables have the same few."""
    texts = (
        text
        for table in tables
        for row in table.policies
        for text in (row["reads"], row["writes"])
        if text
    )
    return {text: number for number, text in enumerate(dict.fromkeys(texts), start=1)}


def _listed(conditions: Mapping[str, int]) -> Iterator[str]:
    yield "## Conditions of the policies\n"
    yield "What the policies below ask of a row, by number.\n"
    for text, number in conditions.items():
        yield f"{number}. {_code(text)}"
    yield ""


def _columns(table: Table) -> Iterator[str]:
    yield "| Column | Type | Required | Default |\n|---|---|---|---|"
    for column in table.columns:
        required = "yes" if column["required"] else ""
        default = _code(column["default"]).replace("|", "\\|")
        yield f"| `{column['name']}` | {column['type']} | {required} | {default} |"
    yield ""


def _section(table: Table, purpose: str, conditions: Mapping[str, int]) -> Iterator[str]:
    yield f"## {table.name}\n"
    if purpose:
        yield f"{purpose}\n"
    yield from _columns(table)
    for row in table.constraints:
        yield f"* {KINDS[row['type']]} `{row['name']}`: {_code(row['definition'])}"
    for row in table.indexes:
        definition = INDEX_HEAD.sub(lambda head: head[1] or "", row["definition"])
        yield f"* index `{row['name']}`: {_code(definition)}"
    for row in table.triggers:
        definition = TRIGGER_HEAD.sub("", row["definition"])
        yield f"* trigger `{row['name']}`: {_code(definition)}"
    for row in table.policies:
        asked = {"rows": row["reads"], "new rows": row["writes"]}
        limits = [f"{what} of condition {conditions[text]}" for what, text in asked.items() if text]
        yield f"* policy `{row['name']}`: {row['command']} by {row['roles']}, {', '.join(limits)}"
    yield ""


def _code(text: str | None) -> str:
    """Return SQL as code on one line, as an item of a list needs it."""
    return f"`{re.sub(r'\s+', ' ', text).strip()}`" if text else ""


def write() -> None:
    """Build a database by the migrations, and write what it says of itself."""
    with (
        TemporaryDirectory() as folder,
        EmbeddedPostgres.start(Path(folder) / "server", durable=False) as postgres,
    ):
        PAGE.write_text(asyncio.run(_migrated_page(postgres)), encoding="utf-8")


async def _migrated_page(postgres: EmbeddedPostgres) -> str:
    await create_database(postgres.url(), "medilens")
    url = postgres.url("medilens")
    await migrate(url, MigrationRequest(command="upgrade"))
    return await page(url)


if __name__ == "__main__":
    write()
