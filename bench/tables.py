"""What was measured, as tables: a title, a head and rows of cells."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bench import encryption, explanations, pictures, seals, trail
from bench.competitors import OBVIOUS
from bench.ratios import RATIOS
from bench.subjects import Operation

# What a server does for one history, and how the table that compares it calls that.
ADVANTAGES = {"ms": "least server time", "mean_ms": "mean server time", "buffers": "pages"}
type Rows = tuple[str, Sequence[str], list[list[str]]]


def tables(figures: Mapping[str, Any]) -> Iterator[Rows]:
    yield _count_rows(figures["counts"])
    yield _page_rows(figures["pages"])
    operations = figures["operations"]
    yield _ratio_rows(operations["client"])
    yield _client_rows(operations["client"], "cpu_ms", "Client CPU, least, ms")
    yield _client_rows(operations["client"], "wall_ms", "Wall time, least, ms")
    yield _client_rows(operations["client"], "wall_median_ms", "Wall time, median, ms")
    yield _client_rows(operations["server"], "ms", "Server work, least, ms")
    yield _client_rows(operations["server"], "buffers", "Pages touched on the server")
    if figures.get("growth"):
        yield _growth_rows(figures["growth"])
        yield advantage_rows(figures["growth"])
    for name, rows in PARTS.items():
        if figures.get(name):
            yield rows(figures[name])


def _stall_rows(stalls: Mapping[str, Any]) -> Rows:
    p95 = ["p95 alone ms", "p95 meanwhile ms", "ratio (≤ 3 beside)"]
    head = ["six voices analyzed", "lasted s", "requests", *p95, "longest ms"]
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
    known = {count["what"]: count for count in counts}
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
    begun = [count for count in counts if count["what"].startswith(f"transactions: {setting}: ")]
    return _count(max(begun, key=lambda count: int(count["number"]))) if begun else "in TLS"


def _page_rows(pages: Mapping[str, Sequence[Mapping[str, Any]]]) -> Rows:
    head = ["values", "reading", "with its audit row"]
    rows = [[f"{int(rows):,}", *map(_count, counts)] for rows, counts in pages.items()]
    return "Pages of one 90-day history, found / limit", head, rows


def _count(count: Mapping[str, Any]) -> str:
    if count["limit"] is None:
        return str(count["number"])
    return f"{count['number']} / {count['limit']}"


def _client_rows(operations: Mapping[str, Any], figure: str, title: str) -> Rows:
    """One subject a row, for there are more of them than operations."""
    rows = [
        [
            subject,
            *(
                _number(subjects[subject] and subjects[subject][figure])
                for subjects in operations.values()
            ),
        ]
        for subject in next(iter(operations.values()))
    ]
    return title, ["subject", *operations], rows


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if value < 0.001:
        return "0"
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _ratio_rows(client: Mapping[str, Any]) -> Rows:
    rows = [
        [
            ratio.name,
            *(_ratio(values[operation], ratio.targets.get(operation)) for operation in Operation),
        ]
        for ratio in RATIOS
        if (values := ratio.values(client))
    ]
    return "Ratios of client CPU, and of wall time (least)", ["ratio", *Operation], rows


def _ratio(value: float, target: float | None) -> str:
    return f"{value:.2f}" if target is None else f"{value:.2f} (≤ {target:.0f})"


def _growth_rows(growth: Mapping[str, Any]) -> Rows:
    names = (Operation.HISTORY, Operation.LIST, Operation.STORE)
    head = ["values", "subject", "bytes a row, heap + index"]
    head += [f"{name}: ms, pages" for name in names]
    rows = [
        [
            f"{int(values):,}",
            subject,
            _bytes(step[subject]["size"]),
            *(_work(step[subject]["work"][name]) for name in names),
        ]
        for values, step in growth.items()
        for subject in ("ours", OBVIOUS)
        if subject in step
    ]
    return "Growth: server work", head, rows


def advantage_rows(growth: Mapping[str, Any]) -> Rows:
    rows = []
    for values, step in growth.items():
        if OBVIOUS in step:
            ours, theirs = (step[name]["work"][Operation.HISTORY] for name in ("ours", OBVIOUS))
            rows.append([f"{int(values):,}", *(f"{theirs[k] / ours[k]:.0f}" for k in ADVANTAGES)])
    head = ["values", *ADVANTAGES.values()]
    return f"A history of the {OBVIOUS}, as multiples of ours", head, rows


def _bytes(size: Mapping[str, float]) -> str:
    return f"{size['heap_bytes_per_row']:.0f} + {size['index_bytes_per_row']:.0f}"


def _work(work: Mapping[str, float] | None) -> str:
    return f"{_number(work['ms'])}, {_number(work['buffers'])}" if work else "-"


def _care_rows(care: Mapping[str, Any]) -> Rows:
    counted = ["lasted s", "deadlocks", "requests", "failed"]
    head = ["meanwhile", *counted, "p50 ms", "p99 ms", "longest ms"]
    rows = [
        [
            name,
            _number(load["lasted_s"]),
            str(load["deadlocks"]),
            str(load["requests"]),
            str(load["failed"]),
            *(_number(load["latency"][key]) for key in ("p50", "p99", "longest")),
        ]
        for name, load in care.items()
    ]
    return (
        "Histories and stored examinations without a pause, while tables are cared for",
        head,
        rows,
    )


def _concurrency_rows(figures: Mapping[str, Any]) -> Rows:
    title = (
        f"{figures['clients']:,} open clients on {figures['server_connections']} server connections"
        f" (opened in {figures['opened_s']:.0f} s)"
    )
    head = ["load", "requests", "a second", "errors", "rows", "others' rows"]
    head += ["p50 ms", "p95 ms", "p99 ms", "longest ms"]
    rows = [
        [
            name,
            str(load["requests"]),
            _number(load["rate"]),
            str(load["errors"]),
            str(load["rows"]),
            str(load["foreign_rows"]),
            *(_number(load["latency"][key]) for key in ("p50", "p95", "p99", "longest")),
        ]
        for name, load in (("steady", figures["steady"]), ("50 in flight", figures["full"]))
    ]
    return title, head, rows


def _overload_rows(figures: Mapping[str, Any]) -> Rows:
    refused = figures["refused"] or {}
    head = ["answered 200", "answered 503", "of them with Retry-After", "else"]
    head += ["503 after p50 ms", "longest ms", "first success afterwards ms"]
    statuses = dict(figures["statuses"])
    row = [
        str(statuses.pop("200", 0)),
        str(statuses.pop("503", 0)),
        str(figures["with_retry_after"]),
        str(sum(statuses.values())),
        _number(refused.get("p50")),
        _number(refused.get("longest")),
        _number(figures["recovered_ms"]),
    ]
    title = f"{figures['requests']} requests at once at a pooler with {figures['seats']} seats"
    return title, head, [row]


# What a run may leave out, in the order of the page.
PARTS: dict[str, Callable[[Any], Rows]] = {
    "care": _care_rows,
    "concurrency": _concurrency_rows,
    "overload": _overload_rows,
    "stalls": _stall_rows,
    "seals": seals.rows,
    "trail": trail.rows,
    "encryption": encryption.rows,
    "explanations": explanations.rows,
    "pictures": pictures.rows,
    "durability": _durability_rows,
}
