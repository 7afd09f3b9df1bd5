"""Signals: a filter that shifts nothing in time, a moving mean, stretches of marks and places."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

# What the slowest filter used (0.5 Hz) rings: its impulse response falls to 2e-5 in 5 s.
RINGING_PERIODS = 2.5
MIN_MARGIN_S = 2.0
# The highest edge of a band, as a share of the sampling rate: half of it is the Nyquist frequency.
BELOW_NYQUIST = 0.49

type Floats = npt.NDArray[np.float64]
type Mask = npt.NDArray[np.bool_]


def fast_length(n_samples: int) -> int:
    """The next length whose only prime factors are 2, 3 and 5, where the FFT is fast.

    Examples
    --------
    >>> fast_length(1000), fast_length(1001)
    (1000, 1024)
    """
    best = 1 << (n_samples - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            two = 1 << (-(-n_samples // three) - 1).bit_length()
            best = min(best, two * three)
            three *= 3
        five *= 5
    return best


@lru_cache(maxsize=8)  # one a block length: blocks are alike
def band_pass_gain(n_samples: int, fs_hz: float, low_hz: float, high_hz: float) -> Floats:
    """Squared magnitude of a second-order Butterworth band-pass, per frequency of the real FFT.

    That is the gain of filtering forward and backward, which leaves no phase. An upper edge at
    or above the Nyquist frequency is moved just below it.
    """
    high_hz = min(high_hz, BELOW_NYQUIST * fs_hz)
    warped_low, warped_high = np.tan(np.pi * np.array([low_hz, high_hz]) / fs_hz)
    warped = np.tan(np.pi * np.fft.rfftfreq(n_samples, 1 / fs_hz)[1:] / fs_hz)
    detuning = (warped**2 - warped_low * warped_high) / (warped * (warped_high - warped_low))
    gain = np.concatenate(([0.0], 1 / (1 + detuning**4)))
    gain.flags.writeable = False
    return gain


def band_pass(
    signal: npt.NDArray[np.floating], fs_hz: float, low_hz: float, high_hz: float
) -> Floats:
    """Keep what lies between two frequencies, without moving it in time.

    Parameters
    ----------
    signal : (n_samples,) or (n_samples, n_leads) ndarray
        At least two samples, no NaN. Filtered along the first axis.
    fs_hz, low_hz, high_hz : float
        Sampling frequency and the edges, where the gain is one half.

    Returns
    -------
    (n_samples,) or (n_samples, n_leads) ndarray of float64

    Notes
    -----
    The ends are extended by odd reflection, at least `MIN_MARGIN_S` and far enough for the
    ringing of the lower edge. Memory is a small multiple of the signal: pass long recordings
    in `blocks`.
    """
    n_samples = len(signal)
    margin = int(fs_hz * max(MIN_MARGIN_S, RINGING_PERIODS / low_hz))
    padded_length = fast_length(n_samples + 2 * margin)
    widths = [(margin, padded_length - n_samples - margin)] + [(0, 0)] * (signal.ndim - 1)
    padded = np.pad(np.asarray(signal, np.float64), widths, mode="reflect", reflect_type="odd")
    gain = band_pass_gain(padded_length, fs_hz, low_hz, high_hz)
    spectrum = np.fft.rfft(padded, axis=0)
    spectrum *= gain.reshape(-1, *[1] * (signal.ndim - 1))
    filtered: Floats = np.fft.irfft(spectrum, padded_length, axis=0)
    return filtered[margin : margin + n_samples]


def moving_average(signal: Floats, width: int) -> Floats:
    """Centered mean along the first axis, the edges mirrored.

    Parameters
    ----------
    signal : (n_samples,) or (n_samples, n_leads) ndarray of float64
    width : int
        An even one counts as the next odd one, and one beyond 2 n - 1 of n samples as 2 n - 1.

    Returns
    -------
    (n_samples,) or (n_samples, n_leads) ndarray of float64
        The signal itself, not a copy, where the width is below two.

    Examples
    --------
    >>> moving_average(np.array([0.0, 0.0, 3.0, 0.0, 0.0]), 3).tolist()
    [0.0, 1.0, 1.0, 1.0, 0.0]
    """
    half = min(width // 2, len(signal) - 1)
    if half < 1:
        return signal
    widths = [(half + 1, half)] + [(0, 0)] * (signal.ndim - 1)
    total = np.cumsum(np.pad(signal, widths, mode="symmetric"), axis=0)
    span = 2 * half + 1
    return (total[span:] - total[:-span]) / span


def split_at_gaps[Places: npt.NDArray[Any]](places: Places, gap: float) -> list[Places]:
    """Take places apart where the next lies farther than a gap.

    Parameters
    ----------
    places : (n,) ndarray
        Rising, such as times or positions.
    gap : float
        In the same unit; what is exactly so far apart stays together.

    Returns
    -------
    list of (m,) ndarray
        A single empty one for no places.

    Examples
    --------
    >>> [part.tolist() for part in split_at_gaps(np.array([1, 2, 3, 7, 8]), 1)]
    [[1, 2, 3], [7, 8]]
    """
    return np.split(places, 1 + np.flatnonzero(np.diff(places) > gap))


def spans(present: Mask, bridged: int = 0, at_least: float = 1) -> list[tuple[int, int]]:
    """Stretches where a mark holds.

    Parameters
    ----------
    present : (n_samples,) ndarray of bool
    bridged : int
        Samples: holes of up to so many do not end a stretch.
    at_least : float
        Samples; shorter stretches are left out after holes were bridged.

    Returns
    -------
    list of tuple of int
        (start, stop), the stop behind the last marked sample.

    Examples
    --------
    >>> spans(np.array([1, 1, 0, 1, 0, 0, 1], bool), bridged=1, at_least=2)
    [(0, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], present, [False]))))
    starts, stops = edges[::2], edges[1::2]
    if len(starts) == 0:
        return []
    apart = starts[1:] - stops[:-1] > bridged
    starts = starts[np.concatenate(([True], apart))]
    stops = stops[np.concatenate((apart, [True]))]
    long = stops - starts >= at_least
    return list(zip(starts[long].tolist(), stops[long].tolist(), strict=True))
