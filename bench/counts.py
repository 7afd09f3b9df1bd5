"""What does not depend on the machine's load: round trips, transactions, buffers.

These are limits, not measurements: exceeding one fails the run.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from bench.by_hand import sent_by
from bench.competitors import DIRECT, WARM, settings_of_ours
from bench.data_layer import DataLayer, reading
from bench.session import Session
from bench.subjects import Operation, configured, ours_now
from shared import database
from tests.round_trips import RoundTripProxy

# Round trips of a read and of a write.
LIMITS = {DIRECT: (8, 9), WARM: (3, 4)}
# Pages of a history: what it reads, and with its audit row, which enters three indexes.
READ_PAGES, ALL_PAGES = 25, 32
REPEATED = 7  # a named statement is planned anew five times before its plan is kept


@dataclass(frozen=True)
class Count:
    """One number that has a limit, or none."""

    what: str
    found: int
    limit: int | None

    @property
    def exceeded(self) -> bool:
        return self.limit is not None and self.found > self.limit


def round_trips(here: Session) -> list[Count]:
    """Count each operation in each setting, on an invocation after the first."""
    counts: list[Count] = []
    filled = here.assessment_id()
    for name, environment in settings_of_ours(here).items():
        limits = LIMITS.get(name)
        counted = asyncio.run(_counted(here, environment, filled))
        for operation, (trips, transactions) in counted.items():
            limit = limits[operation.writes] if limits else None
            counts.append(Count(f"round trips: {name}: {operation}", trips, limit))
            if transactions is not None:
                counts.append(Count(f"transactions: {name}: {operation}", transactions, 1))
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
            found = {}
            for operation, run in it.operations().items():
                for _ in range(REPEATED):
                    proxy.take()
                    await run()
                    await asyncio.sleep(0)
                traffic = proxy.take()
                # Inside TLS nobody can tell.
                begun = None if query else traffic.transactions
                found[operation] = (traffic.round_trips, begun)
            await it.close()
    return found


def history_pages(here: Session, *, limited: bool) -> list[Count]:
    """Count the pages that one history touches, without and with its audit row.

    The limits are those of the quick run's tables: an index of ten times as many has a level more.
    """
    plan = asyncio.run(_history_plan(here))
    (reading,) = [one for one in plan["Plans"] if one.get("Subplan Name") == "CTE page"]
    return [
        Count("pages: 90-day history, reading", _pages(reading), READ_PAGES if limited else None),
        Count(
            "pages: 90-day history, with its audit row",
            _pages(plan),
            ALL_PAGES if limited else None,
        ),
    ]


def _pages(plan: Mapping[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


async def _history_plan(here: Session) -> Any:
    """Explain the very statement that the repository sends, in a caller's transaction."""
    with configured({"MEDILENS_DATABASE_URL": here.cluster.app_url}):
        engine = database.engine()
    it = DataLayer(UUID(int=0))
    (sent,) = await sent_by(it.history)
    async with reading() as connection:
        raw = await connection.get_raw_connection()
        driver: asyncpg.Connection = raw.driver_connection
        explain = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sent.sql}"
        (row,) = await driver.fetch(explain, *sent.filled({}))
    await engine.dispose()
    return _parsed(row[0])[0]["Plan"]


def _parsed(plan: Any) -> Any:
    return json.loads(plan) if isinstance(plan, str) else plan
