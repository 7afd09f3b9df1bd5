"""What the functions' role may not do, and how a change of it is noticed."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from migrations.job import MigrationRequest, migrate
from shared.database import session, transaction
from shared.http.health import ASK_AGAIN_AFTER_S
from shared.permissions import Permission, RoleName
from tests.conftest import APP_PASSWORD, Addresses, Clinic
from tests.factories.examinations import stored
from tests.migrations.conftest import TABLES
from tests.nonempty import nonempty

OTHER_SETTINGS = (
    "ALTER ROLE medilens_app SET search_path = elsewhere;"
    " ALTER ROLE medilens_app SET statement_timeout = 0;"
    " ALTER ROLE medilens_app SET default_transaction_read_only = on;"
    " ALTER ROLE medilens_app SET default_transaction_isolation = 'serializable'"
)
DRIFT = (
    "ALTER ROLE medilens_app SET statement_timeout = 0;"
    " ALTER ROLE medilens_app IN DATABASE medilens SET work_mem = '1GB';"
    " GRANT TEMPORARY ON DATABASE medilens TO medilens_app"
)
DRIFT_AS_TOLD = [
    "the role may create temporary tables",
    "the role's setting statement_timeout=30s is missing",
    "the role has another setting of statement_timeout",
    "the role has another setting of work_mem",
]


@pytest.fixture
async def functions_role(configured: Addresses) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(configured.app)
    yield connection
    await connection.close()


class TestRights:
    async def test_it_makes_no_temporary_table(self, functions_role: asyncpg.Connection) -> None:
        """One of the same name would answer every later client of a pooled connection."""
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await functions_role.execute("CREATE TEMPORARY TABLE assessments (id integer)")

    async def test_it_locks_no_table_against_others(
        self, functions_role: asyncpg.Connection, catalog: asyncpg.Connection
    ) -> None:
        for table in nonempty(await catalog.fetch(TABLES)):
            for mode in ("SHARE", "ACCESS EXCLUSIVE"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await functions_role.execute(
                        f"BEGIN; LOCK TABLE {table['name']} IN {mode} MODE"
                    )
                await functions_role.execute("ROLLBACK")

    async def test_it_changes_no_key_and_no_name_of_the_identity_provider(
        self, catalog: asyncpg.Connection
    ) -> None:
        rows = await catalog.fetch(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute"
            " WHERE attrelid IN (SELECT oid FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p'))"
            " AND attname IN ('id', 'organization_id', 'user_id', 'created_by', 'created_at',"
            " 'identity_subject', 'identity_organization', 'role_id')"
            " AND has_column_privilege('medilens_app', attrelid, attnum, 'UPDATE')"
        )
        # Whose an assessment or a consent is changes whoever manages patients, and nobody else:
        # `test_moves.py`, `test_merges.py`.
        assert sorted(map(tuple, rows)) == [("assessments", "user_id"), ("consents", "user_id")]

    async def test_a_finding_is_found_for_good(self, clinic: Clinic) -> None:
        await stored(clinic)
        with pytest.raises(Exception, match="never changed"):  # a body
            async with transaction.begin(
                clinic.caller(RoleName.CLINICIAN), Permission.REVIEW_ASSESSMENTS
            ) as connection:
                await connection.execute(text("UPDATE assessments SET risk_score = 99"))


class TestSettings:
    async def test_a_transaction_is_held_to_them_whatever_the_session_was_told(
        self, configured: Addresses, catalog: asyncpg.Connection
    ) -> None:
        await catalog.execute(OTHER_SETTINGS)
        try:
            async with transaction.unattended() as connection:
                for name, value in session.SETTINGS.items():
                    told = await connection.scalar(text(f"SHOW {name}"))
                    assert told == {"60s": "1min"}.get(value, value), name
                assert await connection.scalar(text("SHOW transaction_read_only")) == "off"
                isolation = await connection.scalar(text("SHOW transaction_isolation"))
                assert isolation == "read committed"
        finally:
            await upgrade(configured)

    async def test_deep_health_names_a_drift_and_the_migration_job_ends_it(
        self, clinic: Clinic, configured: Addresses, catalog: asyncpg.Connection
    ) -> None:
        assert (await health(clinic))["database"] == "ok"
        await catalog.execute(DRIFT)
        drifted = await health(clinic)
        await catalog.execute("REVOKE TEMPORARY ON DATABASE medilens FROM medilens_app")
        await upgrade(configured)

        assert drifted["database"] == "drifted"
        assert drifted["drift"] == DRIFT_AS_TOLD
        answer = await health(clinic)
        assert answer["database"] == "ok"
        assert "drift" not in answer


async def upgrade(configured: Addresses) -> None:
    request = MigrationRequest(command="upgrade")
    await migrate(configured.owner, request, app_password=APP_PASSWORD)


async def health(clinic: Clinic) -> dict[str, object]:
    """Ask after the database was last asked long enough ago."""
    await asyncio.sleep(ASK_AGAIN_AFTER_S)
    async with clinic.client(None) as client:
        answer = await client.get("/api/records/health", params={"deep": "1"})
        body: dict[str, object] = answer.json()
        return body
