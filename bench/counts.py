"""What does not depend on the machine's load: round trips, transactions, buffers.

These are limits, not measurements: exceeding one fails the run.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from bench.by_hand import sent_by
from bench.competitors import DIRECT, SANDBOX, WARM, settings_of_ours
from bench.data_layer import DataLayer, reading
from bench.session import Session
from bench.subjects import WARM_UP, Operation, configured, ours_now
from shared.database import engine
from tests.round_trips import RoundTripProxy

# Round trips of a read and of a write.
LIMITS = {DIRECT: (8, 9), WARM: (3, 4)}
# What asking for permission before an analysis adds: a connection of its own where none is kept,
# the opening, whether the person is within reach, the end.
ASKING_FIRST = {DIRECT: 7, WARM: 3}
# Pages of a history: what it reads, and with its audit row, which enters four indexes. Below a
# million values, where every change is measured, an index has a level less: nothing may be added.
# Four of them are the catalog of biomarkers, which is read whole while it is so small; five, and
# one more of the audit row, are one and the same page: the key by which each seal is checked.
MILLION = 1_000_000
QUICK_READ_PAGES, QUICK_ALL_PAGES = 29, 40
# What is required where there is something to read; with more, a month's key gets another level.
REQUIRED_READ_PAGES, REQUIRED_UP_TO = 36, 10 * MILLION


@dataclass(frozen=True)
class Count:
    """One number that has a limit, or none."""

    what: str
    number: int
    limit: int | None


def round_trips(here: Session) -> list[Count]:
    """Count each operation in each setting, on an invocation after the first."""
    counts: list[Count] = []
    filled = here.assessment_id()
    for name, environment in settings_of_ours(here).items():
        limits = LIMITS.get(name)
        counted = asyncio.run(_counted(here, environment, filled))
        for operation, (trips, transactions) in counted.items():
            asks_first = operation is Operation.STORE
            limit = limits[operation.writes] if limits else None
            if limit is not None and asks_first:
                limit += ASKING_FIRST[name]
            counts.append(Count(f"round trips: {name}: {operation}", trips, limit))
            if transactions is not None:
                what = f"transactions: {name}: {operation}"
                counts.append(Count(what, transactions, 1 + asks_first))
    return counts


async def _counted(
    here: Session, environment: Mapping[str, str], assessment_id: str
) -> dict[Operation, tuple[int, int | None]]:
    address = environment["MEDILENS_DATABASE_URL"]
    plain, _, query = address.partition("?")
    async with RoundTripProxy(plain) as proxy:
        through = f"{proxy.url}?{query}" if query else proxy.url
        with configured({**environment, "MEDILENS_DATABASE_URL": through}):
            it = ours_now(here.headers(), assessment_id)
            counted = {}
            for operation, run in it.operations().items():
                for _ in range(WARM_UP):
                    proxy.take()
                    await run()
                    await asyncio.sleep(0)
                traffic = proxy.take()
                # Inside TLS nobody can tell.
                begun = None if "sslmode=verify-full" in query else traffic.transactions
                counted[operation] = (traffic.round_trips, begun)
            await it.close()
    return counted


def history_pages(here: Session, value_rows: int, until: datetime | None = None) -> list[Count]:
    """Count the pages that one history touches, without and with its audit row.

    It ends now, or at the moment `until`.
    """
    reading_limit, whole_limit = page_limits(value_rows)
    plan = asyncio.run(_history_plan(here, until))
    (page,) = [node for node in plan["Plans"] if node.get("Subplan Name") == "CTE page"]
    return [
        Count("pages: 90-day history, reading", pages(page), reading_limit),
        Count("pages: 90-day history, with its audit row", pages(plan), whole_limit),
    ]


def page_limits(value_rows: int) -> tuple[int | None, int | None]:
    """Return the limits of reading and of all, where so many values are stored."""
    if value_rows < MILLION:
        return QUICK_READ_PAGES, QUICK_ALL_PAGES
    return (REQUIRED_READ_PAGES if value_rows <= REQUIRED_UP_TO else None), None


def pages(plan: Mapping[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


async def _history_plan(here: Session, until: datetime | None) -> Any:
    it = DataLayer(UUID(int=0))
    (sent,) = await sent_by(lambda: it.history(until))
    return await plan_of(here, sent.sql, sent.filled({}))


async def plan_of(here: Session, sql: str, parameters: Sequence[Any]) -> Any:
    """Explain the very statement that a repository sends, in a caller's transaction."""
    with configured({"MEDILENS_DATABASE_URL": here.cluster.app_url, **SANDBOX}):
        warm = engine.current()
    explain = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}"
    async with reading() as connection:
        raw = await connection.get_raw_connection()
        driver: asyncpg.Connection = raw.driver_connection
        # The first time a session calls a function it also reads the server's catalog.
        for _ in range(2):
            (row,) = await driver.fetch(explain, *parameters)
    await warm.dispose()
    return _parsed(row[0])[0]["Plan"]


def _parsed(plan: Any) -> Any:
    return json.loads(plan) if isinstance(plan, str) else plan
