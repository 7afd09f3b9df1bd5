"""Tables for the terminal, and `docs/performance.md` with its plots."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench import plots, seals
from bench.competitors import DIRECT, DRIVER, OBVIOUS, WARM
from bench.ratios import RATIOS
from bench.subjects import Operation

DOCS = Path(__file__).parent.parent / "docs"
RESULTS = DOCS / "performance" / "results.json"
PAGE = DOCS / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

# Wider than any table.
WIDEST = 400

# What a server does for one history, and how the table that compares it calls that.
ADVANTAGES = {"ms": "least server time", "mean_ms": "mean server time", "buffers": "pages"}

type Rows = tuple[str, Sequence[str], list[list[str]]]


def keep(found: dict[str, Any]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")


def show(found: Mapping[str, Any], console: Console) -> None:
    """Print every table; in a file or a pipe each is as wide as it is."""
    if not console.is_terminal:
        console = Console(file=console.file, width=WIDEST)
    for title, head, rows in _all(found):
        table = Table(title=title, title_justify="left", box=box.SIMPLE)
        for name in head:
            table.add_column(name, overflow="fold", min_width=max(map(len, name.split())))
        for row in rows:
            table.add_row(*row)
        console.print(table)


def write(found: dict[str, Any]) -> None:
    """Put the measured tables between the page's two marks; what is said around them stays."""
    keep(found)
    _write_plots(found)
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{markdown(found)}\n{END}{after}")


def markdown(found: Mapping[str, Any]) -> str:
    """Return what stands between the marks of the page."""
    parts = []
    for title, head, rows in _all(found):
        lines = [f"### {title}", "", _line(head), _line(["---"] * len(head)), *map(_line, rows), ""]
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _all(found: Mapping[str, Any]) -> Iterator[Rows]:
    yield _count_rows(found["counts"])
    yield _page_rows(found["pages"])
    operations = found["operations"]
    yield _ratio_rows(operations["client"])
    yield _client_rows(operations["client"], "cpu_ms", "Client CPU, least, ms")
    yield _client_rows(operations["client"], "wall_ms", "Wall time, least, ms")
    yield _client_rows(operations["client"], "wall_median_ms", "Wall time, median, ms")
    yield _client_rows(operations["server"], "ms", "Server work, least, ms")
    yield _client_rows(operations["server"], "buffers", "Pages touched on the server")
    if found.get("growth"):
        yield _growth_rows(found["growth"])
        yield _advantage_rows(found["growth"])
    if found.get("care"):
        yield _care_rows(found["care"])
    if found.get("concurrency"):
        yield _concurrency_rows(found["concurrency"])
    if found.get("overload"):
        yield _overload_rows(found["overload"])
    if found.get("stalls"):
        yield _stall_rows(found["stalls"])
    if found.get("seals"):
        yield seals.rows(found["seals"])
    if found.get("durability"):
        yield _durability_rows(found["durability"])


def _stall_rows(stalls: Mapping[str, Any]) -> Rows:
    head = [
        "six voices analyzed",
        "lasted s",
        "requests",
        "p95 alone ms",
        "p95 meanwhile ms",
        "ratio (≤ 3 beside)",
        "longest ms",
    ]
    names = {"beside": "in a process beside", "within": "in the process that serves"}
    rows = [
        [
            name,
            f"{stalls[key]['lasted_s']:.1f}",
            str(stalls[key]["requests"]),
            f"{stalls[key]['alone']['p95']:.1f}",
            f"{stalls[key]['meanwhile']['p95']:.1f}",
            f"{stalls[key]['ratio']:.1f}",
            f"{stalls[key]['meanwhile']['longest']:.0f}",
        ]
        for key, name in names.items()
    ]
    return "Lists while voices are analyzed, in one process", head, rows


def _durability_rows(durability: Mapping[str, Any]) -> Rows:
    head = ["a read's audit row", "least ms", "p50 ms", "p95 ms", "a second, 8 in flight"]
    names = {
        "durable": "on disk before the answer",
        "hurried": "on disk soon after (not what we do)",
    }
    rows = [
        [
            name,
            *(f"{durability[key][figure]:.2f}" for figure in ("least", "p50", "p95")),
            f"{durability[key]['per_s']:.0f}",
        ]
        for key, name in names.items()
    ]
    return "What a durable read costs: list 20 of 1,000", head, rows


def _count_rows(counts: Sequence[Mapping[str, Any]]) -> Rows:
    """One setting a row: each operation's round trips, and the most transactions of any."""
    known = {one["what"]: one for one in counts}
    settings = dict.fromkeys(what.split(": ")[1] for what in known)
    rows = [
        [
            setting,
            *(_count(known[f"round trips: {setting}: {operation}"]) for operation in Operation),
            _transactions(setting, counts),
        ]
        for setting in settings
    ]
    return "Round trips, found / limit", ["setting", *Operation, "transactions"], rows


def _transactions(setting: str, counts: Sequence[Mapping[str, Any]]) -> str:
    begun = [one for one in counts if one["what"].startswith(f"transactions: {setting}: ")]
    return _count(max(begun, key=lambda one: int(one["found"]))) if begun else "in TLS"


def _page_rows(pages: Mapping[str, Sequence[Mapping[str, Any]]]) -> Rows:
    head = ["values", "reading", "with its audit row"]
    rows = [[f"{int(rows):,}", *map(_count, counts)] for rows, counts in pages.items()]
    return "Pages of one 90-day history, found / limit", head, rows


def _count(one: Mapping[str, Any]) -> str:
    return f"{one['found']} / {one['limit']}" if one["limit"] is not None else str(one["found"])


def _client_rows(found: Mapping[str, Any], figure: str, title: str) -> Rows:
    """One subject a row, for there are more of them than operations."""
    rows = [
        [subject, *(_number(one[subject] and one[subject][figure]) for one in found.values())]
        for subject in next(iter(found.values()))
    ]
    return title, ["subject", *found], rows


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if value < 0.001:
        return "0"
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _ratio_rows(client: Mapping[str, Any]) -> Rows:
    rows = [
        [ratio.name, *(_ratio(found[one], ratio.targets.get(one)) for one in Operation)]
        for ratio in RATIOS
        if (found := ratio.values(client))
    ]
    return "Ratios of client CPU, and of wall time (least)", ["ratio", *Operation], rows


def _ratio(found: float, target: float | None) -> str:
    return f"{found:.2f}" if target is None else f"{found:.2f} (≤ {target:.0f})"


def _growth_rows(growth: Mapping[str, Any]) -> Rows:
    names = (Operation.HISTORY, Operation.LIST, Operation.STORE)
    head = ["values", "subject", "bytes a row, heap + index"]
    head += [f"{name}: ms, pages" for name in names]
    rows = [
        [
            f"{int(values):,}",
            subject,
            _bytes(one[subject]["size"]),
            *(_work(one[subject]["work"][name]) for name in names),
        ]
        for values, one in growth.items()
        for subject in ("ours", OBVIOUS)
        if subject in one
    ]
    return "Growth: server work", head, rows


def _advantage_rows(growth: Mapping[str, Any]) -> Rows:
    rows = []
    for values, one in growth.items():
        if OBVIOUS in one:
            ours, theirs = (one[name]["work"][Operation.HISTORY] for name in ("ours", OBVIOUS))
            rows.append([f"{int(values):,}", *(f"{theirs[k] / ours[k]:.0f}" for k in ADVANTAGES)])
    head = ["values", *ADVANTAGES.values()]
    return f"A history of the {OBVIOUS}, as multiples of ours", head, rows


def _bytes(size: Mapping[str, float]) -> str:
    return f"{size['heap_bytes_per_row']:.0f} + {size['index_bytes_per_row']:.0f}"


def _work(one: Mapping[str, float] | None) -> str:
    return f"{_number(one['ms'])}, {_number(one['buffers'])}" if one else "-"


def _care_rows(care: Mapping[str, Any]) -> Rows:
    head = [
        "meanwhile",
        "lasted s",
        "deadlocks",
        "requests",
        "failed",
        "p50 ms",
        "p99 ms",
        "longest ms",
    ]
    rows = [
        [
            name,
            _number(one["lasted_s"]),
            str(one["deadlocks"]),
            str(one["requests"]),
            str(one["failed"]),
            *(_number(one["latency"][key]) for key in ("p50", "p99", "longest")),
        ]
        for name, one in care.items()
    ]
    return (
        "Histories and stored examinations without a pause, while tables are cared for",
        head,
        rows,
    )


def _concurrency_rows(found: Mapping[str, Any]) -> Rows:
    title = (
        f"{found['clients']:,} open clients on {found['server_connections']} server connections"
        f" (opened in {found['opened_s']:.0f} s)"
    )
    head = ["load", "requests", "a second", "errors", "rows", "others' rows"]
    head += ["p50 ms", "p95 ms", "p99 ms", "longest ms"]
    rows = [
        [
            name,
            str(one["requests"]),
            _number(one["rate"]),
            str(one["errors"]),
            str(one["rows"]),
            str(one["foreign_rows"]),
            *(_number(one["latency"][key]) for key in ("p50", "p95", "p99", "longest")),
        ]
        for name, one in (("steady", found["steady"]), ("50 in flight", found["full"]))
    ]
    return title, head, rows


def _overload_rows(found: Mapping[str, Any]) -> Rows:
    refused = found["refused"] or {}
    head = ["answered 200", "answered 503", "of them with Retry-After", "else"]
    head += ["503 after p50 ms", "longest ms", "first success afterwards ms"]
    statuses = dict(found["statuses"])
    row = [
        str(statuses.pop("200", 0)),
        str(statuses.pop("503", 0)),
        str(found["with_retry_after"]),
        str(sum(statuses.values())),
        _number(refused.get("p50")),
        _number(refused.get("longest")),
        _number(found["recovered_ms"]),
    ]
    title = f"{found['requests']} requests at once at a pooler with {found['seats']} seats"
    return title, head, [row]


def _write_plots(found: Mapping[str, Any]) -> None:
    client = found["operations"]["client"]
    shown = (WARM, DIRECT, OBVIOUS, DRIVER)
    groups = {name: {s: one[s]["cpu_ms"] for s in shown} for name, one in client.items()}
    folder = RESULTS.parent
    (folder / "client-cpu.svg").write_text(plots.bars("Client CPU an operation", "ms", groups))
    series = {
        subject: [
            (float(values), one[subject]["work"][Operation.HISTORY]["buffers"])
            for values, one in found["growth"].items()
            if subject in one
        ]
        for subject in ("ours", OBVIOUS)
    }
    picture = plots.lines("Pages touched by a 90-day history", "values stored", "pages", series)
    (folder / "growth.svg").write_text(picture)
