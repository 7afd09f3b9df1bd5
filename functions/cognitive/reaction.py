"""Simple and choice reaction time, and the psychomotor vigilance task.

A vigilance task is about its slowest responses, so here nothing is trimmed above:
lapses are the finding, not outliers.

Deviations from [1]_: a trial without a response is a lapse too; the slowest tenth is a mean
of times, where they take one of reciprocal times. The inverse efficiency is given beside speed and
accuracy and never instead of them, which [2]_ warns of.

References
----------
.. [1] Basner & Dinges (2011). Maximizing sensitivity of the psychomotor vigilance test
   (PVT) to sleep loss. Sleep 34(5), 581-591. doi:10.1093/sleep/34.5.581
.. [2] Bruyer & Brysbaert (2011). Combining speed and accuracy in cognitive psychology:
   is the inverse efficiency score (IES) a better dependent variable than the mean
   reaction time and the percentage of errors? doi:10.5334/pb-51-1-5
"""

from collections.abc import Sequence
from math import ceil
from statistics import fmean

from functions.cognitive.exgaussian import exgaussian_scores
from functions.cognitive.reliability import combined_error, mean_error
from functions.cognitive.scores import (
    MIN_TRIALS,
    Score,
    Scored,
    accuracy_score,
    judged,
    mean_score,
    median_score,
    responded,
    share_score,
    too_few,
    usable_times,
    variability_score,
)
from functions.cognitive.trials import TaskRun, Trial

LAPSE_MS = 500.0  # Basner & Dinges 2011; the three-minute PVT-B sets 355 in its profile
FALSE_START_MS = 100.0  # Basner & Dinges 2011
TENTH = 0.1  # the fastest and the slowest: Basner & Dinges (2011)


def simple_reaction_scores(run: TaskRun) -> Scored:
    """Score a task with one stimulus and one answer.

    Median, mean speed (mean of 1000 / RT), lapses, false starts, the fastest and
    slowest tenth and the coefficient of variation, from all responses not faster
    than `FALSE_START_MS`.
    """
    trials = run.test
    times = [trial.rt_ms for trial in responded(trials, FALSE_START_MS) if trial.rt_ms is not None]
    if len(times) < MIN_TRIALS:
        return Scored((), (too_few(f"{run.task}_median", len(times)),))
    lapse_ms = run.settings.get("lapse_ms", LAPSE_MS)
    false_starts = [trial.rt_ms is not None and trial.rt_ms < FALSE_START_MS for trial in trials]
    return Scored(
        (
            *median_score(f"{run.task}_median", times),
            *mean_score(f"{run.task}_speed", [1000 / time for time in times]),
            *variability_score(f"{run.task}_variability", times),
            *share_score(f"{run.task}_lapses", _lapses(trials, lapse_ms)),
            *share_score(f"{run.task}_false_starts", false_starts),
            *_tenth(f"{run.task}_fastest_tenth", sorted(times)),
            *_tenth(f"{run.task}_slowest_tenth", sorted(times, reverse=True)),
            *exgaussian_scores(run.task, trials, FALSE_START_MS),
        )
    )


def _lapses(trials: Sequence[Trial], lapse_ms: float) -> list[bool]:
    """Too slow or not answered at all; false starts are neither lapse nor reaction."""
    return [
        trial.rt_ms is None or trial.rt_ms >= lapse_ms
        for trial in trials
        if trial.rt_ms is None or trial.rt_ms >= FALSE_START_MS
    ]


def _tenth(name: str, ordered: Sequence[float]) -> list[Score]:
    """Mean of the first tenth of ordered times.

    It has no standard error: the members of a tail are not a sample of their own.
    """
    size = ceil(TENTH * len(ordered))
    return [Score(name, fmean(ordered[:size]), size)] if size >= MIN_TRIALS else []


def choice_reaction_scores(run: TaskRun) -> Scored:
    """Score a task with several answers: median RT, accuracy, variability, inverse efficiency."""
    times = usable_times(run.test, run.floor_ms)
    if len(times) < MIN_TRIALS:
        return Scored((), (too_few(f"{run.task}_median", len(times)),))
    return Scored(
        (
            *median_score(f"{run.task}_median", times),
            *accuracy_score(run),
            *variability_score(f"{run.task}_variability", times),
            *inverse_efficiency(run, times),
            *exgaussian_scores(run.task, run.test, run.floor_ms),
        )
    )


def inverse_efficiency(run: TaskRun, times: Sequence[float]) -> list[Score]:
    """Mean correct RT over the share of right answers [2]_.

    Parameters
    ----------
    run : TaskRun
        Whose accuracy it is.
    times : sequence of float
        Usable times in ms.

    Returns
    -------
    list of Score
        One, in ms, its error by those of RT and accuracy (delta method), which are taken as
        independent. Empty for too few times, or where nothing was right.
    """
    accuracy = accuracy_score(run)
    if not accuracy or accuracy[0].value <= 0 or len(times) < MIN_TRIALS:
        return []
    share = accuracy[0].value / 100
    value = fmean(times) / share
    error = _error_of_ratio(value, share, mean_error(times), accuracy[0].standard_error)
    name = f"{run.task}_inverse_efficiency"
    return [Score(name, value, len(judged(run.test)), error)]


def _error_of_ratio(
    value: float, share: float, time_error: float | None, percent_error: float | None
) -> float | None:
    if time_error is None or percent_error is None:
        return None
    return combined_error(time_error / share, value * percent_error / 100 / share)
