"""Digit-symbol coding: how many symbols are matched with their digit in a fixed time.

Deviations: the time is the sum of the items' own times, so that what lies between two items does
not count; the error of the count is that of a renewal process, which the paper [1]_ does not give.

References
----------
.. [1] Jaeger (2018). Digit symbol substitution test: the case for sensitivity over
   specificity in neuropsychological testing. J Clin Psychopharmacol 38(5), 513-519.
   doi:10.1097/JCP.0000000000000941
"""

from math import sqrt
from statistics import fmean, stdev

from functions.cognitive.scores import (
    MIN_TRIALS,
    Score,
    Scored,
    accuracy_score,
    judged,
    median_score,
    too_few,
    usable_times,
    variability_score,
)
from functions.cognitive.trials import TaskRun

WINDOW_S = 90.0  # the common length; a profile may set `window_s` to 120


def coding_scores(run: TaskRun) -> Scored:
    """Score right answers within the time allowed, item time, accuracy and variability."""
    items = judged(run.test)
    times = usable_times(items, run.floor_ms)
    if len(times) < MIN_TRIALS:
        return Scored((), (too_few(f"{run.task}_correct", len(times)),))
    window_ms = 1000 * run.settings.get("window_s", WINDOW_S)
    right = answered = 0
    elapsed_ms = 0.0
    for item in items:
        elapsed_ms += item.rt_ms or 0.0
        if elapsed_ms > window_ms:
            break
        answered += 1
        right += bool(item.correct)
    return Scored(
        (
            Score(f"{run.task}_correct", float(right), answered, _count_error(right, times)),
            *median_score(f"{run.task}_median", times),
            *accuracy_score(run),
            *variability_score(f"{run.task}_variability", times),
        )
    )


def _count_error(right: int, times: list[float]) -> float | None:
    """Spread of how many items fit a fixed time: a renewal process, sqrt(n) CV."""
    return sqrt(right) * stdev(times) / fmean(times) if right and len(times) > 1 else None
