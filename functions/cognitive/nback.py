"""N-back: recognizing what was shown n items ago.

Sensitivity and criterion are those of `detection.py`, for each load of its own. A task that follows
the person through at least `ADAPTIVE_LOADS` loads is also scored by the mean load, as a span is.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from statistics import fmean

from functions.cognitive.detection import Detection, detection
from functions.cognitive.reliability import mean_error
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
from functions.cognitive.trials import TaskRun, Trial
from shared.record import Absence

TARGET, LURE = "target", "nontarget"
ADAPTIVE_LOADS = 3  # a task that moves through this many loads and more follows the person


def n_back_scores(run: TaskRun) -> Scored:
    """Score d' and criterion for every load, accuracy, speed and the load reached.

    A hit is a right answer to a target and a false alarm a wrong one to anything
    else, so tasks with one key and with two are scored alike.
    """
    trials = judged(run.test)
    members = sorted(_by_load(trials).items())
    by_load = {load: _load_scores(run.task, load, of_load) for load, of_load in members}
    times = usable_times(run.test, run.floor_ms)
    return Scored(
        (
            *chain.from_iterable(by_load.values()),
            *accuracy_score(run),
            *median_score(f"{run.task}_median", times),
            *variability_score(f"{run.task}_variability", times),
            *_mean_load(run.task, trials, len(by_load)),
        ),
        tuple(_absent(run.task, by_load)),
    )


def _absent(task: str, by_load: Mapping[int, Sequence[Score]]) -> Iterator[Absence]:
    if not by_load:
        yield too_few(f"{task}_2_d_prime", 0)
    for load, scores in by_load.items():
        if not scores:
            name = f"{task}_{load}_d_prime"
            yield Absence(name, "too-few-trials", "There are too few targets or lures.")


def _by_load(trials: Sequence[Trial]) -> dict[int, list[Trial]]:
    by_load: dict[int, list[Trial]] = {}
    for trial in trials:
        if trial.load is not None:
            by_load.setdefault(trial.load, []).append(trial)
    return by_load


def _load_scores(task: str, load: int, trials: Sequence[Trial]) -> list[Score]:
    signals = [trial for trial in trials if trial.condition == TARGET]
    noise = [trial for trial in trials if trial.condition == LURE]
    if min(len(signals), len(noise)) < MIN_TRIALS:
        return []
    whole = _detect(signals, noise)
    odd, even = _detect(signals[0::2], noise[0::2]), _detect(signals[1::2], noise[1::2])
    n = len(signals) + len(noise)
    d_prime = Score(
        f"{task}_{load}_d_prime",
        whole.d_prime,
        n,
        whole.d_prime_error,
        (odd.d_prime, even.d_prime),
    )
    criterion = Score(
        f"{task}_{load}_criterion",
        whole.criterion,
        n,
        whole.criterion_error,
        (odd.criterion, even.criterion),
    )
    return [d_prime, criterion]


def _detect(signals: Sequence[Trial], noise: Sequence[Trial]) -> Detection:
    hits = sum(bool(trial.correct) for trial in signals)
    false_alarms = sum(not trial.correct for trial in noise)
    return detection(hits, len(signals), false_alarms, len(noise))


def _mean_load(task: str, trials: Sequence[Trial], loads: int) -> list[Score]:
    """Mean n that an adaptive task settled at, the 0-back control left out."""
    worked = [float(trial.load) for trial in trials if trial.load]
    if loads < ADAPTIVE_LOADS or len(worked) < MIN_TRIALS:
        return []
    return [Score(f"{task}_mean_load", fmean(worked), len(worked), mean_error(worked))]
