"""Filters that shift nothing in time, and blocks that keep their memory small.

Public here: `band_pass(signal, fs_hz, low_hz, high_hz)` for a whole recording or median beat,
`blocks(start, stop, core, margin)` for the steps that must not hold a day of ECG in memory at
once, `segment_edges(n_samples, fs_hz)` for the 10 s that quality is judged by,
`moving_average(signal, width)`; `spans`, `long_holes` and `filled` for missing values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Floats

# What the slowest filter used (0.5 Hz) rings: its impulse response falls to 2e-5 in 5 s.
RINGING_PERIODS = 2.5
MIN_MARGIN_S = 2.0

SEGMENT_S = 10.0  # the piece of a recording that its quality is judged by
TINY = float(np.finfo(np.float64).tiny)

type Mask = npt.NDArray[np.bool_]
type Samples = npt.NDArray[np.int64]


def fast_length(n_samples: int) -> int:
    """The next length whose only prime factors are 2, 3 and 5, where the FFT is fast."""
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
    high_hz = min(high_hz, 0.49 * fs_hz)
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
    signal : ndarray, shape (n_samples,) or (n_samples, n_leads)
        At least two samples, no NaN. Filtered along the first axis.
    fs_hz, low_hz, high_hz : float
        Sampling frequency and the edges, where the gain is one half.

    Returns
    -------
    ndarray of float64, the shape of `signal`

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
    """Centered mean over `width` samples (made odd) along the first axis, edges mirrored."""
    half = min(width // 2, len(signal) - 1)
    if half < 1:
        return signal
    widths = [(half + 1, half)] + [(0, 0)] * (signal.ndim - 1)
    total = np.cumsum(np.pad(signal, widths, mode="symmetric"), axis=0)
    span = 2 * half + 1
    return (total[span:] - total[:-span]) / span


@dataclass(frozen=True)
class Block:
    """A stretch of a recording: its core, and the margin around it that filters need."""

    start: int
    stop: int
    margin_start: int
    margin_stop: int

    @property
    def whole(self) -> slice:
        """The block and its margins within the recording."""
        return slice(self.margin_start, self.margin_stop)

    @property
    def core(self) -> slice:
        """The core within the samples of the block."""
        return slice(self.start - self.margin_start, self.stop - self.margin_start)


def blocks(start: int, stop: int, core: int, margin: int = 0) -> Iterator[Block]:
    """Cut `start:stop` into cores that follow one another, with margins around them."""
    for begin in range(start, stop, core):
        end = min(begin + core, stop)
        yield Block(begin, end, max(start, begin - margin), min(stop, end + margin))


def spans(present: Mask, bridged: int = 0, at_least: float = 1) -> list[tuple[int, int]]:
    """Stretches of `at_least` samples where `present` holds, as (start, stop).

    Holes of up to `bridged` samples do not end a stretch.
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


def long_holes(signal_mv: npt.NDArray[np.floating], allowed: int) -> Mask:
    """Where more than `allowed` samples in a row are missing, per lead, (n_samples, n_leads)."""
    missing = np.isnan(signal_mv)
    long = np.zeros_like(missing)
    for lead in np.flatnonzero(missing.any(axis=0)):
        for start, stop in spans(missing[:, lead], at_least=allowed + 1):
            long[start:stop, lead] = True
    return long


def filled(signal_mv: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """The same leads, (n_samples, n_leads), with a straight line across their holes."""
    missing = np.isnan(signal_mv)
    if not missing.any():
        return signal_mv
    line = signal_mv.copy()
    for lead in np.flatnonzero(missing.any(axis=0)):
        hole = missing[:, lead]
        known = signal_mv[~hole, lead] if not hole.all() else np.zeros(1, signal_mv.dtype)
        at = np.flatnonzero(~hole) if not hole.all() else np.zeros(1, np.int64)
        line[hole, lead] = np.interp(np.flatnonzero(hole), at, known)
    return line


def segment_edges(n_samples: int, fs_hz: float) -> Samples:
    """Borders of the segments; the last takes a remainder of less than half a segment."""
    length = round(SEGMENT_S * fs_hz)
    edges = np.arange(max(1, int(n_samples / length + 0.5)) + 1) * length
    edges[-1] = n_samples
    return edges
