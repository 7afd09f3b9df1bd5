"""The spectrum of the intervals between normal beats, without resampling them.

`spectrum(intervals) -> Spectrum | None`, the mean over windows of five minutes;
`lomb_scargle(time_s, values, frequency_hz)` is the estimate within one.

The standard of the Task Force (1996), doi:10.1161/01.CIR.93.5.1043, asks for an FFT or an
autoregressive model of a resampled series. Here the intervals are taken as they lie: resampling
across removed beats adds power. `MIN_WINDOW_COVER` is this project's own, as the limit for removed
intervals in `hrv.py` is.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from functions.cardiology.ecg import Floats
from functions.cardiology.normal_intervals import MIN_MEAN_INTERVALS, NormalIntervals

WINDOW_S = 300.0  # the short-term standard; a longer recording is the mean of its windows
MIN_WINDOW_COVER = 0.8
LF_BAND_HZ = (0.04, 0.15)
HF_BAND_HZ = (0.15, 0.40)
FREQUENCY_STEP_HZ = 0.001  # a third of what 5 min resolve; divides every band edge
BEYOND_LAST_BEAT_S = 0.001  # it lies on the last edge of a short recording: kept inside


@dataclass(frozen=True)
class Spectrum:
    """Power spectral density of NN intervals on a regular grid of frequencies.

    Attributes
    ----------
    frequency_hz : (n,) ndarray of float64
        Multiples of `FREQUENCY_STEP_HZ`, from the lowest of LF to the highest of HF.
    density : (n,) ndarray of float64
        ms²/Hz; its integral over all frequencies would be the variance.
    """

    frequency_hz: Floats
    density: Floats

    def power(self, band_hz: tuple[float, float]) -> float:
        """Return the power within a band, ms², by the trapezoid rule."""
        half = FREQUENCY_STEP_HZ / 2
        inside = (self.frequency_hz > band_hz[0] - half) & (self.frequency_hz < band_hz[1] + half)
        return float(np.trapezoid(self.density[inside], self.frequency_hz[inside]))


def lomb_scargle(time_s: Floats, values: Floats, frequency_hz: Floats) -> Floats:
    """Estimate the spectral density of an unevenly sampled series.

    The straight line through the series is subtracted first. Power is that of [1]_, scaled so that
    its integral over frequency is the variance; [2]_ found it to err less than resampling where
    beats are missing.

    Parameters
    ----------
    time_s : (n,) ndarray of float64
        Increasing, at least three.
    values : (n,) ndarray of float64
        In any unit.
    frequency_hz : (n_frequencies,) ndarray of float64
        Above 0.

    Returns
    -------
    (n_frequencies,) ndarray of float64
        The unit of the values squared per Hz.

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
    """Average the spectra of windows of five minutes, or take that of a shorter recording.

    Parameters
    ----------
    intervals : NormalIntervals

    Returns
    -------
    Spectrum or None
        None with fewer than `MIN_MEAN_INTERVALS` intervals, or where they cover less than
        `MIN_WINDOW_COVER` of every window. What follows the last whole window is left out.
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
    edges_s[-1] += BEYOND_LAST_BEAT_S
    bounds = np.searchsorted(intervals.end_s, edges_s)
    densities = [
        lomb_scargle(intervals.end_s[start:stop], intervals.rr_ms[start:stop], frequency_hz)
        for start, stop in pairwise(bounds.tolist())
        if intervals.rr_ms[start:stop].sum() >= 1000 * MIN_WINDOW_COVER * window_s
    ]
    if not densities:
        return None
    return Spectrum(frequency_hz, np.asarray(np.mean(densities, axis=0), np.float64))
