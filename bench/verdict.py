"""What fails a run: counts above their limits, ratios far off, a load that went wrong."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench import explanations
from bench.ratios import GATE, far_off
from bench.seals import SEAL_TARGET, added_share
from bench.stalls import STALL_TARGET

# The least of few runs is no quieter than this on a shared machine, beside the yardstick's own.
PICTURE_GATE = 1.5


def failures(figures: Mapping[str, Any]) -> list[str]:
    """Say each thing that is not as it must be."""
    return [
        *_exceeded(figures),
        *far_off(figures["operations"]["client"]),
        *_failed_meanwhile(figures.get("care") or {}),
        *_gone_wrong(figures.get("concurrency") or {}),
        *_refused_badly(figures.get("overload") or {}),
        *_stalled(figures.get("stalls") or {}),
        *_slowed(figures.get("seals") or {}),
        *_costly(figures.get("pictures") or ()),
        *explanations.failed(figures.get("explanations") or ()),
    ]


def _stalled(stalls: Mapping[str, Any]) -> Iterator[str]:
    """A shared machine makes a ratio of two p95 uncertain, as it does every other ratio."""
    ratio = stalls["beside"]["ratio"] if stalls else 0
    if ratio > GATE * STALL_TARGET:
        yield f"others' p95 while voices are analyzed: {ratio:.1f} x alone, target {STALL_TARGET}"


def _slowed(seals: Mapping[str, Any]) -> Iterator[str]:
    """On a shared machine one operation's ratio is uncertain by more than the target."""
    if not seals:
        return
    added = added_share(seals)
    if added > GATE * (SEAL_TARGET - 1):
        yield f"sealed identities add {added:.0%} to a request, target {SEAL_TARGET - 1:.0%}"


def _costly(pictures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in pictures:
        if row["least_s"] > PICTURE_GATE * row["budget_s"]:
            yield (
                f"{row['pipeline']}, {row['picture']}: {row['least_s']:.2f} CPU s, "
                f"budget {row['budget_s']:.2f} on this processor"
            )


def _exceeded(figures: Mapping[str, Any]) -> Iterator[str]:
    pages = [count for counts in figures["pages"].values() for count in counts]
    for count in [*figures["counts"], *pages]:
        if count["limit"] is not None and count["number"] > count["limit"]:
            yield f"{count['what']}: {count['number']}, limit {count['limit']}"


def _failed_meanwhile(care: Mapping[str, Any]) -> Iterator[str]:
    for meanwhile, load in care.items():
        if load["failed"]:
            yield f"{meanwhile}: {load['failed']} requests failed"
        if load["deadlocks"]:
            yield f"{meanwhile}: {load['deadlocks']} deadlocks with requests"


def _gone_wrong(concurrency: Mapping[str, Any]) -> Iterator[str]:
    for name in ("steady", "full"):
        load = concurrency.get(name, {})
        for fault in ("errors", "foreign_rows"):
            if load.get(fault):
                yield f"many clients, {name}: {load[fault]} {fault.replace('_', ' ')}"


def _refused_badly(overload: Mapping[str, Any]) -> Iterator[str]:
    statuses = dict(overload.get("statuses", {}))
    statuses.pop("200", None)
    refused = statuses.pop("503", 0)
    if statuses:
        yield f"overload: answers of other kinds: {statuses}"
    if refused != overload.get("with_retry_after", refused):
        yield f"overload: {refused} answers 503, {overload['with_retry_after']} with Retry-After"
