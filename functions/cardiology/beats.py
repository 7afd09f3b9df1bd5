"""Heartbeats: where each QRS complex lies.

`detect_lead_beats(signal_mv, fs_hz) -> int64 array` for one lead;
`detect_beats(ecg, usable=None) -> Beats` for a recording, by all its leads together, where
`usable` is a bool array (n_segments, n_leads) of 10 s segments (see `quality.py`).

Both work in blocks of two minutes: a day of ECG costs no more memory than its candidates.

The scheme is that of Pan and Tompkins [1]_: energy of a band, an adaptive threshold, a refractory
period, search back. It deviates from the paper in these points:

* The band is 6-22 Hz without a shift in time instead of 5-15 Hz in real time: a stored recording
  can be filtered in both directions, and the wider band keeps narrow QRS apart from T waves.
* The energy is the root mean square slope over 100 ms instead of the squared slope over 150 ms, so
  that heights scale with the voltage and two close beats stay two.
* All usable leads vote at once, by the geometric mean of their energies.
* The threshold is a share (`ACCEPT`) of the median of the highest candidates within
  `REFERENCE_REACH_S` before and after, instead of running estimates of signal and noise, which
  need seconds to recover after an artifact.
* A T wave is told by its height (`T_WAVE_RATIO` within the 360 ms of the paper), not by its slope,
  for the candidates are peaks of a smoothed energy.
* Search back begins at 1.55 of the median of nine intervals (the paper: 1.66 of a mean of eight),
  because a median is not lengthened by the gap itself, and takes one beat per pass.

The 360 ms and the refractory period of 200 ms are the paper's. All other constants were chosen on
the MIT-BIH records that the method card names; CPSC 2021 and CPSC 2019 are what tests them.

References
----------
.. [1] Pan, Tompkins (1985). A real-time QRS detection algorithm. IEEE Trans Biomed Eng BME-32(3),
   230-236. doi:10.1109/TBME.1985.325532
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import TINY, Samples, segment_edges
from functions.cardiology.qrs_energy import (
    MAX_FILLED_GAP_S,
    REFRACTORY_S,
    Candidates,
    candidates,
    joined,
)
from shared.science.signals import Mask, spans

REFERENCE_REACH_S = 4.0
REFERENCE_RR_S = 1.2  # the reference is the median of the beats a heart at 50/min would make
REFERENCE_MIN_BEATS = 3
REFERENCE_LIMITS = (0.2, 2.0)  # of a usual QRS: between rare beats the noise is no reference
ACCEPT = 0.30

T_WAVE_S, T_WAVE_RATIO, PRECURSOR_RATIO = 0.36, 0.55, 0.40
DOUBLE_S, DOUBLE_RATIO = 0.25, 0.75

SEARCH_BACK_PASSES = 2
SEARCH_BACK_RR = 1.55  # of the running median of nine intervals
RUNNING_RR = 9
SEARCH_BACK_AFTER_S, SEARCH_BACK_BEFORE_S = 0.36, 0.30
SEARCH_BACK_ACCEPT = 0.14

NOISE_PEAKEDNESS = 2.5  # band-passed noise has this ratio of quantiles
MIN_SPAN_S = 1.0  # a shorter stretch holds no interval


@dataclass(frozen=True)
class Beats:
    """The heartbeats of a recording.

    Attributes
    ----------
    sample : (n_beats,) ndarray of int64
        Increasing; the largest deflection of the QRS complex in `lead`.
    confidence : (n_beats,) ndarray of float64
        0-1: the height among its neighbors, less where the leads hold much besides QRS.
    after_gap : (n_beats,) ndarray of bool
        The interval before this beat was not observed (first beat, hole, unusable stretch).
    lead : int
        The lead that positions are taken from, wherever it is usable.
    """

    sample: Samples
    confidence: Floats
    after_gap: Mask
    lead: int


def reference_heights(time_s: Floats, height: Floats) -> Floats:
    """What a QRS around each candidate should reach: the median of the highest near it."""
    reach = round(REFERENCE_REACH_S / REFRACTORY_S)
    offsets = np.arange(-reach, reach + 1)
    around = np.arange(len(time_s))[:, None] + offsets
    inside = (around >= 0) & (around < len(time_s))
    around = np.clip(around, 0, len(time_s) - 1)
    inside &= np.abs(time_s[around] - time_s[:, None]) <= REFERENCE_REACH_S
    falling = -np.sort(-np.where(inside, height[around], -np.inf), axis=1)
    begin = np.maximum(time_s - REFERENCE_REACH_S, time_s[0])
    end = np.minimum(time_s + REFERENCE_REACH_S, time_s[-1])
    wanted = np.maximum(np.round((end - begin) / REFERENCE_RR_S), REFERENCE_MIN_BEATS)
    count = np.minimum(wanted, inside.sum(axis=1)).astype(np.int64)
    rows = np.arange(len(time_s))
    median = (falling[rows, (count - 1) // 2] + falling[rows, count // 2]) / 2
    clipped: Floats = np.clip(median, *REFERENCE_LIMITS)
    return clipped


def beats_among(time_s: Floats, height: Floats) -> tuple[Samples, Floats]:
    """Which candidates are beats, and their height relative to their surroundings."""
    if len(time_s) == 0:
        return np.empty(0, np.int64), np.empty(0)
    reference = reference_heights(time_s, height)
    relative = height / np.maximum(reference, TINY)
    beats = _without_t_waves(time_s, relative, np.flatnonzero(relative > ACCEPT))
    for _ in range(SEARCH_BACK_PASSES):
        missed = _missed(time_s, height, reference, beats)
        beats = np.union1d(beats, missed)
    return beats, relative


def _without_t_waves(time_s: Floats, relative: Floats, accepted: Samples) -> Samples:
    """Leave one of two neighbors that are too close for their heights."""
    remaining: list[int] = []
    for index in accepted.tolist():
        if remaining:
            gap_s = time_s[index] - time_s[remaining[-1]]
            before, after = relative[remaining[-1]], relative[index]
            if _drops_second(gap_s, before, after):
                continue
            if _drops_second(gap_s, after, before, PRECURSOR_RATIO):
                remaining.pop()
        remaining.append(index)
    return np.array(remaining, np.int64)


def _drops_second(gap_s: float, first: float, second: float, ratio: float = T_WAVE_RATIO) -> bool:
    if gap_s < DOUBLE_S:
        return bool(second < max(ratio, DOUBLE_RATIO) * first)
    return bool(gap_s < T_WAVE_S and second < ratio * first)


def _missed(time_s: Floats, height: Floats, reference: Floats, beats: Samples) -> Samples:
    """Candidates that fill an interval much longer than those around it."""
    rr_s = np.diff(time_s[beats])
    if len(rr_s) == 0:
        return np.empty(0, np.int64)
    half = RUNNING_RR // 2
    running = np.median(
        sliding_window_view(np.pad(rr_s, half, mode="symmetric"), RUNNING_RR), axis=1
    )
    added = [
        _highest_between(time_s, height, reference, beats[gap], beats[gap + 1])
        for gap in np.flatnonzero(rr_s > SEARCH_BACK_RR * running)
    ]
    return np.array([index for index in added if index is not None], np.int64)


def _highest_between(
    time_s: Floats, height: Floats, reference: Floats, left: np.int64, right: np.int64
) -> int | None:
    first = int(np.searchsorted(time_s, time_s[left] + SEARCH_BACK_AFTER_S, side="right"))
    last = int(np.searchsorted(time_s, time_s[right] - SEARCH_BACK_BEFORE_S, side="left"))
    if first >= last:
        return None
    best = first + int(np.argmax(height[first:last]))
    neighbor = max(height[left], height[right])
    return best if height[best] > SEARCH_BACK_ACCEPT * min(reference[best], neighbor) else None


def _observed(ecg: Ecg, usable: Mask) -> list[tuple[int, int]]:
    """Stretches where at least one usable lead has a signal."""
    present = np.zeros(len(ecg.signal_mv), np.bool_)
    edges = segment_edges(len(present), ecg.fs_hz)
    for leads, start, stop in zip(usable, edges, edges[1:], strict=False):
        present[start:stop] = np.isfinite(ecg.signal_mv[start:stop, leads]).any(axis=1)
    return spans(present, round(MAX_FILLED_GAP_S * ecg.fs_hz), MIN_SPAN_S * ecg.fs_hz)


def detect_beats(ecg: Ecg, usable: Mask | None = None) -> Beats:
    """Find the QRS complexes of a recording, in all its leads together.

    Parameters
    ----------
    ecg : Ecg
    usable : (n_segments, n_leads) ndarray of bool, optional
        Which lead may be used in which 10 s of the recording; by default all.

    Returns
    -------
    Beats
        Empty where no usable lead has a signal.

    Notes
    -----
    Energy of the 6-22 Hz band with a local reference height and search back, measured against
    other detectors in the method card. The leads are joined by the geometric mean of their
    energies, each weighted by how far QRS stand out of it.
    """
    if usable is None:
        n_segments = len(segment_edges(len(ecg.signal_mv), ecg.fs_hz)) - 1
        usable = np.ones((n_segments, len(ecg.leads)), np.bool_)
    added, relative, after_gap = [], [], []
    for start, stop in _observed(ecg, usable):
        peaks = candidates(ecg, usable, start, stop)
        chosen, height = beats_among(peaks.sample / ecg.fs_hz, peaks.height)
        added.append(peaks.only(chosen))
        relative.append(height[chosen])
        after_gap.append(np.arange(len(chosen)) == 0)
    if not added:
        return Beats(np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_), 0)
    return _positioned(joined(added), np.concatenate(relative), np.concatenate(after_gap))


def _positioned(peaks: Candidates, relative: Floats, after_gap: Mask) -> Beats:
    """Take positions from the lead where QRS stand out most, another where it is not usable."""
    lead = int(np.argmax(peaks.weight.sum(axis=0)))
    best = np.where(peaks.weight[:, lead] > 0, lead, np.argmax(peaks.weight, axis=1))
    position = peaks.position[np.arange(len(best)), best]
    clarity = 1 - NOISE_PEAKEDNESS / np.maximum(peaks.weight.max(axis=1), NOISE_PEAKEDNESS)
    sample, first = np.unique(position, return_index=True)
    confidence = np.minimum(relative, 1.0) * clarity
    return Beats(sample, confidence[first], after_gap[first], lead)


def detect_lead_beats(signal_mv: npt.NDArray[np.floating], fs_hz: float) -> Samples:
    """Find the QRS complexes in one lead, NaN where there is no value."""
    column = np.asarray(signal_mv, np.float32).reshape(-1, 1)
    return detect_beats(Ecg(column, fs_hz, ("",), "")).sample
