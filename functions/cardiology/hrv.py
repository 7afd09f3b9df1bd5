"""Heart rate and its variability, from the times of beats.

`variability(time_s, is_normal, is_connected) -> Variability` is the whole of it; `time_domain` and
`band_powers` are its steps here, `normal_intervals.py` and `hrv_spectrum.py` have the others.

Where it deviates from the standard, [1] below and in `time_domain`:

* Power is taken from the intervals themselves (`hrv_spectrum.py`).
* Time domain values are given from `MIN_TIME_DOMAIN_S` of intervals, below the five minutes of the
  standard, and then have no norms; each band begins at the length that the standard asks for it.
* The standard sets no limit for removed intervals. `MAX_REMOVED_PERCENT` is MediLens's own: beyond
  it a value says more of the removal than of the heart.
"""

from dataclasses import dataclass

import numpy as np

from functions.cardiology.ecg import Floats
from functions.cardiology.hrv_spectrum import HF_BAND_HZ, LF_BAND_HZ, Spectrum, spectrum
from functions.cardiology.normal_intervals import (
    MIN_MEAN_INTERVALS,
    NormalIntervals,
    heart_rate,
    normal_intervals,
)
from shared.science.signals import Mask

MIN_TIME_DOMAIN_S = 60.0  # below the 5 min of [1]: ultra-short values, without norms
MIN_HF_S = 60.0  # [1]: ten times the longest wave of the band, about one minute
MIN_LF_S = 120.0  # [1]: two minutes
MAX_REMOVED_PERCENT = 20.0

PNN_LIMIT_MS = 50.0

TIME_DOMAIN = ("sdnn", "rmssd", "sdsd", "pnn50", "rr_cv", "sd1", "sd2")


@dataclass(frozen=True)
class Variability:
    """What could be measured, by biomarker name, and a sentence for what could not.

    Attributes
    ----------
    values : dict
        Units of the catalog in `norms.py`.
    reasons : tuple of str
        Why values are missing; empty where none is.
    intervals : NormalIntervals
    spectrum : Spectrum or None
        None where variability, or its spectrum, must not be measured.
    """

    values: dict[str, float]
    reasons: tuple[str, ...]
    intervals: NormalIntervals
    spectrum: Spectrum | None


def time_domain(intervals: NormalIntervals) -> dict[str, float]:
    """Measure how much the interval between normal beats varies.

    Returns
    -------
    dict
        `TIME_DOMAIN`, in ms, `pnn50` and `rr_cv` in %.

    Notes
    -----
    Standard deviations use n - 1. The denominator of pNN50 is the number of differences, not of
    intervals. Differences are taken only between intervals that share a beat, and SD1 and SD2
    over the same pairs, so that a removed beat never joins two distant intervals [1]_, [2]_.

    References
    ----------
    .. [1] Task Force of the ESC and NASPE (1996). Heart rate variability: standards of
       measurement. Circulation 93(5), 1043-1065. doi:10.1161/01.CIR.93.5.1043
    .. [2] Brennan, Palaniswami, Kamen (2001). Do existing measures of Poincaré plot geometry
       reflect nonlinear features of heart rate variability? IEEE Trans Biomed Eng 48(11),
       1342-1347. doi:10.1109/10.959330

    Examples
    --------
    >>> beats = np.array([0.0, 0.8, 1.6, 2.5])
    >>> every = normal_intervals(beats, np.ones(4, bool), np.ones(3, bool))
    >>> round(time_domain(every)["rmssd"], 1)
    70.7
    """
    rr_ms = intervals.rr_ms
    later = np.flatnonzero(intervals.follows)
    change_ms = rr_ms[later] - rr_ms[later - 1]
    pair_sum_ms = rr_ms[later] + rr_ms[later - 1]
    sdnn = float(rr_ms.std(ddof=1))
    sdsd = float(change_ms.std(ddof=1))
    return {
        "sdnn": sdnn,
        "rmssd": float(np.sqrt(np.mean(change_ms**2))),
        "sdsd": sdsd,
        "pnn50": 100 * float(np.mean(np.abs(change_ms) > PNN_LIMIT_MS)),
        "rr_cv": 100 * sdnn / float(rr_ms.mean()),
        "sd1": sdsd / float(np.sqrt(2)),
        "sd2": float(pair_sum_ms.std(ddof=1) / np.sqrt(2)),
    }


def band_powers(measured: Spectrum, duration_s: float) -> dict[str, float]:
    """Return low and high frequency power (ms²) and their ratio, as far as the time allows.

    Parameters
    ----------
    measured : Spectrum
    duration_s : float
        What normal intervals cover: below `MIN_LF_S` only `hf_power` is given, below `MIN_HF_S`
        nothing is.

    Returns
    -------
    dict
        By biomarker name; no ratio to a high frequency power of 0.
    """
    powers: dict[str, float] = {}
    if duration_s >= MIN_HF_S:
        powers["hf_power"] = measured.power(HF_BAND_HZ)
    if duration_s >= MIN_LF_S:
        powers["lf_power"] = measured.power(LF_BAND_HZ)
        if powers["hf_power"] > 0:
            powers["lf_hf_ratio"] = powers["lf_power"] / powers["hf_power"]
    return powers


def variability(time_s: Floats, is_normal: Mask, is_connected: Mask) -> Variability:
    """Measure heart rate and variability, as far as the recording allows.

    Parameters
    ----------
    time_s : (n_beats,) ndarray of float64
        Increasing; at least two beats.
    is_normal : (n_beats,) ndarray of bool
    is_connected : (n_beats - 1,) ndarray of bool
        See `normal_intervals`.

    Returns
    -------
    Variability
    """
    intervals = normal_intervals(time_s, is_normal, is_connected)
    values: dict[str, float] = {}
    rate = heart_rate(time_s, is_connected)
    if rate is not None:
        values["heart_rate"] = rate
    reason = why_not_variability(intervals)
    if len(intervals.rr_ms) >= MIN_MEAN_INTERVALS:
        values["rr_mean"] = float(intervals.rr_ms.mean())
    if reason is not None:
        return Variability(values, (reason,), intervals, None)
    values |= time_domain(intervals)
    measured = spectrum(intervals)
    if measured is None:
        reason = "No spectrum: no five minutes of it hold enough normal intervals."
        return Variability(values, (reason,), intervals, None)
    values |= band_powers(measured, intervals.duration_s)
    return Variability(values, _spectrum_reasons(intervals.duration_s), intervals, measured)


def why_not_variability(intervals: NormalIntervals) -> str | None:
    """Why variability must not be measured from these intervals; None where it may."""
    if intervals.removed_percent > MAX_REMOVED_PERCENT:
        return (
            f"No heart rate variability: {intervals.removed_percent:.0f} % of the intervals are "
            f"not between two normal beats; at most {MAX_REMOVED_PERCENT:.0f} % may be left out."
        )
    if intervals.duration_s < MIN_TIME_DOMAIN_S:
        return (
            f"No heart rate variability: normal intervals cover {intervals.duration_s:.0f} s; "
            f"at least {MIN_TIME_DOMAIN_S:.0f} s are needed."
        )
    return None


def _spectrum_reasons(duration_s: float) -> tuple[str, ...]:
    if duration_s >= MIN_LF_S:
        return ()
    reason = (
        f"No low-frequency power: normal intervals cover {duration_s:.0f} s; "
        f"at least {MIN_LF_S:.0f} s are needed."
    )
    return (reason,)
