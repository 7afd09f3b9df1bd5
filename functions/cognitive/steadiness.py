"""How a person's speed held up: fatigue over the session, and consistency.

Deviations: the coefficient of variation [1]_ is that of the correct times that
`scores.usable_times` leaves, turned round so that more is steadier, and a mean over tasks. The
fatigue index is this project's own.

References
----------
.. [1] MacDonald, Li & Bäckman (2009). Neural underpinnings of within-person variability in
   cognitive functioning. Psychol Aging 24(4), 792-808. doi:10.1037/a0017798
"""

from collections.abc import Sequence
from statistics import fmean, median, stdev

from functions.cognitive.reliability import combined_error, median_error
from functions.cognitive.scores import Score, usable_times
from functions.cognitive.trials import Family, TaskRun

# Tasks whose difficulty stays the same from the first trial to the last.
EVEN_FAMILIES = frozenset(
    {
        Family.SIMPLE_REACTION,
        Family.CHOICE_REACTION,
        Family.INTERFERENCE,
        Family.GO_NO_GO,
        Family.CODING,
    }
)
MIN_TIMES = 30  # ten in each third


def fatigue_index(runs: Sequence[TaskRun]) -> Score | None:
    """Slowing from the first to the last third of each task, as a share of its median.

    Positive is slower at the end. The mean over tasks; None without a task of even
    difficulty and `MIN_TIMES` usable times.
    """
    changes = [_slowing(times) for times in map(_times, runs) if len(times) >= MIN_TIMES]
    if not changes:
        return None
    error = combined_error(*(change.standard_error for change in changes))
    return Score(
        "fatigue_index",
        fmean(change.value for change in changes),
        sum(change.n for change in changes),
        None if error is None else error / len(changes),
    )


def consistency_score(runs: Sequence[TaskRun]) -> Score | None:
    """One minus the coefficient of variation of correct times, mean over tasks [1]_.

    Returns
    -------
    Score or None
        0-1, higher is steadier; an SD larger than the mean is cut to 0. Without an
        error.
    """
    timed = [times for times in map(_times, runs) if len(times) >= MIN_TIMES]
    if not timed:
        return None
    steadiness = fmean(1 - stdev(times) / fmean(times) for times in timed)
    return Score("consistency_score", max(0.0, steadiness), sum(map(len, timed)))


def _times(run: TaskRun) -> list[float]:
    return usable_times(run.test, run.floor_ms) if run.family in EVEN_FAMILIES else []


def _slowing(times: Sequence[float]) -> Score:
    third = len(times) // 3
    first, last = times[:third], times[-third:]
    whole = median(times)
    error = combined_error(median_error(first), median_error(last))
    return Score(
        "fatigue_index",
        (median(last) - median(first)) / whole,
        len(times),
        None if error is None else error / whole,
    )
