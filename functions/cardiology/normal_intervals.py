"""Intervals between normal beats (NN), and the heart rate: what variability is measured from.

`normal_intervals(time_s, is_normal, is_connected) -> NormalIntervals`;
`heart_rate(time_s, is_connected)` counts every beat.

The standard (see `hrv.py`) sets no limits of an interval: `NN_LIMITS_MS` (30-200/min) are
MediLens's own.
"""

from dataclasses import dataclass

import numpy as np

from functions.cardiology.ecg import Floats
from shared.science.signals import Mask

# Beyond these an interval is a missed beat, a false one or a pause, not sinus rhythm.
NN_LIMITS_MS = (300.0, 2000.0)

MIN_MEAN_INTERVALS = 3


@dataclass(frozen=True)
class NormalIntervals:
    """NN intervals: each between two neighboring normal beats of usable signal.

    Attributes
    ----------
    end_s : (n,) ndarray of float64
        The beat that ends each interval.
    rr_ms : (n,) ndarray of float64
    follows : (n,) ndarray of bool
        Whether the interval begins at the beat that ended the one before it, so that their
        difference means something.
    n_all : int
        Intervals of usable signal, normal or not.
    """

    end_s: Floats
    rr_ms: Floats
    follows: Mask
    n_all: int

    @property
    def duration_s(self) -> float:
        """The time that the intervals cover together."""
        return float(self.rr_ms.sum()) / 1000

    @property
    def removed_percent(self) -> float:
        """Share of the intervals of usable signal that are not between two normal beats."""
        return 100 * (1 - len(self.rr_ms) / self.n_all) if self.n_all else 0.0


def normal_intervals(time_s: Floats, is_normal: Mask, is_connected: Mask) -> NormalIntervals:
    """Keep the intervals whose two beats are normal and whose signal is usable throughout.

    Parameters
    ----------
    time_s : (n_beats,) ndarray of float64
    is_normal : (n_beats,) ndarray of bool
        Sinus beats; False for ectopic, paced and unknown ones and for beats in fibrillation.
    is_connected : (n_beats - 1,) ndarray of bool
        Whether the signal between a beat and the next is usable.

    Returns
    -------
    NormalIntervals
        Without those outside of `NN_LIMITS_MS`, which count as removed.
    """
    rr_ms = 1000 * np.diff(time_s)
    plausible = (rr_ms >= NN_LIMITS_MS[0]) & (rr_ms <= NN_LIMITS_MS[1])
    usable = is_normal[:-1] & is_normal[1:] & is_connected & plausible
    follows = usable & np.concatenate(([False], usable[:-1]))
    return NormalIntervals(
        time_s[1:][usable], rr_ms[usable], follows[usable], int(is_connected.sum())
    )


def heart_rate(time_s: Floats, is_connected: Mask) -> float | None:
    """Return the mean rate of all connected beats, ectopic or not.

    The inverse of the mean interval, which is beats over time; the mean of the inverses would lie
    above it.

    Parameters
    ----------
    time_s : (n_beats,) ndarray of float64
    is_connected : (n_beats - 1,) ndarray of bool

    Returns
    -------
    float or None
        Beats per minute; None with fewer than `MIN_MEAN_INTERVALS` intervals.

    Examples
    --------
    >>> heart_rate(np.array([0.0, 1.0, 2.0, 2.4]), np.ones(3, bool))
    75.0
    """
    rr_s = np.diff(time_s)[is_connected]
    if len(rr_s) < MIN_MEAN_INTERVALS:
        return None
    return float(60 / rr_s.mean())
