"""Everything on one laptop: Postgres, its schema, the demo clinic and the server.

What is kept lies in one folder, `.medilens` unless MEDILENS_HOME names another.
"""

import asyncio
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from urllib.parse import urlsplit

import uvicorn
from starlette.routing import Route

from local import demo
from local.child import LOOPBACK, PortTaken, free_port
from local.databases import (
    APP,
    DATABASE,
    OWNER,
    Databases,
    create_database,
    identity_key,
    named_databases,
    state_master_key,
    watched,
)
from local.home import ROOT, home, open_home, secret
from local.issuer import Issuer
from local.postgres import EmbeddedPostgres
from local.queue import MemoryQueue
from local.schedule import scheduled
from local.server import Server, discover
from local.signatures import REGION
from local.storage import BUCKET, DiskStore
from local.unusable_database import explained
from migrations.job import MigrationReport, MigrationRequest, migrate
from shared import settings
from shared.aws.signing import Credentials
from shared.permissions import RoleName

DEFAULT_PORT = 8000


# A day of ECG in two leads fits; only the clouds have smaller limits.
LOCAL_REQUEST_BYTES = 256 * settings.ONE_MEGABYTE
LOCAL_ANALYSIS_S, LOCAL_ANALYSIS_MB = 600, 8_000
SERVER_PATIENCE_S = 120


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Running:
    """A stack that serves: where, and where its databases are."""

    url: str
    databases: Databases
    started: bool  # by this process, rather than found running

    @property
    def issuer(self) -> Issuer:
        return Issuer.open(home() / "keys", self.url)

    def token(self, role: RoleName, organization: str = demo.ORGANIZATION) -> str:
        """Return a token of the demo person who holds `role`."""
        return self.issuer.issue(demo.subject(role, organization), organization)


@contextmanager
def databases() -> Iterator[Databases]:
    """Open the embedded Postgres, or the one that MEDILENS_DATABASE_URL names.

    Raises
    ------
    FolderUnusable, SettingsMissing
    """
    given = os.environ.get("MEDILENS_DATABASE_URL")
    if not given and (running := found_running()):
        yield running.databases
        return
    open_home()
    if given:
        yield named_databases(given)
        return
    with EmbeddedPostgres.start(home() / "postgres") as postgres, watched(postgres):
        owner_password = secret("owner-password")
        asyncio.run(create_database(postgres.url(), owner_password))
        app_password = secret("app-password")
        yield Databases(
            postgres.url(DATABASE, user=OWNER, password=owner_password),
            postgres.url(DATABASE, user=APP, password=app_password),
            app_password,
            identity_key(),
        )


def migrate_to(opened: Databases, request: MigrationRequest) -> MigrationReport:
    """Run the migration function's own code on the owner's address.

    Raises
    ------
    DatabaseUnusable, NoSuchRevision, PoolerRefused
    """
    with explained(opened.direct_url):
        return asyncio.run(
            migrate(
                opened.direct_url,
                request,
                app_password=opened.app_password,
                identity_keys=[opened.identity_key],
            )
        )


@contextmanager
def stack(port: int | None = None) -> Iterator[Running]:
    """Start everything and yield where it serves; leaving stops it all.

    This process gets the settings of its functions in its environment, where they stay.
    """
    port = free_port(port)
    url = f"http://{LOOPBACK}:{port}"
    with ExitStack() as opened:
        os.environ.setdefault("MEDILENS_ENVIRONMENT", settings.Environment.DEVELOPMENT)
        here = opened.enter_context(databases())
        migrate_to(here, MigrationRequest(command="upgrade"))
        _configure(here, url)
        cloud = _cloud(url)
        running = Running(url, here, started=True)
        with explained(here.direct_url):
            asyncio.run(demo.seed(here.direct_url))
        opened.enter_context(_serving(Server(discover(ROOT), running.issuer, cloud), port))
        opened.enter_context(scheduled(url, os.environ["MEDILENS_CRON_SECRET"]))
        opened.enter_context(_announced(running))
        yield running


def _configure(here: Databases, url: str) -> None:
    """Give the functions their settings, as their platform would."""
    os.environ["MEDILENS_DATABASE_URL"] = here.app_url
    os.environ["MEDILENS_IDENTITY_KEY"] = here.identity_key
    state_master_key()
    for name, value in {
        "MEDILENS_TOKEN_ISSUER": url,
        "MEDILENS_AUTHORIZED_PARTIES": url,
        "MEDILENS_MAX_REQUEST_BYTES": str(LOCAL_REQUEST_BYTES),
        "MEDILENS_CODE_VERSION": "local",
        "MEDILENS_ANALYSIS_TIMEOUT_S": str(LOCAL_ANALYSIS_S),
        "MEDILENS_ANALYSIS_MEMORY_MB": str(LOCAL_ANALYSIS_MB),
        "POWERTOOLS_LOG_LEVEL": "WARNING",
        "MEDILENS_CRON_SECRET": secret("cron-secret"),
        "MEDILENS_CHECKPOINT_KEY": sha256(secret("checkpoint-key").encode()).hexdigest(),
        "MEDILENS_CHECKPOINT_FOLDER": str(home() / "checkpoints"),
    }.items():
        os.environ.setdefault(name, value)
    settings.load.cache_clear()


def _cloud(url: str) -> list[Route]:
    """What stands in for the cloud's store and queue, unless the settings name a bucket."""
    if "MEDILENS_STORAGE_BUCKET" in os.environ:
        return []
    credentials = Credentials("local", secret("cloud-secret"))
    os.environ |= {
        "MEDILENS_STORAGE_BUCKET": BUCKET,
        "MEDILENS_STORAGE_ENDPOINT": url,
        "MEDILENS_QUEUE_URL": f"{url}/queue",
        "MEDILENS_AWS_REGION": REGION,
        "MEDILENS_AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "MEDILENS_AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
    }
    store = DiskStore.open(home() / "storage", credentials)
    return [*store.routes(), *MemoryQueue(credentials).routes()]


def join(running: Running) -> None:
    """Give this process the settings of the stack that another one serves."""
    _configure(running.databases, running.url)
    _cloud(running.url)


@contextmanager
def _serving(app: Server, port: int) -> Iterator[None]:
    """Serve in a thread, so that the caller's own Ctrl-C ends it."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=LOOPBACK,
            port=port,
            log_level="warning",
            lifespan="off",
            proxy_headers=False,  # the functions know themselves which proxies to believe
        )
    )
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    thread.start()
    deadline = time.monotonic() + SERVER_PATIENCE_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise PortTaken(f"The server did not start on port {port}.")
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def _announced(running: Running) -> Iterator[None]:
    """Let other commands find this stack."""
    place = home() / "running.json"
    place.touch(mode=0o600)
    place.write_text(json.dumps({"url": running.url, "databases": asdict(running.databases)}))
    try:
        yield
    finally:
        place.unlink(missing_ok=True)


def found_running() -> Running | None:
    """Return the stack of another process, if it left its file and whoever has its port answers."""
    with suppress(FileNotFoundError, ValueError, TypeError, OSError):
        told = json.loads((home() / "running.json").read_text())
        address = urlsplit(told["url"])
        with socket.create_connection((address.hostname or LOOPBACK, address.port or 0), 1):
            return Running(told["url"], Databases(**told["databases"]), started=False)
    return None


@contextmanager
def found_or_started() -> Iterator[Running]:
    """Use the stack that runs, or run one for as long as it takes."""
    running = found_running()
    if running:
        os.environ.setdefault("MEDILENS_ENVIRONMENT", settings.Environment.DEVELOPMENT)
        join(running)
        yield running
        return
    with stack() as started:
        yield started
