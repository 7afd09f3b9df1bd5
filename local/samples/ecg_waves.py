"""The waves of a beat: smooth bumps in the eight independent leads, and the leads that these imply.

Heights are those of an ordinary adult, in mV. A signal is drawn in I, II, V1..V6; III, aVR, aVL and
aVF follow from I and II by Einthoven's and Goldberger's equations.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]

_P = (0.08, 0.15, 0.06, 0.07, 0.07, 0.07, 0.07, 0.07)
_Q = (-0.05, -0.08, 0.0, 0.0, 0.0, -0.04, -0.08, -0.08)
_R = (0.70, 1.10, 0.22, 0.50, 0.85, 1.40, 1.35, 1.05)
_S = (-0.12, -0.20, -1.05, -1.50, -0.95, -0.55, -0.22, -0.10)
_T = (0.20, 0.32, -0.06, 0.35, 0.42, 0.40, 0.33, 0.26)
# A beat from the right ventricular outflow tract: left-bundle-like, axis downwards, T opposite.
_V_MAIN = (0.35, 1.75, -1.10, -1.30, -0.60, 0.60, 1.20, 1.30)
_V_NOTCH = (0.15, 0.45, -0.45, -0.55, -0.25, 0.20, 0.40, 0.45)
_V_T = (-0.12, -0.50, 0.35, 0.42, 0.25, -0.15, -0.35, -0.38)
VENTRICULAR_QRS_MS = 150.0
_VENTRICULAR_QT_S = 0.42
R_PEAK = 0.45  # of the QRS duration after its onset
_T_RISE_S, _T_FALL_S = 0.13, 0.10


@dataclass(frozen=True)
class Intervals:
    """Borders of the waves of a normal beat, in milliseconds; QT is the same for all beats."""

    pr_ms: float = 160.0
    qrs_ms: float = 90.0
    qt_ms: float = 380.0
    p_ms: float = 100.0


@dataclass(frozen=True)
class Wave:
    """One bump: half a period of a raised cosine on either side of its peak, and nothing beyond.

    Attributes
    ----------
    onset, peak, offset : float
        Seconds from the start of the recording.
    height_mv : (8,) ndarray
        In I, II, V1..V6.
    """

    onset: float
    peak: float
    offset: float
    height_mv: Floats


def p_wave(onset: float, intervals: Intervals, size: float = 1.0) -> Wave:
    """A P wave in the middle between its borders; `size` scales it."""
    length = intervals.p_ms / 1000
    return Wave(onset, onset + length / 2, onset + length, size * _heights(_P))


def qrst(onset: float, intervals: Intervals) -> Iterator[Wave]:
    """A complex that reached the ventricles the usual way, from its onset to the end of T.

    Parameters
    ----------
    onset : float
        Of QRS, s.
    intervals : Intervals

    Yields
    ------
    Wave
        QRS ends `qrs_ms` after its onset and T `qt_ms` after it; the peak of R lies at `R_PEAK` of
        QRS, the peak of T 100 ms before its end whatever QT is.
    """
    qrs_s = intervals.qrs_ms / 1000
    yield Wave(onset, onset + 0.18 * qrs_s, onset + 0.36 * qrs_s, _heights(_Q))
    peak = onset + R_PEAK * qrs_s
    yield Wave(onset + 0.12 * qrs_s, peak, onset + 0.78 * qrs_s, _heights(_R))
    yield Wave(onset + 0.50 * qrs_s, onset + 0.74 * qrs_s, onset + qrs_s, _heights(_S))
    yield _t_wave(onset + intervals.qt_ms / 1000, _T)


def ventricular_waves(peak: float) -> Iterator[Wave]:
    """A beat that began in a ventricle: no P, a QRS of `VENTRICULAR_QRS_MS`, T against it.

    Parameters
    ----------
    peak : float
        Of its R wave, s.

    Yields
    ------
    Wave
    """
    qrs_s = VENTRICULAR_QRS_MS / 1000
    onset = peak - R_PEAK * qrs_s
    yield Wave(onset, peak, onset + 0.95 * qrs_s, _heights(_V_MAIN))
    yield Wave(onset + 0.45 * qrs_s, onset + 0.70 * qrs_s, onset + qrs_s, _heights(_V_NOTCH))
    yield _t_wave(onset + _VENTRICULAR_QT_S, _V_T)


def _t_wave(end: float, heights: Sequence[float]) -> Wave:
    return Wave(end - _T_FALL_S - _T_RISE_S, end - _T_FALL_S, end, _heights(heights))


def _heights(mv: Sequence[float]) -> Floats:
    return np.array(mv)


def add_wave(signal: Floats, wave: Wave, fs_hz: float, scale: float) -> None:
    """Add one bump to a signal, in place; what lies beyond the recording is cut off.

    Parameters
    ----------
    signal : (n_samples, 8) ndarray of float64
        I, II, V1..V6 in mV; changed.
    wave : Wave
    fs_hz : float
    scale : float
        Of all heights, such as the breath's share.
    """
    first = max(0, int(np.ceil(wave.onset * fs_hz)))
    last = min(len(signal), int(np.floor(wave.offset * fs_hz)) + 1)
    t = np.arange(first, last) / fs_hz - wave.peak
    side = np.where(t < 0, wave.peak - wave.onset, wave.offset - wave.peak)
    signal[first:last] += (scale * 0.5 * (1 + np.cos(np.pi * t / side)))[:, None] * wave.height_mv


def project(eight: Floats, leads: Sequence[str]) -> Floats:
    """Pick leads from the eight that are drawn and the four that I and II imply.

    Parameters
    ----------
    eight : (n_samples, 8) ndarray of float64
    leads : sequence of str
        Of the twelve, in any order.

    Returns
    -------
    (n_samples, n_leads) ndarray of float64

    Raises
    ------
    KeyError
        For another lead, such as V7.
    """
    first, second = eight[:, 0], eight[:, 1]
    every = {
        "I": first,
        "II": second,
        "III": second - first,
        "aVR": -(first + second) / 2,
        "aVL": first - second / 2,
        "aVF": second - first / 2,
        **{f"V{k}": eight[:, k + 1] for k in range(1, 7)},
    }
    return np.column_stack([every[lead] for lead in leads])
