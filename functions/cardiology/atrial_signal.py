"""The signal of the atria: a recording with its usual QRS complexes and T waves taken away.

`without_qrst(ecg, beats, is_ventricular, leads) -> Iterator[Stretch]`, block by block.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import Samples, filled
from functions.cardiology.shapes import SHAPE_BAND_HZ, SHAPE_FS_HZ, TINY
from shared.science.signals import Mask, band_pass

BEFORE_S = 0.66  # what is kept before each beat: PR intervals up to 550 ms
MARGIN_S = 5.0
BLOCK_BEATS, CONTEXT_BEATS = 60, 30

QRST_BEFORE_S, QRST_AFTER_S, QRST_AFTER_RR = 0.10, 0.52, 0.62
QRST_ENDS_BEFORE_NEXT_S = 0.12
QRST_SCALES = (0.6, 1.5)
REST_POINTS = 3


@dataclass(frozen=True)
class Stretch:
    """Beats `first:last` of a recording, and the signal around them without QRS and T.

    Attributes
    ----------
    first, last : int
    start_s : float
        Time of the first point in the recording.
    signal_mv : (n_points, n_leads) ndarray of float64
        `SHAPE_FS_HZ` points a second; it reaches some beats farther than its own on both sides.
    """

    first: int
    last: int
    start_s: float
    signal_mv: Floats

    def index(self, time_s: Floats) -> Samples:
        """Return the points nearest to some times of the recording; they may lie outside of it."""
        return np.round((time_s - self.start_s) * SHAPE_FS_HZ).astype(np.int64)


def without_qrst(
    ecg: Ecg,
    beats: Beats,
    is_ventricular: Mask,
    leads: tuple[int, ...],
    after_rr: float = QRST_AFTER_RR,
) -> Iterator[Stretch]:
    """Take the usual QRS and T out of a recording, a stretch of beats at a time.

    The template is the median of the beats of one kind, ventricular or not, scaled to each beat
    within `QRST_SCALES`: what the atria do between differs from beat to beat and stays.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats
    is_ventricular : (n_beats,) ndarray of bool
    leads : tuple of int
    after_rr : float
        T is taken to end this many times the square root of the interval (s) after the beat. A
        smaller number keeps a blocked P wave that follows it.

    Yields
    ------
    Stretch
        Of `BLOCK_BEATS` beats, in order of time; `CONTEXT_BEATS` more on both sides have a say in
        its template.
    """
    n_beats = len(beats.sample)
    for first in range(0, n_beats, BLOCK_BEATS):
        last = min(first + BLOCK_BEATS, n_beats)
        around = slice(max(0, first - CONTEXT_BEATS), min(n_beats, last + CONTEXT_BEATS))
        sample = beats.sample[around]
        start_s, signal_mv = resampled(ecg, int(sample[0]), int(sample[-1]), leads)
        at = np.round((sample / ecg.fs_hz - start_s) * SHAPE_FS_HZ).astype(np.int64)
        for kind in (False, True):
            members = np.flatnonzero(is_ventricular[around] == kind)
            if len(members):
                _subtract(signal_mv, at, members, after_rr)
        yield Stretch(first, last, start_s, signal_mv)


def resampled(ecg: Ecg, first: int, last: int, leads: tuple[int, ...]) -> tuple[float, Floats]:
    """Cut a band-passed piece of a recording, `BEFORE_S` longer than asked for on both sides.

    Parameters
    ----------
    ecg : Ecg
    first, last : int
        Samples of the recording.
    leads : tuple of int

    Returns
    -------
    start_s : float
        Time of the first point in the recording.
    signal_mv : (n_points, n_leads) ndarray of float64
        0.5-40 Hz, `SHAPE_FS_HZ` points a second; it ends where the recording does.
    """
    margin, reach = round(MARGIN_S * ecg.fs_hz), round(BEFORE_S * ecg.fs_hz)
    begin = max(0, first - reach)
    end = min(len(ecg.signal_mv), last + reach + 1)
    from_sample = max(0, begin - margin)
    part = band_pass(
        filled(ecg.signal_mv[from_sample : end + margin][:, list(leads)]), ecg.fs_hz, *SHAPE_BAND_HZ
    )
    n_points = int((end - begin) / ecg.fs_hz * SHAPE_FS_HZ)
    at = begin - from_sample + np.arange(n_points) * ecg.fs_hz / SHAPE_FS_HZ
    columns = [np.interp(at, np.arange(len(part)), lead) for lead in part.T]
    return begin / ecg.fs_hz, np.column_stack(columns)


def _subtract(signal_mv: Floats, at: Samples, members: Samples, after_rr: float) -> None:
    """Take the median QRS and T of some beats, scaled to each, out of the signal in place."""
    rr = np.diff(at, append=at[-1] + round(SHAPE_FS_HZ))
    usual_s = float(np.median(rr)) / SHAPE_FS_HZ
    after = round(min(QRST_AFTER_S, after_rr * np.sqrt(usual_s)) * SHAPE_FS_HZ)
    before = round(QRST_BEFORE_S * SHAPE_FS_HZ)
    inside = members[(at[members] >= before) & (at[members] + after < len(signal_mv))]
    if len(inside) == 0:
        return
    cut = signal_mv[at[inside][:, None] + np.arange(-before, after)]
    median = np.median(cut, axis=0)
    median -= median[:REST_POINTS].mean(axis=0)
    ends = before + rr[inside] - round(QRST_ENDS_BEFORE_NEXT_S * SHAPE_FS_HZ)
    for beat, own, end in zip(inside.tolist(), cut, ends.tolist(), strict=True):
        length = min(before + after, max(end, before))
        template = median[:length]
        part = own[:length] - own[:REST_POINTS].mean(axis=0)
        power = np.maximum((template**2).sum(axis=0), TINY)
        scale = np.clip((part * template).sum(axis=0) / power, *QRST_SCALES)
        signal_mv[at[beat] - before : at[beat] - before + length] -= scale * template
