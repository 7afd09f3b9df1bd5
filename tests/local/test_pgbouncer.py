"""What stands between the functions and Postgres at Neon, with the strictness of the oldest."""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from local import pgbouncer
from local.pgbouncer import PgBouncer, PgBouncerFailed, PgBouncerMissing, find_pgbouncer
from local.postgres import SUPERUSER, EmbeddedPostgres

needs_pgbouncer = pytest.mark.skipif(find_pgbouncer() is None, reason="PgBouncer is not installed")
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(tmp_path_factory.mktemp("postgres"), durable=False) as running:
        yield running


@pytest.fixture(scope="module")
def pooler(
    server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PgBouncer]:
    """One connection to Postgres, so that clients must share it."""
    users = {SUPERUSER: server.password}
    folder = tmp_path_factory.mktemp("pooler")
    with PgBouncer.start(folder, server.port, users, pool_size=1, tls=True) as running:
        yield running


@pytest.fixture(scope="module")
def trusting(pooler: PgBouncer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=pooler.authority)


@needs_pgbouncer
class TestPgBouncer:
    async def test_clients_share_a_connection_between_transactions(
        self, pooler: PgBouncer, trusting: ssl.SSLContext
    ) -> None:
        url = pooler.url("postgres", SUPERUSER)
        outcome = await asyncpg.connect(url, ssl=trusting, statement_cache_size=0)
        two = await asyncpg.connect(url, ssl=trusting, statement_cache_size=0)

        backends = {await c.fetchval("SELECT pg_backend_pid()") for c in (outcome, two, outcome)}

        assert len(backends) == 1
        await outcome.close()
        await two.close()

    @pytest.mark.parametrize("setting", ["jit", "statement_timeout", "search_path"])
    async def test_a_setting_at_connecting_is_refused(
        self, pooler: PgBouncer, trusting: ssl.SSLContext, setting: str
    ) -> None:
        with pytest.raises(asyncpg.ProtocolViolationError, match=setting):
            await asyncpg.connect(
                pooler.url("postgres", SUPERUSER), ssl=trusting, server_settings={setting: "0"}
            )

    async def test_a_wrong_password_is_refused(
        self, pooler: PgBouncer, trusting: ssl.SSLContext
    ) -> None:
        url = pooler.url("postgres", SUPERUSER).replace(pooler.users[SUPERUSER], "guess")

        with pytest.raises(asyncpg.PostgresError, match="SASL authentication failed"):
            await asyncpg.connect(url, ssl=trusting)

    async def test_a_client_that_does_not_trust_it_turns_away(self, pooler: PgBouncer) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncpg.connect(
                pooler.url("postgres", SUPERUSER), ssl=ssl.create_default_context()
            )

    async def test_plain_text_is_refused_where_tls_is_on(self, pooler: PgBouncer) -> None:
        with pytest.raises(asyncpg.PostgresError, match="SSL required"):
            await asyncpg.connect(pooler.url("postgres", SUPERUSER), ssl=False)

    async def test_more_clients_than_allowed_are_refused(
        self, server: EmbeddedPostgres, tmp_path: Path
    ) -> None:
        users = {SUPERUSER: server.password}
        with PgBouncer.start(tmp_path, server.port, users, max_client_conn=1) as small:
            first = await asyncpg.connect(small.url("postgres", SUPERUSER), ssl=False)
            with pytest.raises(asyncpg.PostgresError, match="max_client_conn"):
                await asyncpg.connect(small.url("postgres", SUPERUSER), ssl=False)
            await first.close()

    def test_a_second_start_in_the_same_folder_works(self, tmp_path: Path) -> None:
        for _ in range(2):
            with PgBouncer.start(tmp_path, 5432, {}, tls=True) as pooler:
                assert pooler.process.poll() is None

    def test_a_setting_it_does_not_know_is_shown(self, tmp_path: Path) -> None:
        with pytest.raises(PgBouncerFailed, match="pool_magic"):
            PgBouncer.start(tmp_path, 5432, {}, settings={"pool_magic": "1"})

    def test_passwords_and_the_key_are_private(self, pooler: PgBouncer) -> None:
        assert pooler.authority is not None
        for name in ("users.txt", "server.key"):
            assert pooler.authority.with_name(name).stat().st_mode & 0o777 == 0o600
        assert pooler.users[SUPERUSER] not in repr(pooler)

    @only_root
    def test_roots_pooler_runs_as_nobody_below_a_private_home(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir(mode=0o700)

        with PgBouncer.start(home / "pooler", 5432, {}, tls=True) as pooler:
            status = Path(f"/proc/{pooler.process.pid}/status").read_text()

        assert "Uid:\t65534\t65534\t65534\t65534" in status


class TestFindPgbouncer:
    def test_a_machine_without_it_is_told_what_to_install(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pgbouncer, "find_pgbouncer", lambda: None)

        with pytest.raises(PgBouncerMissing, match="apt install pgbouncer"):
            PgBouncer.start(tmp_path, 5432, {})

    @needs_pgbouncer
    def test_it_is_found_where_only_root_searches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nowhere")

        assert find_pgbouncer() is not None
