"""The engine behind a transaction pooler that shares one connection among everybody."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from local.pgbouncer import PgBouncer, find_pgbouncer
from local.postgres import EmbeddedPostgres
from shared.database import retry, sign_of_life, transaction
from shared.errors import Unavailable
from shared.permissions import RoleName
from tests.conftest import APP_PASSWORD, Clinic
from tests.factories.examinations import stored
from tests.shared.conftest import Reconfigure

pytestmark = pytest.mark.skipif(find_pgbouncer() is None, reason="PgBouncer is not installed")

APP = "medilens_app"
USERS = {APP: APP_PASSWORD}
PATH = "/api/records/assessments"
REQUESTS, AT_ONCE = 200, 16
OPENED = "SELECT pid FROM pg_stat_activity WHERE usename = $1 AND backend_start > $2"


@pytest.fixture(scope="module")
def since() -> datetime:
    """When the pooler was started: older connections are those of other tests."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def pooler(
    since: datetime, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PgBouncer]:
    folder = tmp_path_factory.mktemp("pooler")
    with PgBouncer.start(folder, postgres.port, USERS, pool_size=1) as running:
        yield running


@pytest.fixture(scope="module")
def encrypted(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PgBouncer]:
    folder = tmp_path_factory.mktemp("encrypted")
    with PgBouncer.start(folder, postgres.port, USERS, tls=True) as running:
        yield running


@pytest.fixture
def behind(pooler: PgBouncer, reconfigure: Reconfigure) -> PgBouncer:
    reconfigure(database_url=pooler.url("medilens", APP))
    return pooler


@asynccontextmanager
async def held(pooler: PgBouncer) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else in the middle of a transaction, with the only connection in hand."""
    other = await asyncpg.connect(pooler.url("medilens", APP), statement_cache_size=0)
    await other.execute("BEGIN")
    yield other
    await other.execute("ROLLBACK")
    await other.close()


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was tried, without waiting long between."""
    made: list[str] = []
    really = transaction._try_open

    async def counted(opening: Callable[[], str]) -> Any:
        made.append(opening())
        return await really(opening)

    monkeypatch.setattr(transaction, "_try_open", counted)
    monkeypatch.setattr(retry, "RETRY_DELAYS_S", (0.001, 0.001))
    return made


class TestOneConnection:
    @pytest.mark.parametrize("pool", ["none", "sandbox"])
    async def test_two_tenants_interleaved_never_see_each_other(
        self,
        clinic: Clinic,
        elsewhere: Clinic,
        pooler: PgBouncer,
        reconfigure: Reconfigure,
        pool: str,
    ) -> None:
        reconfigure(database_url=pooler.url("medilens", APP), database_pool=pool)
        tenants = (clinic, elsewhere)
        own = {tenant.identity: str(await stored(tenant)) for tenant in tenants}
        gate = asyncio.Semaphore(AT_ONCE)

        async def shown(tenant: Clinic) -> list[str]:
            async with gate, tenant.client(RoleName.CLINICIAN) as client:
                answer = await client.get(PATH)
                assert answer.status_code == 200, answer.text
                return [item["id"] for item in answer.json()["items"]]

        asked = [tenants[number % 2] for number in range(REQUESTS)]
        answers = await asyncio.gather(*(shown(tenant) for tenant in asked))

        assert answers == [[own[tenant.identity]] for tenant in asked]

    async def test_it_was_one_connection_and_nothing_stayed_on_it(
        self, clinic: Clinic, behind: PgBouncer, auditor: asyncpg.Connection, since: datetime
    ) -> None:
        for _ in range(3):
            await stored(clinic)
        pids = await auditor.fetch(OPENED, APP, since)
        assert len(pids) == 1
        other = await asyncpg.connect(behind.url("medilens", APP), statement_cache_size=0)
        assert await other.fetchval("SELECT pg_backend_pid()") == pids[0]["pid"]
        assert await other.fetchval("SELECT count(*) FROM pg_prepared_statements") == 0
        for name in ("organization_id", "user_id", "scope", "role", "request"):
            setting = await other.fetchval(f"SELECT current_setting('medilens.{name}', true)")
            assert not setting, name
        assert await other.fetchval("SELECT count(*) FROM assessments") == 0
        await other.close()

    async def test_settings_of_the_role_hold_behind_it(self, behind: PgBouncer) -> None:
        other = await asyncpg.connect(behind.url("medilens", APP), statement_cache_size=0)
        assert await other.fetchval("SHOW jit") == "off"
        assert await other.fetchval("SHOW statement_timeout") == "30s"
        await other.close()

    async def test_a_killed_server_connection_is_replaced_unnoticed(
        self, clinic: Clinic, behind: PgBouncer, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        await auditor.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", APP
        )
        await stored(clinic)
        assert behind.process.poll() is None


class TestFull:
    @pytest.mark.parametrize(
        ("pooler_waits_s", "we_wait_s"), [(1, 2), (120, 0.3)], ids=["the pooler ends it", "we do"]
    )
    async def test_no_free_connection_in_time_is_503(
        self,
        clinic: Clinic,
        postgres: EmbeddedPostgres,
        reconfigure: Reconfigure,
        tmp_path: Path,
        pooler_waits_s: int,
        we_wait_s: float,
    ) -> None:
        waits = {"query_wait_timeout": str(pooler_waits_s)}
        with PgBouncer.start(tmp_path, postgres.port, USERS, pool_size=1, settings=waits) as pooler:
            reconfigure(database_url=pooler.url("medilens", APP))
            async with held(pooler), clinic.client(RoleName.CLINICIAN) as client:
                with pytest.MonkeyPatch.context() as impatient:
                    impatient.setattr(retry, "RETRY_WITHIN_S", we_wait_s)
                    answer = await client.get(PATH)
                assert answer.status_code == 503
                assert answer.headers["retry-after"] == "1"
            async with clinic.client(RoleName.CLINICIAN) as client:
                assert (await client.get(PATH)).status_code == 200

    async def test_no_room_for_another_client_is_tried_again_and_then_503(
        self,
        clinic: Clinic,
        postgres: EmbeddedPostgres,
        reconfigure: Reconfigure,
        tries: list[str],
        tmp_path: Path,
    ) -> None:
        with PgBouncer.start(tmp_path, postgres.port, USERS, max_client_conn=1) as pooler:
            reconfigure(database_url=pooler.url("medilens", APP))
            async with held(pooler), clinic.client(RoleName.CLINICIAN) as client:
                assert (await client.get(PATH)).status_code == 503
                assert len(tries) == 3
            async with clinic.client(RoleName.CLINICIAN) as client:
                assert (await client.get(PATH)).status_code == 200


class TestRefused:
    async def test_a_wrong_password_is_tried_once(
        self, clinic: Clinic, pooler: PgBouncer, reconfigure: Reconfigure, tries: list[str]
    ) -> None:
        url = pooler.url("medilens", APP).replace(f":{APP_PASSWORD}@", ":guess@")
        reconfigure(database_url=url)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(PATH)
        assert answer.status_code == 503
        assert "guess" not in answer.text
        assert len(tries) == 1


class TestTls:
    async def test_a_certificate_of_ones_own_authority_is_verified(
        self, clinic: Clinic, encrypted: PgBouncer, reconfigure: Reconfigure
    ) -> None:
        url = encrypted.url("medilens", APP)
        reconfigure(
            database_url=f"{url}?sslmode=verify-full&sslrootcert={encrypted.authority}"
            "&channel_binding=require"
        )
        await stored(clinic)

    async def test_a_certificate_of_nobody_we_know_is_refused_at_once(
        self, encrypted: PgBouncer, reconfigure: Reconfigure, tries: list[str]
    ) -> None:
        reconfigure(database_url=encrypted.url("medilens", APP) + "?sslmode=require")
        with pytest.raises(Unavailable):
            await sign_of_life.ping()
        assert len(tries) == 1
