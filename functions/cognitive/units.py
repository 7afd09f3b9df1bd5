"""Seconds or milliseconds: a log's times in the unit that their size tells."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from functions.cognitive.logs import Log
from functions.cognitive.refusals import ImpossibleTime
from functions.cognitive.trials import Family, TaskRun, Trial

DAY_MS = 86_400_000.0  # no sitting takes a day, so no time within it is longer

# No person answers a keyboard task in 20 ms on the median, none in 20 s.
KEYED_SECONDS_BELOW = 20.0

# Typing a span takes seconds, a trail of circles half a minute: neither 300 ms nor 300 s.
SLOW_SECONDS_BELOW = 300.0
SLOW_FAMILIES = frozenset({Family.SPAN, Family.TRAILS, Family.WORD_LIST, Family.FLUENCY})


def unit_of(
    trials: Sequence[Trial], documented: str | None, family: Family, mapped: str | None
) -> tuple[str, str]:
    """Decide between seconds and milliseconds by size, and say how it was decided.

    What the format documents is not believed against the size: programs are set otherwise by their
    users. It counts only where no time tells.

    Parameters
    ----------
    trials : sequence of Trial
        Their times in the log's own unit.
    documented : str or None
        "s" or "ms", as the format says.
    family : Family
        Decides the limit, for an answer may be a key or a typed list.
    mapped : str or None
        "s" or "ms", as the sender's mapping says: believed against all else.

    Returns
    -------
    unit, reason : str
        "s" or "ms", and the words of the report.
    """
    if mapped is not None:
        return mapped, f"{_spelled(mapped)} (stated by the mapping)"
    times = [trial.rt_ms for trial in trials if trial.rt_ms is not None and trial.rt_ms > 0]
    if not times:
        unit = documented or "ms"
        return unit, f"{_spelled(unit)} (no response times to tell)"
    limit = SLOW_SECONDS_BELOW if family in SLOW_FAMILIES else KEYED_SECONDS_BELOW
    middle = median(times)
    unit = "s" if middle < limit else "ms"
    return unit, f"{_spelled(unit)} (detected: the median is {middle:.4g})"


def _spelled(unit: str) -> str:
    return {"s": "seconds", "ms": "milliseconds"}[unit]


def unit_warning(run: TaskRun, log: Log) -> str | None:
    """Say that the times have another unit than their format documents; None where not."""
    if log.unit is None or run.rt_unit.startswith(_spelled(log.unit)):
        return None
    expected = _spelled(log.unit)
    return f"{run.task}: {log.dialect} writes {expected}, but these times are {run.rt_unit}."


def in_milliseconds(trials: Sequence[Trial], unit: str) -> tuple[Trial, ...]:
    """Bring all times to milliseconds; delays and onsets may have units of their own.

    Parameters
    ----------
    trials : sequence of Trial
    unit : str
        Of the response times, "s" or "ms"; those of delays and onsets are told by their size.

    Returns
    -------
    tuple of Trial

    Raises
    ------
    ImpossibleTime
        If a time is longer than a day in its unit.
    """
    times = 1000.0 if unit == "s" else 1.0
    delays, onsets = _delay_factor(trials), _onset_factor(trials)
    return tuple(
        replace(
            trial,
            rt_ms=_scaled(trial.rt_ms, times),
            stop_delay_ms=_scaled(trial.stop_delay_ms, delays),
            onset_ms=_scaled(trial.onset_ms, onsets),
        )
        for trial in trials
    )


def _scaled(value: float | None, factor: float) -> float | None:
    if value is None:
        return None
    if abs(value * factor) > DAY_MS:
        raise ImpossibleTime
    return value * factor


def _delay_factor(trials: Sequence[Trial]) -> float:
    """Stop delays start at tens of milliseconds; below 20 they are seconds."""
    longest = max((t.stop_delay_ms for t in trials if t.stop_delay_ms is not None), default=0.0)
    return 1000.0 if 0 < longest < KEYED_SECONDS_BELOW else 1.0


def _onset_factor(trials: Sequence[Trial]) -> float:
    """A part lasts longer than 300 ms and less than 300 s."""
    latest = max((trial.onset_ms for trial in trials if trial.onset_ms is not None), default=0.0)
    return 1000.0 if 0 < latest < SLOW_SECONDS_BELOW else 1.0
