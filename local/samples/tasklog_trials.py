"""What all samples of tasks are made of: exact times, judged keys, practice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from statistics import NormalDist

from functions.cognitive.trials import Phase, Trial


@dataclass(frozen=True)
class TaskSample:
    """The trials of one task, and the scores they must give, by biomarker name."""

    task: str
    trials: tuple[Trial, ...]
    truth: Mapping[str, float]


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  a sample is to be repeatable, not secret


def quantile_times(random: Random, mean_ms: float, n: int, *, spread: float = 0.12) -> list[float]:
    """The quantiles of a normal distribution, shuffled; mean and median are exact.

    Parameters
    ----------
    random : Random
    mean_ms : float
    n : int
    spread : float
        SD as a share of the mean. That of the times is smaller, for n quantiles have no tails.

    Returns
    -------
    list of float
        In ms.
    """
    normal = NormalDist(mean_ms, spread * mean_ms)
    times = [normal.inv_cdf((i + 0.5) / n) for i in range(n)]
    random.shuffle(times)
    return times


def keyed(random: Random, rt_ms: float, *, right: bool, condition: str | None = None) -> Trial:
    """A trial of two keys, f and j, the right one of which is drawn."""
    target = random.choice("fj")
    other = "j" if target == "f" else "f"
    return Trial(
        condition=condition,
        target=target,
        response=target if right else other,
        correct=right,
        rt_ms=rt_ms,
    )


def practice_of(trials: list[Trial]) -> list[Trial]:
    """Twelve slow practice trials, which no score may hold."""
    first = [trial for trial in trials if trial.rt_ms is not None and trial.correct is not False]
    return [
        replace(trial, phase=Phase.PRACTICE, rt_ms=(trial.rt_ms or 0) + 700) for trial in first[:12]
    ]
