"""A real Postgres built by running the migrations, and people to sign in as.

Tests of queries work on `connection`, which is rolled back. Tests over HTTP commit for real, as
production does: each has an organization of its own, so none sees another's rows.
"""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import hypothesis
import pytest
import uvicorn
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx import ASGITransport, AsyncClient
from mangum import Mangum
from moto.server import ThreadedMotoServer
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from local import child, demo
from local.child import LOOPBACK, free_port
from local.issuer import Issuer
from local.postgres import EmbeddedPostgres
from local.server import Server, discover
from migrations.job import MigrationRequest, migrate
from shared import rates, settings
from shared.caller import Caller
from shared.database import engine
from shared.database.address import connect_options
from shared.model_settings import concerns
from shared.permissions import RoleName
from shared.settings import Settings
from tests import clock
from tests.integrity import dangling
from tests.waiting import PATIENCE_S, wait_until

# What it takes to start this Python in an environment that has nothing else.
INTERPRETER = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
ROOT = Path(__file__).parent.parent
# Where the voice engine has no package, all else is tested.
collect_ignore_glob = (
    [] if find_spec("parselmouth") else ["functions/speech/*", "accuracy/*speech*", "browser/*"]
)
ISSUER = "https://issuer.test"
WEBHOOK_SECRET = "whsec_" + "dGhlIHRlc3RzJyBvd24gaWRlbnRpdHkgcHJvdmlkZXI="
OWNER_PASSWORD, APP_PASSWORD = "owner", "app"
IDENTITY_KEY = "0123456789abcdef" * 4
MASTER_KEY = "fedcba9876543210" * 4

type Configure = Callable[..., None]


def variables(*kinds: type[Settings]) -> set[str]:
    """The names of the settings of some concerns, or of all."""
    return {
        f"MEDILENS_{name.upper()}" for kind in kinds or concerns() for name in kind.model_fields
    }


# A busy machine is no fault of what is tested, and the same code is judged alike in every run;
# `pytest --hypothesis-profile=exploring` draws examples that nobody has tried.
hypothesis.settings.register_profile(
    "exploring", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "steady", hypothesis.settings.get_profile("exploring"), derandomize=True
)
hypothesis.settings.load_profile("steady")

if clock.MOMENT in os.environ:
    clock.pass_on(child.CLEAN_ENVIRONMENT)
    time.sleep = clock.sleep


@pytest.fixture(autouse=True)
def at_moment(request: pytest.FixtureRequest) -> None:
    """Begin a test marked `clock` at the moment that `make test-clock` has chosen."""
    if clock.MOMENT in os.environ and request.node.get_closest_marker("clock"):
        clock.begin_at_moment()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.start(
        tmp_path_factory.mktemp("postgres") / "server", durable=False
    ) as it:
        yield it


@dataclass(frozen=True)
class Addresses:
    superuser: str
    owner: str
    app: str


@pytest.fixture(scope="session")
async def addresses(postgres: EmbeddedPostgres) -> AsyncIterator[Addresses]:
    """A migrated database, owned by a role that is no superuser."""
    connection = await asyncpg.connect(postgres.url())
    await connection.execute(
        f"CREATE ROLE medilens_owner LOGIN CREATEROLE PASSWORD '{OWNER_PASSWORD}'"
    )
    await connection.execute("CREATE DATABASE medilens OWNER medilens_owner")
    await connection.close()
    owner = postgres.url("medilens", user="medilens_owner", password=OWNER_PASSWORD)
    request = MigrationRequest(command="upgrade")
    await migrate(owner, request, app_password=APP_PASSWORD, identity_keys=[IDENTITY_KEY])
    yield Addresses(
        postgres.url("medilens"),
        owner,
        postgres.url("medilens", user="medilens_app", password=APP_PASSWORD),
    )
    assert await dangling(postgres.url("medilens")) == []


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    os.environ["MEDILENS_ENVIRONMENT"] = "development"
    return Issuer.open(tmp_path_factory.mktemp("issuer"), ISSUER)


@pytest.fixture(autouse=True, scope="session")
def no_loop_of_mangums() -> Iterator[None]:
    """Mangum makes an event loop where there is none: on Lambda its own, here nobody's to close."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Mangum, "_setup_event_loop", lambda _: None)
        yield


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """The next test reads its own settings, and is within no request that this one began.

    Set up before all other fixtures, so that what they had changed is undone by then.
    """
    yield
    rates.nobody_waits()
    settings.load.cache_clear()


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Set MEDILENS_ settings for one test that needs no database; None takes one away."""

    def change(**values: str | None) -> None:
        for name, value in values.items():
            variable = f"MEDILENS_{name.upper()}"
            monkeypatch.delenv(variable, raising=False)
            if value is not None:
                monkeypatch.setenv(variable, value)
        settings.load.cache_clear()

    return change


@pytest.fixture(scope="session")
def configured(addresses: Addresses, issuer: Issuer) -> Iterator[Addresses]:
    """The functions' settings, with the issuer's key in place of its address."""
    public = issuer.keys["RS256"].public_key()
    values = {
        "MEDILENS_DATABASE_URL": addresses.app,
        "MEDILENS_IDENTITY_KEY": IDENTITY_KEY,
        "MEDILENS_MASTER_KEY": MASTER_KEY,
        "MEDILENS_TOKEN_ISSUER": ISSUER,
        "MEDILENS_TOKEN_PUBLIC_KEY": public.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ).decode(),
        "MEDILENS_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        # Tests ask as often as they like; those of the limit set one.
        "MEDILENS_RATE_LIMIT_BURST": "0",
        # Kept as by a warm sandbox: one a request takes most of a test's time, and what a request
        # leaves on a connection shows in the next. Tests of connections set both.
        "MEDILENS_DATABASE_POOL": "sandbox",
        # Where a test replaces an analysis, it does so in this process.
        "MEDILENS_ANALYSIS_PROCESSES": "0",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        settings.load.cache_clear()
        yield addresses
    settings.load.cache_clear()


@pytest.fixture(scope="session")
def aws(configured: Addresses) -> Iterator[str]:
    """The address of a store and a queue that speak as AWS's do, which the functions use."""
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    url = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDILENS_STORAGE_BUCKET", "recordings")
        patch.setenv("MEDILENS_STORAGE_ENDPOINT", url)
        patch.setenv("MEDILENS_AWS_REGION", "us-east-1")
        patch.setenv("MEDILENS_AWS_ACCESS_KEY_ID", "key")
        patch.setenv("MEDILENS_AWS_SECRET_ACCESS_KEY", "secret")
        settings.load.cache_clear()
        wait_until("the store in place of AWS's takes a bucket", lambda: _has_bucket(url))
        yield url
    settings.load.cache_clear()
    moto.stop()


def _has_bucket(url: str) -> bool:
    try:
        return httpx.put(f"{url}/recordings", timeout=PATIENCE_S).is_success
    except httpx.TransportError:
        return False


@dataclass(frozen=True)
class Clinic:
    """An organization of one test, with a person of each role."""

    identity: str
    issuer: Issuer
    server: Server
    roles: tuple[RoleName, ...]

    def token(self, role: RoleName) -> str:
        return self.issuer.issue(demo.subject(role, self.identity), self.identity)

    def person_id(self, role: RoleName) -> UUID:
        return demo.person_id(role, self.identity)

    def caller(self, role: RoleName) -> Caller:
        return Caller(demo.subject(role, self.identity), self.identity, "request-0")

    def client(self, role: RoleName | None) -> AsyncClient:
        """A client that signs in as the person of `role`, or as nobody."""
        headers = {"Authorization": f"Bearer {self.token(role)}"} if role else {}
        transport = ASGITransport(self.server, raise_app_exceptions=False)
        return AsyncClient(transport=transport, base_url="http://test", headers=headers)


@pytest.fixture(scope="session")
def server(configured: Addresses) -> Server:
    return Server(discover(ROOT))


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    """The server of the tests on a port of its own, in a thread with a loop of its own."""
    port = free_port(None)
    config = uvicorn.Config(server, host=LOOPBACK, port=port, log_level="error", lifespan="off")
    running = uvicorn.Server(config)

    async def serve() -> None:
        await running.serve()
        await engine.current().dispose()  # the loop's own

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://{LOOPBACK}:{port}"
    running.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
async def founder(configured: Addresses) -> AsyncIterator[AsyncConnection]:
    """One connection for all clinics: a new one takes longer than what it is opened for."""
    address, options = connect_options(configured.owner)
    owners = create_async_engine(address, connect_args=options)
    async with owners.connect() as connection:
        yield connection
    await owners.dispose()


@pytest.fixture
async def new_clinic(
    founder: AsyncConnection, issuer: Issuer, server: Server
) -> Callable[[], Awaitable[Clinic]]:
    async def make() -> Clinic:
        identity = f"org_{uuid4().hex}"
        async with founder.begin():
            roles = await demo.seed_organization(founder, identity, "A clinic")
        return Clinic(identity, issuer, server, roles)

    return make


@pytest.fixture
async def clinic(new_clinic: Callable[[], Awaitable[Clinic]]) -> Clinic:
    return await new_clinic()


@pytest.fixture
async def elsewhere(new_clinic: Callable[[], Awaitable[Clinic]]) -> Clinic:
    """Another tenant."""
    return await new_clinic()


class Rollback(Exception):
    """Ends a transaction that a test does not want kept."""


@pytest.fixture
async def auditor(configured: Addresses) -> AsyncIterator[asyncpg.Connection]:
    """The superuser, who sees the audit trail."""
    connection = await asyncpg.connect(configured.superuser)
    yield connection
    await connection.close()
