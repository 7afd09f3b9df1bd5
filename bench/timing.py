"""Client CPU, wall time and server work of each operation, subjects taking turns.

The machine is shared, so figures are compared within one run only, and minima say more than means.
"""

import asyncio
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import asyncpg

from bench.cluster import connected
from bench.session import Session
from bench.subjects import WARM_UP, Operation, Sample, Subject

# What is quick is run more often: its least time is a ratio's denominator.
TURN_S = 0.06

WORK = """
SELECT sum((min_exec_time + min_plan_time) * calls) AS least_ms,
    sum(total_exec_time + total_plan_time) AS total_ms,
    sum(shared_blks_hit + shared_blks_read) AS buffers
FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database() AND query NOT LIKE '%pg_stat_statements%'
"""


@dataclass(frozen=True)
class Timing:
    """Of one operation by one subject; the least and the median of all runs."""

    cpu_ms: float
    cpu_median_ms: float
    wall_ms: float
    wall_median_ms: float


@dataclass(frozen=True)
class ServerWork:
    """What one operation makes the server do, opening and commit included."""

    ms: float
    mean_ms: float
    buffers: float


def time_operations(
    subjects: list[Subject], *, rounds: int, runs: int
) -> dict[Operation, dict[str, Timing]]:
    samples: dict[tuple[Operation, str], list[Sample]] = {}
    for _ in range(rounds):
        for operation in Operation:
            for subject in subjects:
                _warm_up(subject, operation)
                samples.setdefault((operation, subject.name), []).extend(
                    subject.samples(operation, least=runs, seconds=TURN_S)
                )
    return {
        operation: {subject.name: _timing(samples[operation, subject.name]) for subject in subjects}
        for operation in Operation
    }


def _warm_up(subject: Subject, operation: Operation) -> None:
    for _ in range(WARM_UP):
        subject.run(operation)


def _timing(samples: list[Sample]) -> Timing:
    cpu, wall = zip(*samples, strict=True)
    return Timing(min(cpu), median(cpu), min(wall), median(wall))


async def _statistics(url: str, statement: str) -> dict[str, Any]:
    async with connected(url) as connection:
        return dict(await connection.fetchrow(statement))


def server_work(
    here: Session, subject: Subject, operation: Operation, *, runs: int
) -> ServerWork | None:
    """Ask the server's own statistics; None where it keeps none."""
    url = here.cluster.superuser_url
    try:
        _warm_up(subject, operation)
        asyncio.run(_statistics(url, "SELECT pg_stat_statements_reset()"))
        for _ in range(runs):
            subject.run(operation)
        figures = asyncio.run(_statistics(url, WORK))
    except asyncpg.ObjectNotInPrerequisiteStateError:
        return None
    return ServerWork(
        figures["least_ms"] / runs, figures["total_ms"] / runs, float(figures["buffers"]) / runs
    )


def as_json(timings: dict[Any, Any]) -> Any:
    """Dataclasses as dictionaries, all the way down."""
    return {
        str(key): as_json(value) if isinstance(value, dict) else (asdict(value) if value else None)
        for key, value in timings.items()
    }
