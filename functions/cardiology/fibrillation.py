"""Atrial fibrillation: irregular intervals without a constant P wave, window by window.

`fibrillation(rr, shapes) -> Fibrillation` judges windows of 60 intervals from which ventricular
beats and their neighbors were taken out; a shorter recording is one short window, judged by a
model of its own and with less confidence.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Floats
from functions.cardiology.shapes import TINY, Float32s, Indices, Shapes, within
from functions.cardiology.trained import load_model
from shared.science.logistic import LogisticModel
from shared.science.signals import Mask

WINDOW = 60
STEP = 30
SHORT_WINDOW = 8  # with fewer intervals even regularity is a guess
MAX_RR_S = 4.0

TOLERANCE = 0.05  # of the median interval: two intervals this close are alike
CHANGED = 0.06  # of the median interval: a difference that counts
P_WAVE_S = (-0.26, -0.08)


@dataclass(frozen=True)
class Intervals:
    """Intervals between neighboring beats that are neither ventricular nor next to a gap.

    Attributes
    ----------
    beat : ndarray of int64, shape (n,)
        Index of the beat that ends each interval.
    rr_s : ndarray of float64, shape (n,)
    follows : ndarray of bool, shape (n,)
        Whether the interval begins where the one before it ended.
    """

    beat: Indices
    rr_s: Floats
    follows: Mask

    def part(self, start: int, stop: int) -> "Intervals":
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
    probability : ndarray of float64, shape (n_beats,)
        Mean of the windows around each beat; NaN where none lies.
    model : LogisticModel
        That judged them; from its threshold on a beat counts as fibrillation.
    is_short : bool
        The recording is one short window, judged by the model for those.
    n_left_out : int
        Intervals taken out because of ventricular beats.
    """

    windows: tuple[Window, ...]
    probability: Floats
    model: LogisticModel
    is_short: bool
    n_left_out: int

    @property
    def beats(self) -> Mask:
        """Which beats count as fibrillation."""
        present: Mask = np.nan_to_num(self.probability) > self.model.threshold
        return present

    @property
    def fraction(self) -> float | None:
        """Share of the judged beats in fibrillation; None where nothing could be judged."""
        judged = ~np.isnan(self.probability)
        return float(self.beats[judged].mean()) if judged.any() else None


def usable_intervals(time_s: Floats, is_ventricular: Mask, is_connected: Mask) -> Intervals:
    """Leave out the intervals that begin or end with a ventricular beat or cross a gap."""
    rr_s = np.diff(time_s)
    kept = is_connected & ~is_ventricular[:-1] & ~is_ventricular[1:] & (rr_s <= MAX_RR_S)
    follows = kept & np.concatenate(([False], kept[:-1]))
    return Intervals(np.flatnonzero(kept) + 1, rr_s[kept], follows[kept])


def sample_entropy(rr_s: Floats, follows: Mask) -> float:
    """How unpredictable an interval is from the one before it, nats.

    Template length 1, tolerance `TOLERANCE` of the median; half a match is added to both counts,
    so that a series without any match still has a value [1]_.

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


def window_evidence(part: Intervals, windows: Float32s) -> dict[str, float]:
    """What tells fibrillation from other rhythms in one window.

    Parameters
    ----------
    part : Intervals
        At least three that follow one another.
    windows : ndarray of float32, shape (n_beats, n_times, n_leads)
        The shapes of the beats of the window.
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
        "p_wave_constancy": p_wave_constancy(windows),
    }


def p_wave_constancy(windows: Float32s) -> float:
    """Share of the signal before the QRS that all beats have in common, 0-1.

    A P wave at a constant distance stays in the mean of the beats; fibrillatory waves average
    out. The share that n unrelated beats would keep, 1/n, is taken off.
    """
    part = windows[:, within(P_WAVE_S)].astype(np.float64)
    position = np.linspace(-1, 1, part.shape[1])
    part = part - part.mean(axis=1, keepdims=True)
    tilt = np.tensordot(part, position, axes=([1], [0])) / (position @ position)
    part = part - tilt[:, None, :] * position[None, :, None]
    n_beats = len(part)
    common = (part.mean(axis=0) ** 2).sum()
    alone = max(float((part**2).sum()) / n_beats, TINY)
    return float((common / alone - 1 / n_beats) / (1 - 1 / n_beats))


def judged_parts(intervals: Intervals, length: int, step: int) -> list[Intervals]:
    """Windows of `length` intervals every `step`, the last one ending with the last interval."""
    n_intervals = len(intervals.rr_s)
    if n_intervals < length:
        return []
    starts = [*range(0, n_intervals - length, step), n_intervals - length]
    parts = [intervals.part(start, start + length) for start in starts]
    return [part for part in parts if part.follows[1:].sum() >= length // 2]


def fibrillation(
    time_s: Floats, is_ventricular: Mask, is_connected: Mask, shapes: Shapes
) -> Fibrillation:
    """Judge every window of a recording.

    Parameters
    ----------
    time_s : ndarray of float64, shape (n_beats,)
    is_ventricular : ndarray of bool, shape (n_beats,)
        Ventricular and paced beats: their timing says nothing about the atria.
    is_connected : ndarray of bool, shape (n_beats - 1,)
    shapes : Shapes

    Notes
    -----
    Interval features as in [1]_ with plain sample entropy; the P wave on the mean beat.

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
        evidence = window_evidence(part, shapes.windows[part.beat])
        columns = {name: np.array([value]) for name, value in evidence.items()}
        probability = float(model.probability(columns)[0])
        windows.append(Window(int(part.beat[0]) - 1, int(part.beat[-1]), probability, evidence))
    left_out = int(is_connected.sum()) - len(intervals.rr_s)
    return Fibrillation(tuple(windows), _by_beat(windows, len(time_s)), model, is_short, left_out)


def _by_beat(windows: list[Window], n_beats: int) -> Floats:
    total, count = np.zeros(n_beats), np.zeros(n_beats)
    for window in windows:
        total[window.first : window.last + 1] += window.probability
        count[window.first : window.last + 1] += 1
    probability: npt.NDArray[np.float64] = np.full(n_beats, np.nan)
    probability[count > 0] = total[count > 0] / count[count > 0]
    return probability
