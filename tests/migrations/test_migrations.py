"""The migration function: from nothing to the newest version and back, one job at a time."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import asyncpg
import pytest
from pydantic import ValidationError

from local.postgres import EmbeddedPostgres, create_database, drop_database
from migrations.job import (
    MIGRATION_LOCK,
    MigrationReport,
    MigrationRequest,
    PoolerRefused,
    handler,
    migrate,
)
from shared import settings
from tests.conftest import IDENTITY_KEY, OWNER_PASSWORD, Addresses
from tests.waiting import until

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"

# What an address must carry percent-encoded, what SQL quotes, and what formatting eats.
ODD_PASSWORD = "p@ss/w%rd'%s\\\"$1:#?é 100%"

# What is left of a schema whose migrations went all the way down.
LEFT_OVER = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'medilens') AND c.relname NOT LIKE 'alembic_version%'
    UNION ALL
    SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('public', 'medilens')
"""

# What a version makes anew on the way down from an older version than the one before it, it has
# made from that on the way up too: what was put in between is lost.
RESTORES = "the way down restores what the version before it had made"
FUNCTIONS_AND_POLICIES = """
    SELECT p.oid::regprocedure::text AS name,
        concat_ws(' ', p.prosrc, p.proconfig, p.prosecdef, p.provolatile) AS definition
    FROM pg_proc p WHERE p.pronamespace = to_regnamespace('medilens')
    UNION ALL SELECT concat(tablename, '.', policyname),
        concat_ws(' ', cmd, roles, qual, with_check) FROM pg_policies
"""
# Released so: by 0075 and 0080 on both ways, which 0083 mends, by 0011 in its words alone.
LAST_OF_THESE = "0080"
OTHER_ON_THE_WAY_DOWN = {
    "medilens.clear_assessments(uuid,uuid[])",
    "medilens.expired_uploads(integer)",
    "medilens.add_partitions(integer)",
}


@pytest.fixture
async def empty(postgres: EmbeddedPostgres, addresses: Addresses) -> AsyncIterator[str]:
    """The owner's address of a new database; `addresses` has made the owner's role."""
    name = f"empty_{uuid4().hex}"
    await create_database(postgres.url(), name)
    connection = await asyncpg.connect(postgres.url())
    await connection.execute(f"ALTER DATABASE {name} OWNER TO medilens_owner")
    await connection.close()
    yield postgres.url(name, user="medilens_owner", password=OWNER_PASSWORD)
    await drop_database(postgres.url(), name)


async def run(url: str, command: str, revision: str | None = None) -> MigrationReport:
    request = MigrationRequest.model_validate({"command": command, "revision": revision})
    return await migrate(url, request)


async def functions_and_policies(url: str) -> dict[str, str]:
    """Return the definitions of a schema by their names."""
    rows = await fetch(url, FUNCTIONS_AND_POLICIES)
    return {row["name"]: row["definition"] for row in rows}


async def fetch(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(query)
        return rows
    finally:
        await connection.close()


class TestMigrate:
    async def test_up_down_and_up_again_one_by_one_leaves_nothing_and_no_drift(
        self, empty: str
    ) -> None:
        made: list[tuple[str, dict[str, str]]] = []
        for _ in VERSIONS.glob("*.py"):
            version = (await run(empty, "upgrade", "+1")).after
            made.append((str(version), await functions_and_policies(empty)))
        for (version, _), (_, before) in pairwise([*reversed(made), ("base", {})]):
            await run(empty, "downgrade", "-1")
            await run(empty, "upgrade", "+1")
            await run(empty, "downgrade", "-1")
            after = await functions_and_policies(empty)
            other = {name for name in before if after.get(name) != before[name]}
            known = OTHER_ON_THE_WAY_DOWN if version <= LAST_OF_THESE else set()
            assert other <= known, f"{version}: {RESTORES}"
        assert await fetch(empty, LEFT_OVER) == []
        assert (await run(empty, "current")).after is None

        head = (await run(empty, "upgrade")).after
        report = await run(empty, "check")
        assert report.drift == []
        assert report.after == head

    async def test_a_table_that_the_models_lack_is_named_as_drift(self, empty: str) -> None:
        await run(empty, "upgrade")
        await fetch(empty, "CREATE TABLE forgotten (id integer)")

        drift = (await run(empty, "check")).drift

        assert any("forgotten" in entry for entry in drift)

    async def test_a_second_upgrade_changes_nothing(self, empty: str) -> None:
        first = await run(empty, "upgrade")
        second = await run(empty, "upgrade")

        assert second.before == second.after == first.after

    async def test_a_failing_upgrade_leaves_nothing_behind(self, empty: str) -> None:
        await fetch(empty, "CREATE TABLE cardiology_results (in_the integer)")

        with pytest.raises(Exception, match="cardiology_results"):
            await run(empty, "upgrade")

        tables = await fetch(empty, LEFT_OVER)
        assert [row["relname"] for row in tables] == ["cardiology_results"]

    async def test_downgrade_without_a_revision_is_refused(self, empty: str) -> None:
        with pytest.raises(ValueError, match="Say to which revision"):
            await run(empty, "downgrade")

    async def test_two_jobs_at_once_run_one_after_the_other(self, empty: str) -> None:
        reports = await asyncio.gather(run(empty, "upgrade"), run(empty, "upgrade"))

        befores = sorted(str(report.before) for report in reports)
        assert befores == sorted([str(None), str(reports[0].after)])

    async def test_a_job_waits_while_another_holds_the_lock(self, empty: str) -> None:
        other = await asyncpg.connect(empty)
        await other.execute(f"BEGIN; SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        job = asyncio.create_task(run(empty, "current"))
        waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        await until("the job waits for the lock", lambda: other.fetch(waiting))
        assert not job.done()

        await other.execute("COMMIT")

        assert (await job).command == "current"
        await other.close()

    async def test_the_owner_needs_no_superuser(self, addresses: Addresses) -> None:
        (role,) = await fetch(
            addresses.owner, "SELECT * FROM pg_roles WHERE rolname = current_user"
        )

        assert not role["rolsuper"]
        assert not role["rolbypassrls"]

    @pytest.mark.parametrize(
        "host",
        ["ep-cool-name-123-pooler.eu-central-1.aws.neon.tech", "db-pooler.example.org"],
    )
    async def test_a_pooler_is_refused_before_anything_is_sent(self, host: str) -> None:
        with pytest.raises(PoolerRefused, match="MEDILENS_DIRECT_DATABASE_URL"):
            await run(f"postgresql://owner:secret@{host}/medilens?sslmode=require", "current")


class TestPasswords:
    async def test_the_functions_role_gets_a_password_of_any_characters(
        self, postgres: EmbeddedPostgres, addresses: Addresses
    ) -> None:
        request = MigrationRequest(command="upgrade")
        try:
            await migrate(addresses.owner, request, app_password=ODD_PASSWORD)
            encoded = quote(ODD_PASSWORD, safe="")
            url = postgres.url("medilens", user="medilens_app", password=encoded)
            assert (await fetch(url, "SELECT current_user AS me"))[0]["me"] == "medilens_app"
        finally:
            await migrate(addresses.owner, request, app_password="app")

    @pytest.mark.usefixtures("addresses")
    async def test_the_owners_own_may_hold_them_too(self, postgres: EmbeddedPostgres) -> None:
        connection = await asyncpg.connect(postgres.url("medilens"))
        quoted = await connection.fetchval("SELECT quote_literal($1::text)", ODD_PASSWORD)
        await connection.execute(
            f"CREATE ROLE odd LOGIN PASSWORD {quoted}; GRANT medilens_owner TO odd"
        )
        try:
            encoded = quote(ODD_PASSWORD, safe="")
            report = await run(postgres.url("medilens", user="odd", password=encoded), "current")
            assert report.before == report.after is not None
        finally:
            await connection.execute("DROP ROLE odd")
            await connection.close()


class TestHandler:
    @pytest.fixture(autouse=True)
    def configured_job(self, addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MEDILENS_DIRECT_DATABASE_URL", addresses.owner)
        monkeypatch.setenv("MEDILENS_IDENTITY_KEY", IDENTITY_KEY)
        settings.load.cache_clear()

    async def test_current_answers_what_lambda_can_return_as_json(self) -> None:
        answer = await asyncio.to_thread(handler, {"command": "current"}, None)

        assert answer["command"] == "current"
        assert answer["before"] == answer["after"]
        assert answer["drift"] == []

    async def test_the_deployed_schema_is_the_models_schema(self) -> None:
        answer = await asyncio.to_thread(handler, {"command": "check"}, None)

        assert answer["drift"] == []

    @pytest.mark.parametrize(
        "event",
        [{}, {"command": "drop"}, {"command": "upgrade", "sql": True}, {"revision": "head"}],
    )
    def test_anything_else_is_refused(self, event: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            handler(event, None)

    def test_a_missing_address_says_what_to_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("MEDILENS_DIRECT_DATABASE_URL")
        settings.load.cache_clear()

        with pytest.raises(settings.SettingsMissing, match="MEDILENS_DIRECT_DATABASE_URL"):
            handler({"command": "current"}, None)
