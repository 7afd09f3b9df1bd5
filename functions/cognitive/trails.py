"""Digital trail making and color trails: connecting in order, then alternating.

Times of a touch screen or mouse are not times of a pencil: paper norms never apply.

Deviations: on paper the examiner has an error put right at once, which costs time [1]_; here
errors are counted, and what one costs is up to the client.

References
----------
.. [1] Reitan (1958). Validity of the Trail Making Test as an indicator of organic brain
   damage. Percept Mot Skills 8, 271-276. doi:10.2466/pms.1958.8.3.271
.. [2] Arbuthnott & Frank (2000). Trail making test, part B as a measure of executive
   control. J Clin Exp Neuropsychol 22(4), 518-528.
   doi:10.1076/1380-3395(200008)22:4;1-0;FT518
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import sqrt
from statistics import stdev

from functions.cognitive.reliability import combined_error
from functions.cognitive.scores import Score, Scored
from functions.cognitive.trials import TaskRun, Trial
from shared.record import Absence

FIRST, SECOND = "first", "second"  # A and B, or Color Trails 1 and 2
MIN_SEGMENTS = 5  # fewer connections say nothing of their spread


@dataclass(frozen=True)
class Trail:
    """One part: its completion time, the error of that time, and wrong taps where logged."""

    time_s: float
    time_error_s: float | None
    errors: int | None
    targets: int


def trail_scores(run: TaskRun) -> Scored:
    """Score both parts, their difference, ratio, proportional interference and errors."""
    trails: dict[str, Trail] = {}
    absent: list[Absence] = []
    for part in (FIRST, SECOND):
        trail = _trail([trial for trial in run.test if trial.condition == part])
        if trail is None:
            detail = f"The log holds no completion time of the {part} part."
            absent.append(Absence(f"{run.task}_{part}_time", "no-completion-time", detail))
        else:
            trails[part] = trail
    scores = [score for part, trail in trails.items() for score in _part(run.task, part, trail)]
    if len(trails) == 2:
        scores += _both(run.task, trails[FIRST], trails[SECOND])
    return Scored(tuple(scores), tuple(absent))


def _trail(taps: Sequence[Trial]) -> Trail | None:
    """Read a part logged as one row a tap, or as a single row with its total time."""
    if len(taps) == 1 and taps[0].rt_ms is not None:
        return Trail(taps[0].rt_ms / 1000, None, None, 1)
    right_ms = _right_taps_ms(taps)
    if not right_ms or right_ms[-1] <= 0:
        return None
    return Trail(
        right_ms[-1] / 1000,
        _time_error_s(right_ms),
        sum(tap.correct is False for tap in taps),
        len(right_ms),
    )


def _right_taps_ms(taps: Sequence[Trial]) -> list[float]:
    """When each right tap came: at its onset, or after all times from tap to tap before it."""
    if any(tap.onset_ms is not None for tap in taps):
        return [t.onset_ms for t in taps if t.onset_ms is not None and t.correct is not False]
    steps_ms = [tap.rt_ms for tap in taps if tap.rt_ms is not None]
    if len(steps_ms) < len(taps):
        return []
    passed = zip(taps, accumulate(steps_ms), strict=True)
    return [at_ms for tap, at_ms in passed if tap.correct is not False]


def _time_error_s(right_ms: Sequence[float]) -> float | None:
    """Spread of a sum of connections, each taken as an independent draw."""
    segments = [after - before for before, after in pairwise(right_ms)]
    if len(segments) < MIN_SEGMENTS:
        return None
    return sqrt(len(segments)) * stdev(segments) / 1000


def _part(task: str, part: str, trail: Trail) -> list[Score]:
    scores = [Score(f"{task}_{part}_time", trail.time_s, trail.targets, trail.time_error_s)]
    if trail.errors is not None:
        scores.append(Score(f"{task}_{part}_errors", float(trail.errors), trail.targets))
    return scores


def _both(task: str, first: Trail, second: Trail) -> list[Score]:
    n = first.targets + second.targets
    ratio = second.time_s / first.time_s
    ratio_error = (
        combined_error(
            second.time_error_s / first.time_s, ratio * first.time_error_s / first.time_s
        )
        if first.time_error_s is not None and second.time_error_s is not None
        else None
    )
    return [
        Score(
            f"{task}_difference",
            second.time_s - first.time_s,
            n,
            combined_error(first.time_error_s, second.time_error_s),
        ),
        Score(f"{task}_ratio", ratio, n, ratio_error),
        Score(
            f"{task}_interference",
            proportional_interference(first.time_s, second.time_s),
            n,
            ratio_error,
        ),
    ]


def proportional_interference(first_s: float, second_s: float) -> float:
    """Cost of alternating as a share of the plain time: (T2 - T1) / T1.

    Examples
    --------
    >>> round(proportional_interference(32, 59), 2)
    0.84
    """
    return (second_s - first_s) / first_s
