"""The restore of docs/deploy.md, rehearsed: a dump of everything, put back and worked with."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from local.binaries import binary
from local.child import CLEAN_ENVIRONMENT
from local.postgres import EmbeddedPostgres, create_database, drop_database
from migrations.job import MigrationRequest, migrate
from shared.permissions import RoleName
from tests.conftest import Addresses, Clinic
from tests.factories.examinations import stored
from tests.shared.conftest import Reconfigure

NAME = "restored"

TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'medilens') AND c.relkind = 'r' ORDER BY 1
"""
CONTENT = "SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {} t"
ASSESSMENT = "/api/records/assessments/{}"


def run(folder: Path, program: str, *arguments: str) -> None:
    command = [binary(program, folder), *arguments]
    subprocess.run(command, check=True, env=CLEAN_ENVIRONMENT, cwd="/", capture_output=True)


async def contents(url: str) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and their hash."""
    connection = await asyncpg.connect(url)
    tables = [row[0] for row in await connection.fetch(TABLES)]
    values = {table: tuple(await connection.fetchrow(CONTENT.format(table))) for table in tables}
    await connection.close()
    return values


@pytest.fixture
async def restored(
    clinic: Clinic, configured: Addresses, postgres: EmbeddedPostgres, tmp_path: Path
) -> AsyncIterator[Addresses]:
    """A database made of nothing but a dump of the one that has been worked with."""
    await stored(clinic)
    dump = tmp_path / "medilens.dump"
    run(tmp_path, "pg_dump", "--format=custom", f"--file={dump}", configured.superuser)
    await drop_database(postgres.url(), NAME)
    await create_database(postgres.url(), NAME, "template0")
    run(tmp_path, "pg_restore", f"--dbname={postgres.url(NAME)}", "--exit-on-error", str(dump))
    yield Addresses(
        *(
            urlsplit(url)._replace(path=f"/{NAME}").geturl()
            for url in (configured.superuser, configured.owner, configured.app)
        )
    )
    await drop_database(postgres.url(), NAME)


class TestRestore:
    async def test_every_row_of_every_table_is_back(
        self, restored: Addresses, configured: Addresses
    ) -> None:
        there = await contents(restored.superuser)

        assert there == await contents(configured.superuser)
        assert there["public.assessments"][0] > 0
        assert sum(rows for name, (rows, _) in there.items() if "audit_events" in name) > 0

    async def test_schema_is_that_of_the_release(
        self, restored: Addresses, configured: Addresses
    ) -> None:
        reports = [
            await migrate(addresses.owner, MigrationRequest(command="check"))
            for addresses in (restored, configured)
        ]
        assert reports[0].drift == []
        assert reports[0].after == reports[1].after

    async def test_functions_serve_from_it_and_tenants_stay_apart(
        self, restored: Addresses, clinic: Clinic, elsewhere: Clinic, reconfigure: Reconfigure
    ) -> None:
        key = await stored(clinic)  # after the dump: this one is lost
        reconfigure(database_url=restored.app)
        async with clinic.client(RoleName.CLINICIAN) as client:
            listed = (await client.get("/api/records/assessments")).json()["items"]
            lost = await client.get(ASSESSMENT.format(key))
        again = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(ASSESSMENT.format(again))
        # Its people came after the dump too, so the restored database knows none of them.
        async with elsewhere.client(RoleName.ADMIN) as client:
            stranger = await client.get(ASSESSMENT.format(again))
        assert len(listed) == 1
        assert (lost.status_code, answer.status_code, stranger.status_code) == (404, 200, 403)
