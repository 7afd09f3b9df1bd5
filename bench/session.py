"""What every part of the bench needs: a loaded database, poolers before it, people to sign in."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench import data
from bench.cluster import (
    APP,
    APP_PASSWORD,
    DATABASE,
    IDENTITY_KEY,
    MASTER_KEY,
    Cluster,
    cluster,
    connected,
)
from bench.data import Person
from bench.driver import create_tables
from bench.obvious_design import copy_rows
from bench.subjects import READ_FROM, WRITTEN_TO, configured
from local.issuer import Issuer
from local.pgbouncer import PgBouncer, find_pgbouncer

ISSUER = "https://issuer.bench"
SERVER_CONNECTIONS = 20


class NoStatistics(RuntimeError):
    """The server does not keep what is to be shown."""


@dataclass
class Session:
    """An open database with `people` in it."""

    cluster: Cluster
    issuer: Issuer
    folder: Path
    opened: ExitStack = field(repr=False)
    people: int = 0

    def load(self, value_rows: int, *, obvious: bool = True, until: datetime | None = None) -> None:
        """Bring the tables to so many biomarker values, and the obvious design's to the same.

        The last value is an hour old, or of the moment `until`.
        """
        people = data.people_for(value_rows)
        until = until or datetime.now(UTC) - timedelta(hours=1)
        asyncio.run(data.load(self.cluster.superuser_url, self.people, people, until))
        self.people = people
        if obvious:
            asyncio.run(copy_rows(self.cluster.superuser_url))

    def empty(self) -> None:
        """Remove what was loaded."""
        asyncio.run(data.empty(self.cluster.superuser_url))
        self.people = 0

    def need_statistics(self) -> None:
        """What a long run reads from the server's own statistics cannot be had afterwards."""
        loaded = str(asyncio.run(self.value("SHOW shared_preload_libraries")))
        if "pg_stat_statements" not in loaded:
            raise NoStatistics(
                "The full run reads pg_stat_statements. Add it to shared_preload_libraries and"
                " start the server again, or run with --quick."
            )

    def headers(self, person: Person = READ_FROM) -> dict[str, str]:
        """Sign in the clinician who treats the person."""
        token = self.issuer.issue(person.clinician_subject, person.organization)
        return {"authorization": f"Bearer {token}"}

    def assessment_id(self) -> str:
        """One of the person written to, which more values may be added to."""
        query = "SELECT id FROM assessments WHERE user_id = $1 LIMIT 1"
        return str(asyncio.run(self.value(query, WRITTEN_TO.id)))

    async def value(self, query: str, *parameters: object) -> object:
        async with connected(self.cluster.superuser_url) as connection:
            return await connection.fetchval(query, *parameters)

    def pooler(
        self, *, tls: bool = False, max_client_conn: int = 1000, **settings: str
    ) -> PgBouncer | None:
        """Start a pooler before the database, where there is one to start and it is on here."""
        if find_pgbouncer() is None or not self.cluster.is_local:
            return None
        folder = self.folder / f"pgbouncer-{len(list(self.folder.glob('pgbouncer-*')))}"
        pooler = PgBouncer.start(
            folder,
            self.cluster.port,
            {APP: APP_PASSWORD},
            pool_size=SERVER_CONNECTIONS,
            max_client_conn=max_client_conn,
            tls=tls,
            settings=settings,
        )
        return self.opened.enter_context(pooler)


def pooled_url(pooler: PgBouncer) -> str:
    url = pooler.url(DATABASE, APP)
    if pooler.authority is None:
        return url
    return f"{url}?sslmode=verify-full&sslrootcert={quote(str(pooler.authority))}"


@contextmanager
def session(folder: Path, given_url: str | None = None) -> Iterator[Session]:
    """Open an empty database and let the functions verify our own tokens."""
    with ExitStack() as opened:
        opened.enter_context(configured({"MEDILENS_ENVIRONMENT": "development"}))
        issuer = Issuer.open(folder / "keys", ISSUER)
        opened.enter_context(configured(_settings(issuer)))
        database = opened.enter_context(cluster(folder / "postgres", given_url))
        # A cursor is signed by a key that is made from the address, request by request.
        opened.enter_context(configured({"MEDILENS_DATABASE_URL": database.app_url}))
        asyncio.run(create_tables(database.superuser_url))
        yield Session(database, issuer, folder, opened)


def _settings(issuer: Issuer) -> Mapping[str, str]:
    public = issuer.keys["RS256"].public_key()
    return {
        "MEDILENS_IDENTITY_KEY": IDENTITY_KEY,
        "MEDILENS_MASTER_KEY": MASTER_KEY,
        "MEDILENS_TOKEN_ISSUER": ISSUER,
        "MEDILENS_TOKEN_PUBLIC_KEY": public.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ).decode(),
        # One person asks as often as there is time for.
        "MEDILENS_RATE_LIMIT_BURST": "0",
        # Its analyses are ready; what one costs others is measured by itself (`bench/stalls.py`).
        "MEDILENS_ANALYSIS_PROCESSES": "0",
        # As in production; what is written goes nowhere.
        "POWERTOOLS_LOG_LEVEL": os.environ.get("POWERTOOLS_LOG_LEVEL", "CRITICAL"),
    }
