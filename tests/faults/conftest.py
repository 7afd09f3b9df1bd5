"""A durable Postgres of the faults' own, which they may kill.

They take minutes, so they run only when asked for: `make test-faults`. What came of each is written
into docs/reliability.md.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4
from weakref import WeakKeyDictionary

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.application import create_bench_app
from bench.cluster import APP, APP_PASSWORD, DATABASE, IDENTITY_KEY, MASTER_KEY, create
from local import demo
from local.child import PortTaken
from local.issuer import Issuer
from local.owner import as_owner
from local.postgres import EmbeddedPostgres
from local.server import Server
from shared import settings
from shared.database import engine
from tests.conftest import ISSUER, ROOT, Clinic
from tests.faults.clients import Clients

ASKED_FOR = "MEDILENS_FAULTS"
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
RESTART_PATIENCE_S = 30
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get(ASKED_FOR):
        return
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="takes minutes: make test-faults"))


@dataclass
class Site:
    """The server, and where clients come in."""

    folder: Path
    postgres: EmbeddedPostgres
    issuer: Issuer

    @property
    def superuser_url(self) -> str:
        return self.postgres.url(DATABASE)

    @property
    def app_url(self) -> str:
        return self.postgres.url(DATABASE, user=APP, password=APP_PASSWORD)

    def kill(self) -> None:
        """End the server as a power cut would; its watcher goes with it."""
        self.postgres.process.kill()
        self.postgres.stop()

    async def restart(self) -> None:
        """Start the server again on its data and its port, once the last of it is gone."""
        port = urlsplit(self.superuser_url).port
        async with asyncio.timeout(RESTART_PATIENCE_S):
            while True:
                try:
                    started = await asyncio.to_thread(EmbeddedPostgres.start, self.folder, port)
                except PortTaken:
                    await asyncio.sleep(0.05)
                else:
                    self.postgres = started
                    return


@pytest.fixture(scope="session")
def issuer_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory, issuer_keys: Path) -> AsyncIterator[Site]:
    async with opened_site(tmp_path_factory.mktemp("faults") / "postgres", issuer_keys) as site:
        yield site


@asynccontextmanager
async def opened_site(folder: Path, keys: Path) -> AsyncIterator[Site]:
    os.environ["MEDILENS_ENVIRONMENT"] = "development"
    site = Site(folder, EmbeddedPostgres.start(folder), Issuer.open(keys, ISSUER))
    try:
        await create(site.postgres.url())
        yield site
    finally:
        site.postgres.stop()


@pytest.fixture
def app(site: Site, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    sign_in_with(site.issuer, monkeypatch)
    return create_bench_app()


def sign_in_with(issuer: Issuer, patch: pytest.MonkeyPatch) -> None:
    public = issuer.keys["RS256"].public_key()
    patch.setenv("MEDILENS_TOKEN_ISSUER", ISSUER)
    patch.setenv(
        "MEDILENS_TOKEN_PUBLIC_KEY",
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    )
    patch.setenv("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    settings.load.cache_clear()


@asynccontextmanager
async def working(
    site: Site, app: FastAPI, url: str, pool: str, patch: pytest.MonkeyPatch
) -> AsyncIterator[Clients]:
    """Clients at work on `url`; afterwards everything they were told must be true."""
    connect_to(url, pool, patch)
    clinic = await new_clinic(site)
    async with Clients(app, clinic) as clients:
        yield clients
    await clients.verify(site.superuser_url)
    await engine.current().dispose()


def connect_to(url: str, pool: str, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("MEDILENS_DATABASE_URL", url)
    patch.setenv("MEDILENS_DATABASE_POOL", pool)
    patch.setenv("MEDILENS_IDENTITY_KEY", IDENTITY_KEY)
    patch.setenv("MEDILENS_MASTER_KEY", MASTER_KEY)
    patch.setenv("MEDILENS_RATE_LIMIT_BURST", "0")  # a few people stand for many
    settings.load.cache_clear()
    engines: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncEngine] = WeakKeyDictionary()
    patch.setattr(engine, "_engines", engines)


async def new_clinic(site: Site) -> Clinic:
    identity = f"org_{uuid4().hex}"
    async with as_owner(site.superuser_url) as connection:
        roles = await demo.seed_organization(connection, identity, "A clinic")
    return Clinic(identity, site.issuer, Server({}), roles)


@dataclass
class Outcomes:
    """One line a fault, for the documentation."""

    lines: list[str]

    def add(self, fault: str, pool: str, clients: Clients) -> None:
        refused = clients.answers[503]
        self.lines.append(
            f"| {fault} | {pool} | {len(clients.acknowledged)} | {refused} | 0 | 0 |"
            f" {clients.slowest_refusal_s:.1f} s | {clients.longest_s:.1f} s |"
        )


@pytest.fixture(scope="session")
def outcomes(request: pytest.FixtureRequest) -> Iterator[Outcomes]:
    """Collect a line a fault, and write them down if every fault was there and harmless."""
    outcome = Outcomes([])
    yield outcome
    if request.config.getoption("keyword") or len(outcome.lines) < request.session.testscollected:
        return
    head = [
        "| fault | pool | stored | answered 503 | lost, double | half | slowest 503 | longest |",
        "|---|---|---|---|---|---|---|---|",
    ]
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    measured = "\n".join([*head, *outcome.lines])
    PAGE.write_text(f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}")
