"""Holding back: go/no-go, sustained attention to response, and stopping on a signal.

Deviations: a stop trial whose delay is not logged is left out; SSRT is given from 10 stop and
10 answered go trials on, with its error, where 50 stop trials are advised [1]_. Post-error slowing
needs both neighbors of an error to be right [2]_. Commissions are a share of the no-go trials, not
a count [3]_, and d' is given beside them.

References
----------
.. [1] Verbruggen et al. (2019). A consensus guide to capturing the ability to inhibit
   actions and impulsive behaviors in the stop-signal task. eLife 8, e46323.
   doi:10.7554/eLife.46323
.. [2] Dutilh et al. (2012). How to measure post-error slowing: a confound and a simple
   solution. J Math Psychol 56(3), 208-216. doi:10.1016/j.jmp.2012.04.001
.. [3] Robertson et al. (1997). 'Oops!': performance correlates of everyday attentional
   failures. Neuropsychologia 35(6), 747-758. doi:10.1016/S0028-3932(97)00015-8
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from statistics import fmean, median

from functions.cognitive.detection import detection
from functions.cognitive.reliability import (
    combined_error,
    grouped_jackknife_error,
    mean_error,
    median_error,
)
from functions.cognitive.scores import (
    MIN_TRIALS,
    Score,
    Scored,
    mean_score,
    median_score,
    share_score,
    too_few,
    usable_times,
    variability_score,
)
from functions.cognitive.trials import TaskRun, Trial
from shared.record import Absence

GO, NO_GO, STOP = "go", "nogo", "stop"
MIN_STOP_TRIALS = 10  # fewer cannot fix the share of stops that failed; 50 are advised [1]_
RESPOND_SHARE = (0.25, 0.75)  # outside, SSRT is not estimated (Verbruggen 2019, rec. 7)


def go_no_go_scores(run: TaskRun) -> Scored:
    """Score commissions, omissions, d', go speed and variability, post-error slowing."""
    go = [trial for trial in run.test if trial.condition == GO]
    held = [trial for trial in run.test if trial.condition == NO_GO]
    if min(len(go), len(held)) < MIN_TRIALS:
        return Scored((), (too_few(f"{run.task}_d_prime", min(len(go), len(held))),))
    omitted = [trial.rt_ms is None and not trial.correct for trial in go]
    committed = [not trial.correct for trial in held]
    signal = detection(len(go) - sum(omitted), len(go), sum(committed), len(held))
    times = usable_times(go, run.floor_ms)
    return Scored(
        (
            *share_score(f"{run.task}_commissions", committed),
            *share_score(f"{run.task}_omissions", omitted),
            Score(
                f"{run.task}_d_prime",
                signal.d_prime,
                len(go) + len(held),
                signal.d_prime_error,
            ),
            *median_score(f"{run.task}_median", times),
            *variability_score(f"{run.task}_variability", times),
            *_post_error_slowing(run),
        )
    )


def _post_error_slowing(run: TaskRun) -> list[Score]:
    """Mean of (RT after an error - RT before it), so that slow drifts cancel [2]_."""
    slowing = [
        after.rt_ms - before.rt_ms
        for (before, wrong), (_, after) in pairwise(pairwise(run.test))
        if wrong.correct is False
        and before.rt_ms is not None
        and after.rt_ms is not None
        and before.correct
        and after.correct
    ]
    if len(slowing) < MIN_TRIALS:
        return []
    name = f"{run.task}_post_error_slowing"
    return [Score(name, fmean(slowing), len(slowing), mean_error(slowing))]


def stop_signal_scores(run: TaskRun) -> Scored:
    """Score stop-signal reaction time by integration, with omissions replaced [1]_.

    The score is withheld where the race model does not hold: a share of failed stops
    outside 25-75 %, or failed stops slower than going.
    """
    go = [trial for trial in run.test if trial.condition == GO]
    stops = [
        trial for trial in run.test if trial.condition == STOP and trial.stop_delay_ms is not None
    ]
    absent = _race_problems(f"{run.task}_ssrt", go, stops)
    scores = [] if absent else _ssrt_scores(run, go, stops)
    return Scored(
        (
            *scores,
            *_go_scores(run, go),
            *share_score(f"{run.task}_failed_stops", [_failed(trial) for trial in stops]),
            *mean_score(f"{run.task}_mean_delay", [trial.stop_delay_ms or 0.0 for trial in stops]),
        ),
        absent,
    )


def _go_scores(run: TaskRun, go: Sequence[Trial]) -> Iterator[Score]:
    times = usable_times(go, run.floor_ms)
    yield from median_score(f"{run.task}_go_median", times)
    yield from variability_score(f"{run.task}_go_variability", times)
    yield from share_score(f"{run.task}_go_accuracy", [bool(trial.correct) for trial in go])
    yield from share_score(f"{run.task}_go_omissions", [trial.rt_ms is None for trial in go])


def _failed(stop: Trial) -> bool:
    return stop.rt_ms is not None


def _race_problems(name: str, go: Sequence[Trial], stops: Sequence[Trial]) -> tuple[Absence, ...]:
    """Say why SSRT may not be estimated; empty where it may."""
    answered = [trial.rt_ms for trial in go if trial.rt_ms is not None]
    if len(stops) < MIN_STOP_TRIALS or len(answered) < MIN_STOP_TRIALS:
        amounts = f"Found {len(stops)} stop trials and {len(answered)} answered go trials"
        detail = f"{amounts}; at least {MIN_STOP_TRIALS} of each are needed."
        return (Absence(name, "too-few-trials", detail),)
    failed = [trial.rt_ms for trial in stops if trial.rt_ms is not None]
    share = len(failed) / len(stops)
    low, high = RESPOND_SHARE
    if not low <= share <= high:
        detail = f"{share:.0%} of the stops failed; between {low:.0%} and {high:.0%} must."
        return (Absence(name, "stops-out-of-range", detail),)
    if fmean(failed) >= fmean(answered):
        detail = "Failed stops were not faster than going, so the race model does not hold."
        return (Absence(name, "race-model", detail),)
    return ()


def _ssrt_scores(run: TaskRun, go: Sequence[Trial], stops: Sequence[Trial]) -> list[Score]:
    both = [*go, *stops]
    ssrt = stop_signal_reaction_time(both)
    if ssrt is None:
        return []
    scores = [
        Score(
            f"{run.task}_ssrt",
            ssrt,
            len(both),
            grouped_jackknife_error(both, stop_signal_reaction_time),
        )
    ]
    times = usable_times(go, run.floor_ms)
    if len(times) >= MIN_TRIALS:
        delays = [trial.stop_delay_ms or 0.0 for trial in stops]
        value = median_method_ssrt(median(times), fmean(delays))
        error = combined_error(median_error(times), mean_error(delays))
        scores.append(Score(f"{run.task}_ssrt_median_method", value, len(both), error))
    return scores


def stop_signal_reaction_time(trials: Sequence[Trial]) -> float | None:
    """Integration method with replacement of go omissions [1]_.

    The go times (premature and wrong ones included, omissions set to the slowest) are ordered, the
    one at the share of failed stops is taken, and the mean delay of the stop signal subtracted.

    Parameters
    ----------
    trials : sequence of Trial
        Of both kinds, in any order; others are not looked at. Stops whose delay is not known must
        be left out before: theirs would count as 0.

    Returns
    -------
    float or None
        In ms; None where no stop failed, or nothing was answered. Whether the race model holds is
        asked before, in `stop_signal_scores`.
    """
    stops = [trial for trial in trials if trial.condition == STOP]
    go = [trial.rt_ms for trial in trials if trial.condition == GO]
    answered = [time for time in go if time is not None]
    if not answered or not (failed := sum(map(_failed, stops))):
        return None
    ordered = sorted([*answered, *[max(answered)] * (len(go) - len(answered))])
    nth = ordered[ceil(failed / len(stops) * len(ordered)) - 1]
    return nth - fmean(trial.stop_delay_ms or 0.0 for trial in stops)


def median_method_ssrt(median_go_ms: float, half_stopped_delay_ms: float) -> float:
    """Median go time minus the delay at which half the stops succeed, in ms.

    The older method, kept because published series use it; with a tracking staircase
    the mean delay stands for the second number. Biased where go times are skewed.

    Examples
    --------
    >>> median_method_ssrt(450.0, 210.0)
    240.0
    """
    return median_go_ms - half_stopped_delay_ms
