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
    """Cut `start:stop` into cores that follow one another, with margins around them."""
    for begin in range(start, stop, core):
        end = min(begin + core, stop)
        yield Block(begin, end, max(start, begin - margin), min(stop, end + margin))


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
