"""`medilens bench`: the quick run that a change must pass, and the full one that the docs show."""

import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import (
    care_teams,
    concurrency,
    counts,
    encryption,
    explanations,
    growth,
    pictures,
    report,
    seals,
    stalls,
    trail,
)
from bench.competitors import competitors
from bench.counts import MILLION, Count
from bench.data import FIXED
from bench.session import Session, session
from bench.subjects import Operation, Subject
from bench.timing import as_json, server_work, time_operations
from bench.verdict import failures

QUICK_ROWS = 100_000
STEPS = (MILLION, 10 * MILLION, 50 * MILLION)
OBVIOUS_UP_TO = 10 * MILLION


def run(console: Console, *, quick: bool, up_to: int, url: str | None) -> bool:
    """Measure, print and, where all of it was measured, write the documentation.

    Returns False where something is not as it must be.
    """
    folder = Path(tempfile.mkdtemp(prefix="medilens-bench-"))
    try:
        with session(folder, url) as here:
            figures = _quick(here) if quick else _full(here, console, up_to)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.show(figures, console)
    if not quick:
        report.write(figures)
    wrong = failures(figures)
    for failure in wrong:
        console.print(failure, style="red", soft_wrap=True)
    return not wrong


def _quick(here: Session) -> dict[str, Any]:
    pages = fixed_pages(here)
    here.empty()
    here.load(QUICK_ROWS)
    return {
        "rows": QUICK_ROWS,
        "counts": _as_json(counts.round_trips(here)),
        "pages": {str(QUICK_ROWS): _as_json([*pages, *care_teams.list_pages(here)])},
        "operations": _operations(here, rounds=4, runs=3),
        "concurrency": concurrency.many_clients(here, clients=200, rate=40, seconds=3),
        "overload": concurrency.overload(here, requests=300, seats=20),
        "seals": seals.seals(here),
        "trail": trail.trail(here),
        "encryption": encryption.encryption(here),
        "explanations": explanations.explanations(here),
        "stalls": stalls.stalls(here),
        "durability": stalls.durability(here),
        "pictures": pictures.pictures(),
    }


def fixed_pages(here: Session) -> list[Count]:
    """Count pages of a history that lies the same at every hour at which this is run."""
    here.load(QUICK_ROWS, obvious=False, until=FIXED)
    return counts.history_pages(here, QUICK_ROWS, FIXED)


def _full(here: Session, console: Console, up_to: int) -> dict[str, Any]:
    """The first step is where operations are timed; the rest of the steps is growth."""
    here.need_statistics()
    figures: dict[str, Any] = {"rows": STEPS[0], "growth": {}, "pages": {}}
    for rows in [step for step in STEPS if step <= up_to] or [up_to]:
        started = time.perf_counter()
        figures["growth"][str(rows)] = growth.step(here, rows, obvious=rows <= OBVIOUS_UP_TO)
        counted = [*counts.history_pages(here, rows), *care_teams.list_pages(here)]
        figures["pages"][str(rows)] = _as_json(counted)
        if not figures.get("operations"):
            figures |= {"rows": rows, **_timed(here)}
        console.print(f"{rows:,} rows: {time.perf_counter() - started:.0f} s")
        report.keep(figures)
    figures["care"] = growth.under_care(here)
    report.keep(figures)
    return figures


def _timed(here: Session) -> Mapping[str, Any]:
    """What the full run measures once, beside what it measures at each size."""
    return {
        "counts": _as_json(counts.round_trips(here)),
        "operations": _operations(here, rounds=4, runs=10),
        "concurrency": concurrency.many_clients(here, clients=10_000, rate=40, seconds=20),
        "overload": concurrency.overload(here, requests=600, seats=50),
        "stalls": stalls.stalls(here),
        "trail": trail.trail(here),
        "encryption": encryption.encryption(here),
        "explanations": explanations.explanations(here),
        "durability": stalls.durability(here),
        "pictures": pictures.pictures(),
    }


def _as_json(counted: list[Count]) -> list[dict[str, Any]]:
    return [vars(count) for count in counted]


def _operations(here: Session, *, rounds: int, runs: int) -> dict[str, Any]:
    subjects = competitors(here)
    timed = time_operations(subjects, rounds=rounds, runs=runs)
    work = {
        operation: {s.name: _work(here, s, operation, runs) for s in subjects}
        for operation in Operation
    }
    for subject in subjects:
        subject.close()
    return {"client": as_json(timed), "server": as_json(work)}


def _work(here: Session, subject: Subject, operation: Operation, runs: int) -> Any:
    return server_work(here, subject, operation, runs=runs)
