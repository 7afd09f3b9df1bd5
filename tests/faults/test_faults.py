"""What breaks while clients store examinations: nothing acknowledged is lost, nothing is half.

Each test ends with `Clients.verify`: every acknowledged assessment exists exactly once, with all
its parts and its audit rows, and no other assessment exists.
"""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from fastapi import FastAPI

from bench.cluster import APP, APP_PASSWORD, DATABASE
from local.pgbouncer import PgBouncer, find_pgbouncer
from tests.faults.clients import CLIENTS, Clients
from tests.faults.conftest import Outcomes, Site, opened_site, working
from tests.faults.cutting import CuttingProxy, Do, every

POOLS = ["none", "sandbox"]
STALL_S = 5.0
DISK_BYTES = 192 * 1024 * 1024
both_pools = pytest.mark.parametrize("pool", POOLS)
needs_pgbouncer = pytest.mark.skipif(find_pgbouncer() is None, reason="PgBouncer is not installed")
type Env = pytest.MonkeyPatch


@both_pools
class TestPostgres:
    async def test_killed_and_started_again_loses_nothing(
        self, site: Site, app: FastAPI, pool: str, outcomes: Outcomes, monkeypatch: Env
    ) -> None:
        async with working(site, app, site.app_url, pool, monkeypatch) as clients:
            site.kill()
            await clients.refused(1)
            await site.restart()
            await clients.stored(CLIENTS)

        outcomes.add("Postgres killed (`kill -9`) and started again", pool, clients)

    async def test_stopped_fast_and_started_again_loses_nothing(
        self, site: Site, app: FastAPI, pool: str, outcomes: Outcomes, monkeypatch: Env
    ) -> None:
        async with working(site, app, site.app_url, pool, monkeypatch) as clients:
            await asyncio.to_thread(site.postgres.stop)
            await site.restart()
            await clients.stored(CLIENTS)

        outcomes.add("Postgres restarted in order", pool, clients)

    async def test_every_backend_terminated_again_and_again_loses_nothing(
        self, site: Site, app: FastAPI, pool: str, outcomes: Outcomes, monkeypatch: Env
    ) -> None:
        async with working(site, app, site.app_url, pool, monkeypatch) as clients:
            for _ in range(10):
                await terminate_all(site)
                await asyncio.sleep(0.2)
            await clients.stored(CLIENTS)

        outcomes.add("every backend terminated, ten times", pool, clients)


async def terminate_all(site: Site) -> None:
    connection = await asyncpg.connect(site.superuser_url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", APP
    )
    await connection.close()


@needs_pgbouncer
@both_pools
class TestPgBouncer:
    async def test_restarted_loses_nothing(
        self,
        site: Site,
        app: FastAPI,
        pool: str,
        outcomes: Outcomes,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        async with CuttingProxy(site.app_url) as way:
            # The proxy keeps the address while the pooler behind it changes its port.
            with pooler(site, tmp_path) as first:
                way.lead_to(first.url(DATABASE, APP))
                async with working(site, app, way.url, pool, monkeypatch) as clients:
                    first.stop()
                    await asyncio.sleep(0.5)
                    with pooler(site, tmp_path) as second:
                        way.lead_to(second.url(DATABASE, APP))
                        await clients.stored(CLIENTS)
                        await clients.finish()

        outcomes.add("PgBouncer killed and started again", pool, clients)


def pooler(site: Site, folder: Path) -> PgBouncer:
    return PgBouncer.start(folder / "pooler", site.postgres.port, {APP: APP_PASSWORD})


CUTS = {
    "cut before BEGIN arrives": every(5, b"BEGIN", Do.CUT),
    "cut in the middle of a transaction": every(5, b"INSERT INTO", Do.CUT),
    "cut after a statement, before its answer": every(5, b"INSERT INTO", Do.PASS_AND_CUT),
    "cut before COMMIT arrives": every(5, b"COMMIT", Do.CUT),
    "cut in the middle of COMMIT: stored, never answered": every(5, b"COMMIT", Do.PASS_AND_CUT),
}


@both_pools
class TestConnection:
    @pytest.mark.parametrize("fault", CUTS)
    async def test_cut_loses_nothing(
        self, site: Site, app: FastAPI, pool: str, fault: str, outcomes: Outcomes, monkeypatch: Env
    ) -> None:
        async with (
            CuttingProxy(site.app_url) as way,
            working(site, app, way.url, pool, monkeypatch) as clients,
        ):
            way.rule = CUTS[fault]
            await clients.stored(10 * CLIENTS)

        assert way.cuts > CLIENTS
        outcomes.add(f"connections {fault}", pool, clients)

    async def test_stalled_loses_nothing(
        self, site: Site, app: FastAPI, pool: str, outcomes: Outcomes, monkeypatch: Env
    ) -> None:
        async with (
            CuttingProxy(site.app_url) as way,
            working(site, app, way.url, pool, monkeypatch) as clients,
        ):
            for _ in range(2):
                await way.stall(STALL_S)
                await clients.stored(CLIENTS)

        assert clients.longest_s > STALL_S / 2
        outcomes.add("network stalled for 5 s, twice", pool, clients)


@both_pools
class TestClock:
    @pytest.mark.parametrize("hours", [-1, 1])
    async def test_wrong_by_an_hour_changes_the_order_of_nothing(
        self, site: Site, app: FastAPI, pool: str, hours: int, outcomes: Outcomes, monkeypatch: Env
    ) -> None:
        """Keys made by a wrong clock are still keys; times of storing are the database's."""
        right = time.time_ns
        shift_ns = hours * 3600 * 10**9
        async with working(site, app, site.app_url, pool, monkeypatch) as clients:
            monkeypatch.setattr(time, "time_ns", lambda: right() + shift_ns)
            await clients.stored(5 * CLIENTS)
            monkeypatch.setattr(time, "time_ns", right)

        latest = await newest(site, clients)
        assert abs(datetime.now(UTC) - latest) < timedelta(minutes=1)
        outcomes.add(f"a function's clock wrong by {hours:+d} h", pool, clients)


async def newest(site: Site, clients: Clients) -> datetime:
    connection = await asyncpg.connect(site.superuser_url)
    value: datetime = await connection.fetchval(
        "SELECT max(a.created_at) FROM assessments a JOIN organizations o"
        " ON o.id = a.organization_id WHERE o.identity_organization = $1",
        clients.clinic.identity,
    )
    await connection.close()
    return value


@both_pools
class TestDisk:
    async def test_full_loses_nothing(
        self,
        app: FastAPI,
        pool: str,
        outcomes: Outcomes,
        monkeypatch: pytest.MonkeyPatch,
        disk: Path,
        issuer_keys: Path,
    ) -> None:
        async with (
            opened_site(disk / "postgres", issuer_keys) as site,
            working(site, app, site.app_url, pool, monkeypatch) as clients,
        ):
            ballast = fill(disk)
            await clients.refused(CLIENTS)
            ballast.unlink()
            if site.postgres.process.poll() is not None:
                # Without room for its log the server gives up; an operator starts it again.
                site.postgres.stop()
                await site.restart()
            await clients.stored(CLIENTS)
            await clients.finish()
            await clients.verify(site.superuser_url)

        outcomes.add("disk of the server full, then freed", pool, clients)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk so small that a test can fill it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)],
        stderr=subprocess.DEVNULL,
    )
    if not mounted:
        pytest.skip("a small disk is mounted by root only")
    try:
        yield folder
    finally:
        subprocess.check_call(["umount", str(folder)])


def fill(disk: Path) -> Path:
    """Leave no byte."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"\0" * 65536)
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0")
    return ballast
