"""Heart rate and its variability, from the times of beats.

`variability(time_s, is_normal, is_connected) -> Variability` is the whole of it; the steps
(`normal_intervals`, `time_domain`, `spectrum`, `band_powers`) are public for checks and pictures.

Where it deviates from the standard, [1] below and in `time_domain`:

* Power is taken from a Lomb-Scargle periodogram of the intervals themselves instead of an FFT or
  an autoregressive model of a resampled series: resampling across removed beats adds power.
* Time domain values are given from `MIN_TIME_DOMAIN_S` of intervals, below the five minutes of the
  standard, and then have no norms; each band begins at the length that the standard asks for it.
* The standard sets no limit for removed intervals. `NN_LIMITS_MS` (30-200/min) and
  `MAX_REMOVED_PERCENT` are MediLens's own: beyond them a value says more of the removal than of
  the heart. `MIN_WINDOW_COVER` is the same limit within a window.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Floats

type Mask = npt.NDArray[np.bool_]

# Beyond these an interval is a missed beat, a false one or a pause, not sinus rhythm.
NN_LIMITS_MS = (300.0, 2000.0)

MIN_MEAN_INTERVALS = 3
MIN_TIME_DOMAIN_S = 60.0  # below the 5 min of [1]: ultra-short values, without norms
MIN_HF_S = 60.0  # [1]: ten times the longest wave of the band, about one minute
MIN_LF_S = 120.0  # [1]: two minutes
MAX_REMOVED_PERCENT = 20.0

PNN_LIMIT_MS = 50.0

WINDOW_S = 300.0  # [1]: the short-term standard; a longer recording is the mean of its windows
MIN_WINDOW_COVER = 0.8
LF_BAND_HZ = (0.04, 0.15)
HF_BAND_HZ = (0.15, 0.40)
FREQUENCY_STEP_HZ = 0.001  # a third of what 5 min resolve; divides every band edge

TIME_DOMAIN = ("sdnn", "rmssd", "sdsd", "pnn50", "rr_cv", "sd1", "sd2")


@dataclass(frozen=True)
class NormalIntervals:
    """NN intervals: each between two neighboring normal beats of usable signal.

    Attributes
    ----------
    end_s : ndarray of float64, shape (n,)
        The beat that ends each interval.
    rr_ms : ndarray of float64, shape (n,)
    follows : ndarray of bool, shape (n,)
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
        return 100 * (1 - len(self.rr_ms) / self.n_all) if self.n_all else 0.0


@dataclass(frozen=True)
class Spectrum:
    """Power spectral density of NN intervals, ms²/Hz, on a regular grid of frequencies."""

    frequency_hz: Floats
    density: Floats

    def power(self, band_hz: tuple[float, float]) -> float:
        """Power within a band, ms², by the trapezoid rule."""
        half = FREQUENCY_STEP_HZ / 2
        inside = (self.frequency_hz > band_hz[0] - half) & (self.frequency_hz < band_hz[1] + half)
        return float(np.trapezoid(self.density[inside], self.frequency_hz[inside]))


@dataclass(frozen=True)
class Variability:
    """What could be measured, by biomarker name, and a sentence for what could not.

    Attributes
    ----------
    values : dict
        Units of the catalog in `norms.py`.
    reasons : tuple of str
    intervals : NormalIntervals
    spectrum : Spectrum or None
    """

    values: dict[str, float]
    reasons: tuple[str, ...]
    intervals: NormalIntervals
    spectrum: Spectrum | None


def normal_intervals(time_s: Floats, is_normal: Mask, is_connected: Mask) -> NormalIntervals:
    """Keep the intervals whose two beats are normal and whose signal is usable throughout.

    Parameters
    ----------
    time_s : ndarray of float64, shape (n_beats,)
    is_normal : ndarray of bool, shape (n_beats,)
        Sinus beats; False for ectopic, paced and unknown ones and for beats in fibrillation.
    is_connected : ndarray of bool, shape (n_beats - 1,)
        Whether the signal between a beat and the next is usable.
    """
    rr_ms = 1000 * np.diff(time_s)
    plausible = (rr_ms >= NN_LIMITS_MS[0]) & (rr_ms <= NN_LIMITS_MS[1])
    usable = is_normal[:-1] & is_normal[1:] & is_connected & plausible
    follows = usable & np.concatenate(([False], usable[:-1]))
    return NormalIntervals(
        time_s[1:][usable], rr_ms[usable], follows[usable], int(is_connected.sum())
    )


def heart_rate(time_s: Floats, is_connected: Mask) -> float | None:
    """Beats per minute: the inverse of the mean interval between all beats, ectopic or not."""
    rr_s = np.diff(time_s)[is_connected]
    if len(rr_s) < MIN_MEAN_INTERVALS:
        return None
    return float(60 / rr_s.mean())


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


def lomb_scargle(time_s: Floats, values: Floats, frequency_hz: Floats) -> Floats:
    """Spectral density of an unevenly sampled series, units²/Hz, shape of `frequency_hz`.

    The line through the series is subtracted first. Scaled so that the integral over frequency
    is the variance.

    References
    ----------
    .. [1] Scargle (1982). Studies in astronomical time series analysis II. Astrophys J 263,
       835-853. doi:10.1086/160554
    .. [2] Clifford, Tarassenko (2005). Quantifying errors in spectral estimates of HRV due to
       beat replacement and resampling. IEEE Trans Biomed Eng 52(4), 630-638.
       doi:10.1109/TBME.2005.844028
    """
    centered_s = time_s - time_s.mean()
    slope = centered_s @ (values - values.mean()) / (centered_s @ centered_s)
    residual = values - values.mean() - slope * centered_s
    angle = 2 * np.pi * frequency_hz[:, None] * centered_s
    double = 2 * angle
    shift = np.arctan2(np.sin(double).sum(axis=1), np.cos(double).sum(axis=1)) / 2
    cosine, sine = np.cos(angle - shift[:, None]), np.sin(angle - shift[:, None])
    power = (cosine @ residual) ** 2 / (cosine**2).sum(axis=1)
    power += (sine @ residual) ** 2 / (sine**2).sum(axis=1)
    span_s = (time_s[-1] - time_s[0]) * len(time_s) / (len(time_s) - 1)
    density: Floats = power * span_s / len(time_s)
    return density


def spectrum(intervals: NormalIntervals) -> Spectrum | None:
    """Mean spectrum over windows of five minutes, or of the whole recording if shorter.

    Windows that normal intervals cover by less than `MIN_WINDOW_COVER` are left out; None where
    nothing is left.
    """
    if len(intervals.rr_ms) < MIN_MEAN_INTERVALS:
        return None
    last = round(HF_BAND_HZ[1] / FREQUENCY_STEP_HZ)
    first = round(LF_BAND_HZ[0] / FREQUENCY_STEP_HZ)
    frequency_hz = FREQUENCY_STEP_HZ * np.arange(first, last + 1, dtype=np.float64)
    begin_s = intervals.end_s[0] - intervals.rr_ms[0] / 1000
    length_s = intervals.end_s[-1] - begin_s
    window_s = min(WINDOW_S, length_s)
    edges_s = begin_s + window_s * np.arange(int(length_s / window_s) + 1)
    # The last beat lies on the last edge of a short recording: keep it inside.
    edges_s[-1] += FREQUENCY_STEP_HZ
    bounds = np.searchsorted(intervals.end_s, edges_s)
    densities = [
        lomb_scargle(intervals.end_s[start:stop], intervals.rr_ms[start:stop], frequency_hz)
        for start, stop in pairwise(bounds.tolist())
        if intervals.rr_ms[start:stop].sum() >= 1000 * MIN_WINDOW_COVER * window_s
    ]
    if not densities:
        return None
    return Spectrum(frequency_hz, np.asarray(np.mean(densities, axis=0), np.float64))


def band_powers(measured: Spectrum, duration_s: float) -> dict[str, float]:
    """Low and high frequency power as far as the analyzed time allows."""
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
    time_s : ndarray of float64, shape (n_beats,)
        Increasing; at least two beats.
    is_normal : ndarray of bool, shape (n_beats,)
    is_connected : ndarray of bool, shape (n_beats - 1,)
        See `normal_intervals`.
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
