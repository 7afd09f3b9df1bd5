"""What no row may hold: keys, types, limits, and the words that the code knows."""

import json
import re
from enum import StrEnum
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from sqlmodel import SQLModel

from local.postgres import EmbeddedPostgres, create_database, drop_database
from shared.biomarkers import BiomarkerStatus
from shared.database import models
from shared.permissions import ROLES, Scope
from shared.pipelines import PipelineName
from shared.vocabulary import AssessmentStatus, RiskLevel, StageStatus
from tests.migrations.conftest import COLUMNS, PLUMBING
from tests.nonempty import nonempty

LISTED = re.compile(r"(?<=ARRAY\[)[^\]]+")
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
        keys = [row for row in await catalog.fetch(CONSTRAINTS) if row["kind"] == "f"]
        for row in nonempty(key for key in keys if key["parent"] in tenant_tables):
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
        for row in nonempty(await catalog.fetch(COLUMNS)):
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
        columns = await catalog.fetch(COLUMNS)
        for row in nonempty(column for column in columns if column["type"] == "double precision"):
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
    return {(row["table"], row["name"], _in_order(row["definition"])) for row in rows}


def _in_order(definition: str) -> str:
    """The words that a CHECK lists, in one order: a new one stands wherever it was added."""
    return LISTED.sub(lambda words: ", ".join(sorted(words[0].split(", "))), definition)


def _ddl() -> str:
    models.register_all()
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
            missing = sorted(set(PipelineName) - await known_words(catalog, table, "pipeline"))
            assert missing == [], (
                f"the CHECK of {table}.pipeline does not know {', '.join(missing)}: bring a"
                " new version in migrations/versions"
            )

    async def test_seeded_roles_are_those_of_the_code(self, catalog: asyncpg.Connection) -> None:
        rows = await catalog.fetch("SELECT name, scope, permissions::text FROM roles")
        seeded = {row["name"]: (row["scope"], _words(row["permissions"])) for row in rows}
        coded = {str(name): (scope, set(held)) for name, (scope, held) in ROLES.items()}
        different = sorted(name for name in seeded | coded if seeded.get(name) != coded.get(name))
        assert different == [], (
            f"{', '.join(different)}: shared/permissions.py and the table `roles` differ; a new"
            " version in migrations/versions has to bring the role, its scope and permissions"
        )


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
