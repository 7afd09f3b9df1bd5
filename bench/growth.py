"""How cost grows with the table: bytes a row, server time and pages at each size, and under care.

Care is what a running system does to its tables: months added, an old month detached and attached
again, a vacuum, all while requests go on.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg

from bench.asgi import WrongAnswer
from bench.cluster import connected
from bench.competitors import OBVIOUS, PREPARED
from bench.concurrency import Latency
from bench.obvious_design import SCHEMA
from bench.session import Session
from bench.subjects import (
    Operation,
    Ours,
    Subject,
    configured,
    obvious_design_subject,
    ours,
    ours_now,
)
from bench.timing import server_work
from functions.maintenance.queries import PARTITIONED

MEASURED = (Operation.HISTORY, Operation.LIST, Operation.STORE)
RUNS = 20
# The obvious design reads so much a history that a few runs say it.
OBVIOUS_RUNS = 5

SIZES = """
SELECT sum(pg_relation_size(c.oid)) AS heap, sum(pg_indexes_size(c.oid)) AS indexes,
    (SELECT count(*) FROM {table}) AS rows
FROM pg_class c WHERE c.oid = '{table}'::regclass
    OR c.oid IN (SELECT relid FROM pg_partition_tree('{table}') WHERE isleaf)
"""

# Between actions the load goes on, to have something to compare with.
REST_S = 2.0
THIS_MONTH = f"biomarker_values_{datetime.now(UTC):%Y_%m}"
OLDEST = "biomarker_values_before_2026"
CARE: dict[str, Sequence[str]] = {
    "nothing": (),
    "24 months added": tuple(
        f"SELECT count(*) FROM medilens.add_partitions('{table}', 24)" for table in PARTITIONED
    ),
    "a month detached": (f"ALTER TABLE biomarker_values DETACH PARTITION {OLDEST} CONCURRENTLY",),
    "and attached again": (
        f"ALTER TABLE {OLDEST} ADD CONSTRAINT old CHECK (measured_at < '2026-01-01 00:00:00+00')",
        (
            f"ALTER TABLE biomarker_values ATTACH PARTITION {OLDEST}"
            " FOR VALUES FROM (MINVALUE) TO ('2026-01-01 00:00:00+00')"
        ),
        f"ALTER TABLE {OLDEST} DROP CONSTRAINT old",
    ),
    # All pages, as if every row had changed.
    "a month vacuumed": (f"VACUUM (DISABLE_PAGE_SKIPPING, FREEZE) {THIS_MONTH}",),
    "assessments vacuumed": ("VACUUM (DISABLE_PAGE_SKIPPING, FREEZE) assessments",),
}


@dataclass
class Load:
    """What was asked meanwhile."""

    samples_s: list[float] = field(default_factory=list)
    failed: int = 0


def step(here: Session, value_rows: int, *, obvious: bool) -> Mapping[str, Any]:
    """Grow to so many values and measure there."""
    started = time.perf_counter()
    here.load(value_rows, obvious=obvious)
    figures = {
        "loading_s": time.perf_counter() - started,
        "people": here.people,
        "ours": _measured(here, _ours(here), RUNS)
        | {"size": asyncio.run(_size(here, "public.biomarker_values"))},
    }
    if obvious:
        subject = obvious_design_subject(OBVIOUS, here.cluster.superuser_url, here.assessment_id())
        figures[OBVIOUS] = _measured(here, subject, OBVIOUS_RUNS) | {
            "size": asyncio.run(_size(here, f"{SCHEMA}.biomarker_values"))
        }
    return figures


def _ours(here: Session) -> Subject:
    environment = {"MEDILENS_DATABASE_URL": here.cluster.app_url, **PREPARED}
    return ours("ours", environment, here.headers(), here.assessment_id())


def _measured(here: Session, subject: Subject, runs: int) -> dict[str, Any]:
    work = {
        str(operation): server_work(here, subject, operation, runs=runs) for operation in MEASURED
    }
    subject.close()
    return {
        "work": {name: vars(operation) if operation else None for name, operation in work.items()}
    }


async def _size(here: Session, table: str) -> Mapping[str, float]:
    async with connected(here.cluster.superuser_url) as connection:
        sizes = await connection.fetchrow(SIZES.format(table=table))
    rows = int(sizes["rows"])
    return {
        "rows": rows,
        "heap_bytes_per_row": float(sizes["heap"]) / rows,
        "index_bytes_per_row": float(sizes["indexes"]) / rows,
    }


def under_care(here: Session) -> Mapping[str, Any]:
    """Read and write without a pause while the tables are cared for."""
    environment = {"MEDILENS_DATABASE_URL": here.cluster.app_url, **PREPARED}
    with configured(environment):
        it = ours_now(here.headers(), here.assessment_id())
        return asyncio.run(_under_care(here, it))


async def _under_care(here: Session, it: Ours) -> Mapping[str, Any]:
    figures: dict[str, Any] = {}
    async with connected(here.cluster.superuser_url) as connection:
        for name, statements in CARE.items():
            async with _load(it) as load:
                started = time.perf_counter()
                met = [await _deadlocks(connection, statement) for statement in statements]
                lasted_s = time.perf_counter() - started
                await asyncio.sleep(REST_S)
            figures[name] = {
                "lasted_s": lasted_s,
                "deadlocks": sum(met),
                "requests": len(load.samples_s),
                "failed": load.failed,
                "latency": vars(Latency.of(load.samples_s)),
            }
        await it.close()
    return figures


async def _deadlocks(connection: asyncpg.Connection, statement: str) -> int:
    """Carry it out, again after each deadlock with a request; return how many there were."""
    deadlocks = 0
    while True:
        try:
            await connection.execute(statement)
        except asyncpg.DeadlockDetectedError:
            deadlocks += 1
        else:
            return deadlocks


@asynccontextmanager
async def _load(it: Ours) -> AsyncIterator[Load]:
    """Ask without a pause."""
    load = Load()
    stopped = asyncio.Event()
    operations = it.operations()

    async def go(operation: Operation) -> None:
        while not stopped.is_set():
            started = time.perf_counter()
            try:
                await operations[operation]()
            except WrongAnswer:
                load.failed += 1
            load.samples_s.append(time.perf_counter() - started)

    async with asyncio.TaskGroup() as group:
        for operation in (Operation.HISTORY, Operation.STORE):
            group.create_task(go(operation))
        yield load
        stopped.set()
