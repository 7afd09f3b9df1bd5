"""What one task yields: scores with their error, and the reaction times they rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from statistics import fmean, median, stdev

from functions.cognitive.reliability import (
    STANDARD_NORMAL,
    mean_error,
    median_error,
    proportion_error,
    variation_error,
)
from functions.cognitive.trials import TaskRun, Trial
from shared.record import Absence

# Times more than three scaled median absolute deviations above the median are lapses of
# the situation, not of the process (Hedge, Powell & Sumner 2018,
# doi:10.3758/s13428-017-0935-1, after Leys et al. 2013, doi:10.1016/j.jesp.2013.03.013).
OUTLIER_DEVIATIONS = 3.0
MAD_TO_SD = 1.4826  # makes the deviation of normal data estimate their SD (Leys et al. 2013)
INTERVAL_Z = STANDARD_NORMAL.inv_cdf(0.975)
SHARE = (0.0, 100.0)
MIN_TRIALS = 5  # fewer correct responses make no median worth the name


@dataclass(frozen=True)
class Score:
    """One score of one task.

    Attributes
    ----------
    name : str
        As in the catalog (`norms.BIOMARKERS`), where its unit stands.
    n : int
        Valid trials (or words, taps) behind it.
    standard_error : float or None
        In the score's unit; None where a single session cannot tell.
    halves : tuple of (float, float) or None
        The same score from odd and from even trials, for split-half reliability.
    limits : (float, float)
        What the score can be at all; a share lies between 0 and 100.
    """

    name: str
    value: float
    n: int
    standard_error: float | None = None
    halves: tuple[float, float] | None = None
    limits: tuple[float, float] = (-inf, inf)

    @property
    def interval_95(self) -> tuple[float, float] | None:
        """The 95 % interval, within what the score can be; None without an error."""
        if self.standard_error is None:
            return None
        half, (lowest, highest) = INTERVAL_Z * self.standard_error, self.limits
        return max(lowest, self.value - half), min(highest, self.value + half)


@dataclass(frozen=True)
class Scored:
    """The scores of one task, and why others are absent."""

    scores: tuple[Score, ...]
    absent: tuple[Absence, ...] = ()


def responded(trials: Iterable[Trial], floor_ms: float) -> list[Trial]:
    """Trials with a response that can be a reaction to the stimulus."""
    return [trial for trial in trials if trial.rt_ms is not None and trial.rt_ms >= floor_ms]


def usable_times(trials: Iterable[Trial], floor_ms: float) -> list[float]:
    """Reaction times of correct trials, anticipations and outliers removed.

    Where the log does not judge responses (simple reaction), every response counts. The limit above
    is `outlier_limit`; below, nothing is cut but at the floor.

    Parameters
    ----------
    trials : iterable of Trial
    floor_ms : float
        A time of exactly this stays.

    Returns
    -------
    list of float
        In ms, in the order of the trials: halves by odd and even members rest on it.
    """
    times = [
        trial.rt_ms
        for trial in responded(trials, floor_ms)
        if trial.rt_ms is not None and trial.correct is not False
    ]
    if not times:
        return []
    limit = outlier_limit(times)
    return [time for time in times if time <= limit]


def outlier_limit(times: Sequence[float]) -> float:
    """Median plus three scaled median absolute deviations.

    Infinite where more than half the times are the same number: that spread is the
    clock's, not the person's.
    """
    middle = median(times)
    deviation = median(abs(time - middle) for time in times)
    return middle + OUTLIER_DEVIATIONS * MAD_TO_SD * deviation if deviation > 0 else inf


def judged(trials: Iterable[Trial]) -> list[Trial]:
    """Trials that the log calls right or wrong."""
    return [trial for trial in trials if trial.correct is not None]


def halves(values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    """Odd and even members, in order."""
    return values[0::2], values[1::2]


def median_score(name: str, times: Sequence[float]) -> list[Score]:
    """The median time with its distribution-free error; empty for too few times."""
    if len(times) < MIN_TRIALS:
        return []
    odd, even = map(median, halves(times))
    return [Score(name, median(times), len(times), median_error(times), (odd, even))]


def mean_score(name: str, values: Sequence[float]) -> list[Score]:
    """A mean with its standard error; empty for too few values."""
    if len(values) < MIN_TRIALS:
        return []
    odd, even = map(fmean, halves(values))
    return [Score(name, fmean(values), len(values), mean_error(values), (odd, even))]


def variability_score(name: str, times: Sequence[float]) -> list[Score]:
    """Coefficient of variation in percent: SD over mean."""
    if len(times) < 2 * MIN_TRIALS:
        return []
    odd, even = halves(times)
    error = variation_error(times)
    return [
        Score(
            name,
            _variation(times),
            len(times),
            None if error is None else 100 * error,
            (_variation(odd), _variation(even)),
        )
    ]


def _variation(times: Sequence[float]) -> float:
    return 100 * stdev(times) / fmean(times)


def share_score(name: str, happened: Sequence[bool]) -> list[Score]:
    """How often something happened, in percent; empty for too few occasions."""
    if len(happened) < MIN_TRIALS:
        return []
    count, n = sum(happened), len(happened)
    odd, even = (100 * fmean(half) for half in (happened[0::2], happened[1::2]))
    error = 100 * proportion_error(count, n)
    return [Score(name, 100 * count / n, n, error, (odd, even), limits=SHARE)]


def accuracy_score(run: TaskRun) -> list[Score]:
    """Percent of judged test trials that were right; an unanswered trial is wrong."""
    return share_score(f"{run.task}_accuracy", [bool(t.correct) for t in judged(run.test)])


def too_few(name: str, usable: int, needed: int = MIN_TRIALS) -> Absence:
    """Say that a score is absent because there are too few trials for it.

    Parameters
    ----------
    name : str
        The score by which its task is known; one absence stands for all that need the same trials.
    usable, needed : int

    Returns
    -------
    Absence
    """
    detail = f"Found {usable} usable trials; at least {needed} are needed."
    return Absence(name, "too-few-trials", detail)
