"""Tables for the terminal, and `docs/performance.md` with its plots."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench import plots
from bench.competitors import DIRECT, DRIVER, OBVIOUS, WARM
from bench.subjects import Operation
from bench.tables import tables

DOCS = Path(__file__).parent.parent / "docs"
RESULTS = DOCS / "performance" / "results.json"
PAGE = DOCS / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

# Wider than any table.
WIDEST = 400


def keep(figures: dict[str, Any]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print every table; in a file or a pipe each is as wide as it is."""
    if not console.is_terminal:
        console = Console(file=console.file, width=WIDEST)
    for title, head, rows in tables(figures):
        show_table(title, head, rows, console)


def show_table(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], console: Console
) -> None:
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for name in head:
        table.add_column(name, overflow="fold", min_width=max(map(len, name.split())))
    for row in rows:
        table.add_row(*row)
    console.print(table)


def write(figures: dict[str, Any]) -> None:
    """Put the measured tables between the page's two marks; what is said around them stays."""
    keep(figures)
    _write_plots(figures)
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{markdown(figures)}\n{END}{after}")


def markdown(figures: Mapping[str, Any]) -> str:
    """Return what stands between the marks of the page."""
    parts = []
    for title, head, rows in tables(figures):
        lines = [f"### {title}", "", _line(head), _line(["---"] * len(head)), *map(_line, rows), ""]
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _write_plots(figures: Mapping[str, Any]) -> None:
    client = figures["operations"]["client"]
    shown = (WARM, DIRECT, OBVIOUS, DRIVER)
    groups = {name: {s: by[s]["cpu_ms"] for s in shown} for name, by in client.items()}
    folder = RESULTS.parent
    picture = plots.bars("Client CPU an operation", "ms", groups)
    (folder / "client-cpu.svg").write_bytes(picture.content)
    series = {
        subject: [
            (float(values), step[subject]["work"][Operation.HISTORY]["buffers"])
            for values, step in figures["growth"].items()
            if subject in step
        ]
        for subject in ("ours", OBVIOUS)
    }
    picture = plots.lines("Pages touched by a 90-day history", "values stored", "pages", series)
    (folder / "growth.svg").write_bytes(picture.content)
