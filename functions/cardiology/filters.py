"""Pieces of a long recording, and what to do about its missing values.

`blocks(start, stop, core, margin)` for the steps that must not hold a day of ECG in memory at
once, `segment_edges(n_samples, fs_hz)` for the 10 s that quality is judged by; `long_holes` and
`filled` for missing values.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.science.signals import Mask, spans

SEGMENT_S = 10.0  # the piece of a recording that its quality is judged by
TINY = float(np.finfo(np.float64).tiny)

type Samples = npt.NDArray[np.int64]


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
    """Cut `start:stop` into cores that follow one another, with margins around them.

    A margin is shorter where `start` or `stop` is nearer: nothing outside is ever read.
    """
    for begin in range(start, stop, core):
        end = min(begin + core, stop)
        yield Block(begin, end, max(start, begin - margin), min(stop, end + margin))


def long_holes(signal_mv: npt.NDArray[np.floating], allowed: int) -> Mask:
    """Mark where more samples in a row are missing than a line may bridge.

    Parameters
    ----------
    signal_mv : (n_samples, n_leads) ndarray
        NaN where there is no value.
    allowed : int
        Samples in a row that may be missing.

    Returns
    -------
    (n_samples, n_leads) ndarray of bool
        All samples of each long hole; a lead's holes are its own.
    """
    missing = np.isnan(signal_mv)
    long = np.zeros_like(missing)
    for lead in np.flatnonzero(missing.any(axis=0)):
        for start, stop in spans(missing[:, lead], at_least=allowed + 1):
            long[start:stop, lead] = True
    return long


def filled(signal_mv: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Draw a straight line across the holes of every lead, for a filter spreads NaN over all.

    Parameters
    ----------
    signal_mv : (n_samples, n_leads) ndarray
        NaN where there is no value.

    Returns
    -------
    (n_samples, n_leads) ndarray
        The nearest value before the first and behind the last; 0 in a lead without any. Where
        nothing is missing it is the array given, not a copy.

    Examples
    --------
    >>> filled(np.array([[1.0], [np.nan], [3.0]])).ravel().tolist()
    [1.0, 2.0, 3.0]
    """
    missing = np.isnan(signal_mv)
    if not missing.any():
        return signal_mv
    line = signal_mv.copy()
    for lead in np.flatnonzero(missing.any(axis=0)):
        _fill(line[:, lead], missing[:, lead])
    return line


def _fill(lead_mv: npt.NDArray[np.floating], hole: Mask) -> None:
    known = np.flatnonzero(~hole)
    lead_mv[hole] = np.interp(np.flatnonzero(hole), known, lead_mv[known]) if len(known) else 0


def segment_edges(n_samples: int, fs_hz: float) -> Samples:
    """Cut a recording into the segments that quality is judged by.

    Parameters
    ----------
    n_samples : int
    fs_hz : float

    Returns
    -------
    (n_segments + 1,) ndarray of int64
        From 0 to `n_samples`, 10 s apart. The last segment lasts 5 to 15 s: it takes a remainder of
        less than half a segment. A recording below 15 s is one segment.

    Examples
    --------
    >>> segment_edges(2400, fs_hz=100).tolist()
    [0, 1000, 2400]
    """
    length = round(SEGMENT_S * fs_hz)
    edges = np.arange(max(1, int(n_samples / length + 0.5)) + 1) * length
    edges[-1] = n_samples
    return edges
