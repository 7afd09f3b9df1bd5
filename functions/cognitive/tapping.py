"""Finger tapping: how fast, how even, and whether it slows while it goes on.

Deviations: the decrement of [1]_ is one of the amplitude and speed of a finger that is seen; here
it is that of the intervals between presses of a key, in percent of their mean.

References
----------
.. [1] Ling et al. (2012). Hypokinesia without decrement distinguishes progressive
   supranuclear palsy from Parkinson's disease. Brain 135(4), 1141-1153.
   doi:10.1093/brain/aws038
.. [2] Vangel (1996). Confidence intervals for a normal coefficient of variation.
   doi:10.1080/00031305.1996.10473537
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from math import sqrt
from statistics import fmean, stdev

from functions.cognitive.reliability import variation_error
from functions.cognitive.scores import Score, Scored, too_few
from functions.cognitive.trials import TaskRun, Trial
from shared.record import Absence

MIN_INTERVALS = 10  # fewer have no course; this project's own limit
HANDS = (None, "right", "left", "dominant", "nondominant")


def tapping_scores(run: TaskRun) -> Scored:
    """Score each hand: rate, coefficient of variation of the intervals, and decrement."""
    scores: list[Score] = []
    absent: list[Absence] = []
    for hand in HANDS:
        taps = [trial for trial in run.test if trial.condition == hand]
        name = run.task if hand is None else f"{run.task}_{hand}"
        series = list(intervals(taps))
        if sum(map(len, series)) >= MIN_INTERVALS:
            scores += _hand_scores(name, series)
        elif taps:
            absent.append(too_few(f"{name}_rate", sum(map(len, series)), MIN_INTERVALS))
    return Scored(tuple(scores), tuple(absent))


def intervals(taps: Sequence[Trial]) -> Iterable[list[float]]:
    """Times between taps, one list a block; from onsets where the log has them.

    Parameters
    ----------
    taps : sequence of Trial
        Of one hand, in their order.

    Yields
    ------
    list of float
        In ms. A pause between blocks is in none of them; onsets that stand still or fall back, as a
        clock does that was set, are left out.
    """
    for _, block in groupby(taps, key=lambda tap: tap.block):
        members = list(block)
        onsets = [tap.onset_ms for tap in members if tap.onset_ms is not None]
        if len(onsets) > 1:
            yield [after - before for before, after in pairwise(onsets) if after > before]
        else:
            yield [tap.rt_ms for tap in members if tap.rt_ms is not None and tap.rt_ms > 0]


def _hand_scores(name: str, series: Sequence[Sequence[float]]) -> list[Score]:
    """Rate is taps over time; the decrement is that of all blocks, each from its own start."""
    every = [interval for block in series for interval in block]
    n, rate = len(every), 1000 / fmean(every)
    variation = stdev(every) / fmean(every)
    error = variation_error(every)
    return [
        Score(f"{name}_rate", rate, n, rate * variation / sqrt(n)),
        Score(f"{name}_variability", 100 * variation, n, None if error is None else 100 * error),
        *_decrement(f"{name}_decrement", series),
    ]


def _decrement(name: str, series: Sequence[Sequence[float]]) -> list[Score]:
    """How much longer intervals get from a block's first to its last tap, in % of their mean.

    The slope is one least-squares line through all blocks, over the share of the block that
    has passed [1]_; positive is slowing.
    """
    points = [
        (i / (len(block) - 1), interval)
        for block in series
        if len(block) >= MIN_INTERVALS
        for i, interval in enumerate(block)
    ]
    if not points:
        return []
    passed, lengths = [x for x, _ in points], [y for _, y in points]
    center, middle = fmean(passed), fmean(lengths)
    spread = sum((x - center) ** 2 for x in passed)
    slope = sum((x - center) * (y - middle) for x, y in points) / spread
    residual = sum((y - middle - slope * (x - center)) ** 2 for x, y in points)
    error = sqrt(residual / (len(points) - 2) / spread)
    return [Score(name, 100 * slope / middle, len(points), 100 * error / middle)]
