"""Whole copies, whole looks: the role that reads every tenant, and migrations that change all."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from local.binaries import binary
from local.postgres import EmbeddedPostgres, create_database, drop_database
from migrations.job import MigrationRequest, migrate
from migrations.tenancy import unforced
from shared.database.address import connect_options
from tests.conftest import APP_PASSWORD, Addresses, Clinic
from tests.factories.examinations import stored

READER = "medilens_reader"
READER_PASSWORD = "reader"
COUNTED = ("audit_events", "assessments", "biomarker_values", "users", "pipeline_stages")
COUNT = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in COUNTED)
UNREADABLE = (
    "SELECT c.relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
    " AND relkind IN ('r', 'p') AND relrowsecurity AND NOT EXISTS (SELECT FROM pg_policies"
    " WHERE tablename = c.relname AND roles = '{medilens_reader}')"
)
IS_FORCED = text("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'assessments'")
KEYS = """
SELECT (SELECT count(*) FROM medilens.identity_keys) + (SELECT count(*) FROM medilens.seal_keys)
"""
QUIET_AND_STRICT = ("-v", "ON_ERROR_STOP=1", "-q")


@pytest.fixture
async def reader(postgres: EmbeddedPostgres, addresses: Addresses) -> str:
    await migrate(
        addresses.owner,
        MigrationRequest(command="upgrade"),
        app_password=APP_PASSWORD,
        reader_password=READER_PASSWORD,
    )
    return postgres.url("medilens", user=READER, password=READER_PASSWORD)


@pytest.fixture
async def copy(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The superuser's address of an empty database."""
    name = f"copy_{uuid4().hex}"
    await create_database(postgres.url(), name)
    yield postgres.url(name)
    await drop_database(postgres.url(), name)


async def program(
    name: str, folder: Path, *arguments: str, told: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of Postgres."""
    command = [binary(name, folder), *arguments]
    return await asyncio.to_thread(
        subprocess.run, command, input=told, check=False, capture_output=True, text=True, cwd="/"
    )


async def counts(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        return dict(await connection.fetchrow(COUNT))
    finally:
        await connection.close()


class TestReader:
    async def test_it_sees_every_tenants_rows_and_the_trail(
        self, clinic: Clinic, elsewhere: Clinic, addresses: Addresses, reader: str
    ) -> None:
        await stored(clinic)
        await stored(elsewhere)
        outcome = await counts(reader)

        assert outcome == await counts(addresses.superuser)
        assert min(outcome.values()) > 0
        assert (await counts(addresses.owner))["audit_events"] == 0

    async def test_it_sees_partitions_by_their_names_also_those_to_come(
        self, addresses: Addresses
    ) -> None:
        owner = await asyncpg.connect(addresses.owner)
        transaction = owner.transaction()
        await transaction.start()
        added = await owner.fetch("SELECT medilens.add_partitions('audit_events', 30)")
        closed = await owner.fetch(UNREADABLE)
        await transaction.rollback()
        await owner.close()

        assert added
        assert closed == []

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE assessments SET risk_score = 0",
            "INSERT INTO roles (id, name) VALUES (9, 'x')",
            "DELETE FROM users",
            "SELECT medilens.enter('', '')",
            "CREATE TEMPORARY TABLE mine (x integer)",
        ],
    )
    async def test_it_changes_nothing(self, reader: str, statement: str) -> None:
        connection = await asyncpg.connect(reader)
        await connection.execute("SET default_transaction_read_only = off")
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        finally:
            await connection.close()

    async def test_a_dump_as_the_reader_is_whole_and_comes_back(
        self, clinic: Clinic, elsewhere: Clinic, reader: str, copy: str, tmp_path: Path
    ) -> None:
        await stored(clinic)
        await stored(elsewhere)
        dump = await program("pg_dump", tmp_path, "--enable-row-security", reader)
        assert not dump.returncode, dump.stderr
        restore = await program("psql", tmp_path, *QUIET_AND_STRICT, copy, told=dump.stdout)
        assert not restore.returncode, restore.stderr
        assert await counts(copy) == await counts(reader)
        restored = await asyncpg.connect(copy)
        # Whoever has the copy cannot seal a request: the migration job writes new keys.
        assert await restored.fetchval(KEYS) == 0
        await restored.close()

    async def test_a_dump_as_the_owner_fails_rather_than_being_empty(
        self, addresses: Addresses, tmp_path: Path
    ) -> None:
        dump = await program("pg_dump", tmp_path, addresses.owner)

        assert dump.returncode
        assert "row-level security" in dump.stderr


class TestDataMigration:
    BACKFILL = "UPDATE assessments SET review_note = 'filled' WHERE status = 'completed'"

    async def test_it_touches_every_tenants_rows_and_leaves_the_tables_forced(
        self, clinic: Clinic, elsewhere: Clinic, addresses: Addresses
    ) -> None:
        keys = {await stored(clinic), await stored(elsewhere)}
        address, options = connect_options(addresses.owner)
        engine = create_async_engine(address, connect_args=options)
        async with engine.connect() as connection:
            silently = await connection.run_sync(self._fill, forced=True)
            filled = await connection.run_sync(self._fill, forced=False)
            forced = await connection.scalar(IS_FORCED)
            await connection.rollback()
        await engine.dispose()

        assert silently == set()
        assert filled >= keys
        assert forced

    def _fill(self, connection: Connection, *, forced: bool) -> set[object]:
        statement = text(f"{self.BACKFILL} RETURNING id")
        with Operations.context(MigrationContext.configure(connection)):
            if forced:
                return set(connection.scalars(statement))
            with unforced("assessments"):
                return set(connection.scalars(statement))
