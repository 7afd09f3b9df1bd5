"""Heartbeats: where each QRS complex lies.

`detect_lead_beats(signal_mv, fs_hz) -> int64 array` for one lead;
`detect_beats(ecg, usable=None) -> Beats` for a recording, by all its leads together, where
`usable` is a bool array (n_segments, n_leads) of 10 s segments (see `quality.py`).

Both work in blocks of two minutes: a day of ECG costs no more memory than its candidates.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import (
    Block,
    Mask,
    band_pass,
    blocks,
    filled,
    long_holes,
    moving_average,
    spans,
)

type Samples = npt.NDArray[np.int64]

SEGMENT_S = 10.0  # the piece of a recording that quality is judged by
BLOCK_SEGMENTS = 12  # what is filtered at once
MARGIN_S = 2.0

QRS_BAND_HZ = (6.0, 22.0)
ENERGY_WINDOW_S = 0.10
ENERGY_STEP_S = 0.010  # a mean over 0.1 s says nothing new more often
REFRACTORY_S = 0.20  # no ventricle beats twice within this
MAX_FILLED_GAP_S = 0.20  # a zero-phase filter rings at longer holes: cut there

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

POSITION_REACH_S = 0.075

EDGE_S = 0.4  # at the ends of a recording a filter makes a pulse out of anything
QRS_QUANTILE, REST_QUANTILE = 0.98, 0.40  # of a lead's energy: heights of QRS, and of the rest
HEIGHT_FLOOR = 0.5  # of the block's QRS height: what a quiet segment is not scaled above
NOISE_PEAKEDNESS = 2.5  # band-passed noise has this ratio of the two quantiles
FAINTEST = 1e-3  # keeps a lead without any energy from silencing the geometric mean
MIN_SPAN_S = 1.0  # a shorter stretch holds no interval
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class Beats:
    """The heartbeats of a recording.

    Attributes
    ----------
    sample : ndarray of int64, shape (n_beats,)
        Increasing; the largest deflection of the QRS complex in `lead`.
    confidence : ndarray of float64, shape (n_beats,)
        0-1: the height among its neighbors, less where the leads hold much besides QRS.
    after_gap : ndarray of bool, shape (n_beats,)
        The interval before this beat was not observed (first beat, hole, unusable stretch).
    lead : int
        The lead that positions are taken from, wherever it is usable.
    """

    sample: Samples
    confidence: Floats
    after_gap: Mask
    lead: int


@dataclass(frozen=True)
class Candidates:
    """Peaks of the QRS energy of all leads together.

    Attributes
    ----------
    sample : ndarray of int64, shape (n,)
        Where the energy peaks.
    height : ndarray of float64, shape (n,)
        The energy there, 1 for a usual QRS complex.
    position : ndarray of int64, shape (n, n_leads)
        The largest deflection of each lead within `POSITION_REACH_S`.
    weight : ndarray of float64, shape (n, n_leads)
        The peakedness of each lead there, 0 where it is not to be used.
    """

    sample: Samples
    height: Floats
    position: Samples
    weight: Floats

    def only(self, chosen: Samples) -> "Candidates":
        return Candidates(
            self.sample[chosen], self.height[chosen], self.position[chosen], self.weight[chosen]
        )


def joined(parts: list[Candidates]) -> Candidates:
    """The candidates of stretches that follow one another."""
    return Candidates(
        np.concatenate([part.sample for part in parts]),
        np.concatenate([part.height for part in parts]),
        np.concatenate([part.position for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


def qrs_energy(filtered: Floats, fs_hz: float) -> Floats:
    """Root mean square slope over `ENERGY_WINDOW_S`, shape of `filtered`, mV/s."""
    slope = np.gradient(filtered, 1 / fs_hz, axis=0)
    mean_square = moving_average(slope**2, round(ENERGY_WINDOW_S * fs_hz))
    return np.sqrt(np.maximum(mean_square, 0.0))


def separate_peaks(energy: Floats, distance: int) -> Samples:
    """Local maxima at least `distance` samples apart, the highest kept first."""
    inner = energy[1:-1]
    left = np.flatnonzero((inner > energy[:-2]) & (inner >= energy[2:])) + 1
    kept = np.empty(0, np.int64)
    while len(left):
        highest = left[_highest_within(left, energy[left], distance)]
        kept = np.sort(np.concatenate((kept, highest)))
        following = np.minimum(np.searchsorted(kept, left), len(kept) - 1)
        preceding = np.maximum(following - 1, 0)
        away = np.minimum(np.abs(kept[following] - left), np.abs(left - kept[preceding]))
        left = left[away >= distance]
    return kept


def _highest_within(sample: Samples, height: Floats, distance: int) -> Mask:
    """Whether no other of these peaks within `distance` is higher; of equals the first."""
    highest = np.ones(len(sample), np.bool_)
    for step in range(1, len(sample)):
        close = sample[step:] - sample[:-step] < distance
        if not close.any():
            break
        rises = height[step:] > height[:-step]
        highest[step:] &= ~close | rises
        highest[:-step] &= ~close | ~rises
    return highest


def largest_deflections(filtered: Floats, sample: Samples, reach: int) -> Samples:
    """Move each sample to the largest absolute value within `reach` samples of it."""
    offsets = np.arange(-reach, reach + 1)
    around = np.clip(sample[:, None] + offsets, 0, len(filtered) - 1)
    best = np.argmax(np.abs(filtered[around]), axis=1)
    deflections: Samples = around[np.arange(len(sample)), best]
    return deflections


def peakedness(energy: Floats, fs_hz: float) -> tuple[Floats, Floats]:
    """How far QRS stand out of a lead's energy, and how high: two arrays of energy's shape.

    A ratio of quantiles per `SEGMENT_S`, in between on a straight line.
    """
    n_samples, n_leads = energy.shape
    n_parts = max(1, round(n_samples / (SEGMENT_S * fs_hz)))
    skipped = EDGE_S * fs_hz
    edges = np.linspace(skipped, n_samples - skipped, n_parts + 1).astype(np.int64)
    quantiles = np.array(
        [
            np.quantile(energy[i:j], (QRS_QUANTILE, REST_QUANTILE), axis=0)
            for i, j in pairwise(edges)
        ]
    )
    usual = np.maximum(quantiles[:, 0], HEIGHT_FLOOR * np.quantile(energy, QRS_QUANTILE, axis=0))
    ratio = quantiles[:, 0] / np.maximum(quantiles[:, 1], TINY)
    middle, time = (edges[1:] + edges[:-1]) / 2, np.arange(n_samples)
    drawn = [
        np.column_stack([np.interp(time, middle, values[:, lead]) for lead in range(n_leads)])
        for values in (ratio, usual)
    ]
    return drawn[0], drawn[1]


def _block_candidates(
    signal_mv: npt.NDArray[np.floating], trusted: Mask, fs_hz: float, block: Block
) -> Candidates:
    """Find the peaks in the geometric mean of the leads' energies, weighted by peakedness.

    A geometric mean is high only where all leads with a say are: a T wave or an artifact of
    one lead does not become a beat.
    """
    step = max(1, int(ENERGY_STEP_S * fs_hz))
    filtered = band_pass(signal_mv, fs_hz, *QRS_BAND_HZ)
    energy = qrs_energy(filtered, fs_hz)[::step]
    ratio, usual = peakedness(energy, fs_hz / step)
    weight = np.where(trusted[::step], ratio, 0.0)
    relative = np.log(np.maximum(energy / np.maximum(usual, TINY), FAINTEST))
    total = np.maximum(weight.sum(axis=1), TINY)
    combined = np.exp((relative * weight).sum(axis=1) / total) * trusted[::step].any(axis=1)
    peaks = separate_peaks(combined, round(REFRACTORY_S * fs_hz / step))
    peaks = peaks[(peaks * step >= block.core.start) & (peaks * step < block.core.stop)]
    reach = round(POSITION_REACH_S * fs_hz)
    position = [largest_deflections(lead, peaks * step, reach) for lead in filtered.T]
    return Candidates(
        peaks * step + block.margin_start,
        combined[peaks],
        np.column_stack(position) + block.margin_start,
        weight[peaks],
    )


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
    kept: list[int] = []
    for index in accepted.tolist():
        if kept:
            gap_s = time_s[index] - time_s[kept[-1]]
            before, after = relative[kept[-1]], relative[index]
            if _drops_second(gap_s, before, after):
                continue
            if _drops_second(gap_s, after, before, PRECURSOR_RATIO):
                kept.pop()
        kept.append(index)
    return np.array(kept, np.int64)


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
    found = [
        _highest_between(time_s, height, reference, beats[gap], beats[gap + 1])
        for gap in np.flatnonzero(rr_s > SEARCH_BACK_RR * running)
    ]
    return np.array([index for index in found if index is not None], np.int64)


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


def candidates(ecg: Ecg, usable: Mask, start: int, stop: int) -> Candidates:
    """Every peak of QRS energy in `start:stop`, block by block."""
    segment_length = round(SEGMENT_S * ecg.fs_hz)
    found = []
    margin = round(MARGIN_S * ecg.fs_hz)
    for block in blocks(start, stop, BLOCK_SEGMENTS * segment_length, margin):
        signal_mv = ecg.signal_mv[block.whole]
        segment = np.arange(block.margin_start, block.margin_stop) // segment_length
        trusted = usable[np.minimum(segment, len(usable) - 1)]
        trusted &= ~long_holes(signal_mv, round(MAX_FILLED_GAP_S * ecg.fs_hz))
        found.append(_block_candidates(filled(signal_mv), trusted, ecg.fs_hz, block))
    return joined(found)


def _observed(ecg: Ecg, usable: Mask) -> list[tuple[int, int]]:
    """Stretches where at least one usable lead has a signal."""
    segment_length = round(SEGMENT_S * ecg.fs_hz)
    n_samples = len(ecg.signal_mv)
    segment = np.minimum(np.arange(n_samples) // segment_length, len(usable) - 1)
    present = np.zeros(n_samples, np.bool_)
    for lead in range(len(ecg.leads)):
        present |= np.isfinite(ecg.signal_mv[:, lead]) & usable[segment, lead]
    return spans(present, round(MAX_FILLED_GAP_S * ecg.fs_hz), MIN_SPAN_S * ecg.fs_hz)


def detect_beats(ecg: Ecg, usable: Mask | None = None) -> Beats:
    """Find the QRS complexes of a recording, in all its leads together.

    Parameters
    ----------
    ecg : Ecg
    usable : ndarray of bool, shape (n_segments, n_leads), optional
        Which lead may be used in which 10 s of the recording; by default all.

    Returns
    -------
    Beats
        None where no usable lead has a signal.

    Notes
    -----
    Energy of the 6-22 Hz band with a local reference height and search back, measured against
    other detectors in the method card. The leads are joined by the geometric mean of their
    energies, each weighted by how far QRS stand out of it.
    """
    if usable is None:
        usable = np.ones((1, len(ecg.leads)), np.bool_)
    found, relative, after_gap = [], [], []
    for start, stop in _observed(ecg, usable):
        peaks = candidates(ecg, usable, start, stop)
        chosen, height = beats_among(peaks.sample / ecg.fs_hz, peaks.height)
        found.append(peaks.only(chosen))
        relative.append(height[chosen])
        after_gap.append(np.arange(len(chosen)) == 0)
    if not found:
        return Beats(np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_), 0)
    return _positioned(joined(found), np.concatenate(relative), np.concatenate(after_gap))


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
