"""A Postgres to measure: an embedded one with its own data, or one that is given."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from local.postgres import EmbeddedPostgres
from migrations.job import MigrationRequest, migrate

DATABASE = "medilens_bench"
OWNER, OWNER_PASSWORD = "medilens_owner", "owner"
APP, APP_PASSWORD = "medilens_app", "app"
IDENTITY_KEY = "bench" * 8
MASTER_KEY = "be" * 32

# Loading dominates a run: index builds in memory, and no write-ahead log for what is built anew.
LOADING_SETTINGS = {
    "shared_buffers": "1GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_planning": "on",
}


# The server is left as it was found.
LEAVE = (
    f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)",
    """DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT rolname FROM pg_roles WHERE rolname ~ '^medilens_' LOOP
            EXECUTE format('DROP ROLE %I', name);
        END LOOP;
    END $$""",
)


class ServerInUse(RuntimeError):
    """The given server is somebody's."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect past the functions; no command has a time limit."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@dataclass(frozen=True)
class Cluster:
    """A migrated database, and who may come in."""

    superuser_url: str
    app_url: str

    @property
    def port(self) -> int:
        return urlsplit(self.superuser_url).port or 5432

    @property
    def is_local(self) -> bool:
        return urlsplit(self.superuser_url).hostname in {"127.0.0.1", "localhost"}


@contextmanager
def cluster(folder: Path, given_url: str | None = None) -> Iterator[Cluster]:
    """Open a database of the bench's own, on the given server or on an embedded one."""
    if given_url:
        with _created(given_url) as made:
            yield made
        return
    _configure(folder)
    with EmbeddedPostgres.start(folder) as server, _created(server.url()) as made:
        yield made


def _configure(folder: Path) -> None:
    with EmbeddedPostgres.start(folder) as server:
        asyncio.run(
            _run(
                server.url(),
                *(f"ALTER SYSTEM SET {k} = '{v}'" for k, v in LOADING_SETTINGS.items()),
            )
        )


@contextmanager
def _created(server_url: str) -> Iterator[Cluster]:
    asyncio.run(_refuse_if_used(server_url))
    try:
        asyncio.run(create(server_url))
        yield Cluster(_address(server_url), _address(server_url, APP, APP_PASSWORD))
    finally:
        asyncio.run(_run(server_url, *LEAVE))


async def _refuse_if_used(server_url: str) -> None:
    """Roles belong to the whole server: ours would take the place of a clinic's."""
    async with connected(server_url) as connection:
        roles = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname ~ '^medilens_'")
    if roles:
        raise ServerInUse(
            f"The server has {', '.join(row['rolname'] for row in roles)}: MediLens lives there."
            " Measure on a server of its own, or drop what an interrupted run left there."
        )


async def create(server_url: str) -> None:
    """Create and migrate the database, owned by a role that is no superuser."""
    await _run(
        server_url,
        f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{OWNER_PASSWORD}'",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
    )
    owner = _address(server_url, OWNER, OWNER_PASSWORD)
    request = MigrationRequest(command="upgrade")
    await migrate(owner, request, app_password=APP_PASSWORD, identity_keys=[IDENTITY_KEY])
    await _run(_address(server_url), "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


async def _run(url: str, *statements: str) -> None:
    async with connected(url) as connection:
        for statement in statements:
            await connection.execute(statement)


def _address(url: str, user: str | None = None, password: str | None = None) -> str:
    parts = urlsplit(url)
    _, _, host = parts.netloc.rpartition("@")
    netloc = f"{user}:{password}@{host}" if user else parts.netloc
    return parts._replace(netloc=netloc, path=f"/{DATABASE}").geturl()
