"""Atrial fibrillation: irregular intervals without a constant P wave, window by window.

`fibrillation(time_s, is_ventricular, is_connected, atria) -> Fibrillation` judges windows of 30
intervals from which ventricular beats and their neighbors were taken out; a shorter recording is
one short window, judged by a model of its own and with less confidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from functions.cardiology.atrial import AtrialActivity
from functions.cardiology.ecg import Floats
from functions.cardiology.shapes import Indices
from functions.cardiology.trained import load_model
from shared.science.logistic import LogisticModel
from shared.science.signals import Mask, spans

WINDOW = 30
STEP = 10
BRIDGED_BEATS = 4  # so few beats between two stretches of fibrillation belong to them
SHORT_WINDOW = 8  # with fewer intervals even regularity is a guess
MAX_RR_S = 4.0

TOLERANCE = 0.05  # of the median interval: two intervals this close are alike
CHANGED = 0.06  # of the median interval: a difference that counts


@dataclass(frozen=True)
class Intervals:
    """Intervals between neighboring beats that are neither ventricular nor next to a gap.

    Attributes
    ----------
    beat : (n,) ndarray of int64
        Index of the beat that ends each interval.
    rr_s : (n,) ndarray of float64
        No longer than `MAX_RR_S`.
    follows : (n,) ndarray of bool
        Whether the interval begins where the one before it ended.
    """

    beat: Indices
    rr_s: Floats
    follows: Mask

    def part(self, start: int, stop: int) -> "Intervals":
        """Cut intervals; the first keeps its `follows`, though the one before it is left out."""
        return Intervals(self.beat[start:stop], self.rr_s[start:stop], self.follows[start:stop])


@dataclass(frozen=True)
class Window:
    """One judged stretch: from the beat that begins it to the one that ends it."""

    first: int
    last: int
    probability: float
    evidence: dict[str, float]


@dataclass(frozen=True)
class Fibrillation:
    """What the windows say.

    Attributes
    ----------
    windows : tuple of Window
    probability : (n_beats,) ndarray of float64
        Mean of the windows around each beat; NaN where none lies.
    model : LogisticModel
        That judged them; above its threshold a beat counts as fibrillation.
    is_short : bool
        The recording is one short window, judged by the model for those.
    n_left_out : int
        Connected intervals beside ventricular or paced beats, or longer than `MAX_RR_S`.
    """

    windows: tuple[Window, ...]
    probability: Floats
    model: LogisticModel
    is_short: bool
    n_left_out: int

    @property
    def beats(self) -> Mask:
        """Which beats count as fibrillation."""
        return fibrillating(self.probability, self.model.threshold)

    def without(self, stretches: Sequence[slice]) -> "Fibrillation":
        """The same, none in these stretches of beats: something else is known of them."""
        probability = self.probability.copy()
        for stretch in stretches:
            probability[stretch] = np.fmin(probability[stretch], 0.0)
        return replace(self, probability=probability)

    @property
    def fraction(self) -> float | None:
        """Share of the judged beats in fibrillation; None where nothing could be judged."""
        judged = ~np.isnan(self.probability)
        return float(self.beats[judged].mean()) if judged.any() else None


def usable_intervals(time_s: Floats, is_ventricular: Mask, is_connected: Mask) -> Intervals:
    """Leave out intervals beside ventricular beats, across gaps and beyond `MAX_RR_S`."""
    rr_s = np.diff(time_s)
    is_usable = is_connected & ~is_ventricular[:-1] & ~is_ventricular[1:] & (rr_s <= MAX_RR_S)
    follows = is_usable & np.concatenate(([False], is_usable[:-1]))
    return Intervals(np.flatnonzero(is_usable) + 1, rr_s[is_usable], follows[is_usable])


def sample_entropy(rr_s: Floats, follows: Mask) -> float:
    """How unpredictable an interval is from the one before it, nats.

    Template length 1, tolerance `TOLERANCE` of the median; half a match is added to both counts,
    so that a series without any match still has a value [1]_. Deviations: the paper's examples have
    templates of 2, a tolerance of 0.2 standard deviations, and no value without a match.

    References
    ----------
    .. [1] Richman, Moorman (2000). Physiological time-series analysis using approximate entropy
       and sample entropy. Am J Physiol 278, H2039-H2049. doi:10.1152/ajpheart.2000.278.6.H2039
    """
    later = np.flatnonzero(follows)
    alike = np.abs(rr_s[:, None] - rr_s) <= TOLERANCE * np.median(rr_s)
    pairs = np.triu(np.ones((len(later), len(later)), np.bool_), 1)
    same_now = alike[np.ix_(later - 1, later - 1)] & pairs
    same_next = same_now & alike[np.ix_(later, later)]
    return float(-np.log((same_next.sum() + 0.5) / (same_now.sum() + 0.5)))


def window_evidence(part: Intervals, atria: AtrialActivity) -> dict[str, float]:
    """Measure what tells fibrillation from other rhythms in one window.

    Parameters
    ----------
    part : Intervals
        At least three that follow one another.
    atria : AtrialActivity
        Of all beats of the recording.

    Returns
    -------
    dict
        By the names of the models' features.

    Notes
    -----
    A window that does not begin a run holds its first interval against its last one, too: the
    models were fitted so. The method card says what that changes.
    """
    rr_s = part.rr_s
    later = np.flatnonzero(part.follows)
    change_s = rr_s[later] - rr_s[later - 1]
    median = float(np.median(rr_s))
    return {
        "rmssd_ratio": float(np.sqrt(np.mean(change_s**2)) / rr_s.mean()),
        "median_change": float(np.median(np.abs(change_s)) / median),
        "changed_share": float(np.mean(np.abs(change_s) > CHANGED * median)),
        "entropy": sample_entropy(rr_s, part.follows),
        "p_on": atria.p_on(part.beat),
        "p_far": atria.p_far(part.beat),
    }


def judged_parts(intervals: Intervals, length: int, step: int) -> list[Intervals]:
    """Windows of `length` intervals every `step`, the last one ending with the last interval."""
    if (n_intervals := len(intervals.rr_s)) < length:
        return []
    starts = [*range(0, n_intervals - length, step), n_intervals - length]
    parts = [intervals.part(start, start + length) for start in starts]
    return [part for part in parts if part.follows[1:].sum() >= length // 2]


def fibrillation(
    time_s: Floats, is_ventricular: Mask, is_connected: Mask, atria: AtrialActivity
) -> Fibrillation:
    """Judge every window of a recording.

    Parameters
    ----------
    time_s : (n_beats,) ndarray of float64
    is_ventricular : (n_beats,) ndarray of bool
        Ventricular and paced beats: their timing says nothing about the atria.
    is_connected : (n_beats - 1,) ndarray of bool
    atria : AtrialActivity

    Returns
    -------
    Fibrillation
        Without windows, and NaN for every beat, where fewer than `SHORT_WINDOW` intervals are left.

    Notes
    -----
    Entropy of short series as in [1]_. Deviations: plain sample entropy with a tolerance relative
    to the median instead of the coefficient of sample entropy; windows of 30 intervals instead of
    12 beats; other measures of the intervals and the P wave, before the onset of the QRS complex
    and far before it, are weighed with it by a logistic model instead of a cut.

    References
    ----------
    .. [1] Lake, Moorman (2011). Accurate estimation of entropy in very short physiological time
       series: the problem of atrial fibrillation detection in implanted ventricular devices.
       Am J Physiol 300, H319-H325. doi:10.1152/ajpheart.00561.2010
    """
    intervals = usable_intervals(time_s, is_ventricular, is_connected)
    parts = judged_parts(intervals, WINDOW, STEP)
    is_short = not parts
    if is_short:
        parts = judged_parts(intervals, max(SHORT_WINDOW, len(intervals.rr_s)), STEP)
    model = load_model("fibrillation_short" if is_short else "fibrillation")
    windows = []
    for part in parts:
        evidence = window_evidence(part, atria)
        columns = {name: np.array([value]) for name, value in evidence.items()}
        probability = float(model.probability(columns)[0])
        windows.append(Window(int(part.beat[0]) - 1, int(part.beat[-1]), probability, evidence))
    left_out = int(is_connected.sum()) - len(intervals.rr_s)
    return Fibrillation(tuple(windows), by_beat(windows, len(time_s)), model, is_short, left_out)


def fibrillating(probability: Floats, threshold: float) -> Mask:
    """Which beats count as fibrillation, with the few between them."""
    present = np.zeros(len(probability), np.bool_)
    for start, stop in spans(np.nan_to_num(probability) > threshold, bridged=BRIDGED_BEATS):
        present[start:stop] = True
    return present


def by_beat(windows: list[Window], n_beats: int) -> Floats:
    """Mean probability of the windows around each beat; NaN where none lies."""
    total, count = np.zeros(n_beats), np.zeros(n_beats)
    for window in windows:
        total[window.first : window.last + 1] += window.probability
        count[window.first : window.last + 1] += 1
    probability: npt.NDArray[np.float64] = np.full(n_beats, np.nan)
    probability[count > 0] = total[count > 0] / count[count > 0]
    return probability
