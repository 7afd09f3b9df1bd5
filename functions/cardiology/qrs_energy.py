"""Where the energy of QRS complexes peaks, in all leads together: the candidates for beats.

The constants without a reason beside them were chosen on the MIT-BIH records that the method card
names, with those of `beats.py`, which says where the detector deviates from its source.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import SEGMENT_S, TINY, Block, Samples, blocks, filled, long_holes
from shared.science.signals import Mask, band_pass, moving_average

BLOCK_SEGMENTS = 12  # what is filtered at once
MARGIN_S = 2.0
MAX_FILLED_GAP_S = 0.20  # a zero-phase filter rings at longer holes: cut there

QRS_BAND_HZ = (6.0, 22.0)
ENERGY_WINDOW_S = 0.10
ENERGY_STEP_S = 0.010  # a mean over 0.1 s says nothing new more often
REFRACTORY_S = 0.20  # no ventricle beats twice within this
POSITION_REACH_S = 0.075

EDGE_S = 0.4  # at the ends of a recording a filter makes a pulse out of anything
QRS_QUANTILE, REST_QUANTILE = 0.98, 0.40  # of a lead's energy: heights of QRS, and of the rest
HEIGHT_FLOOR = 0.5  # of the block's QRS height: what a quiet segment is not scaled above
MOST_PEAKED = (
    1e4  # of a lead that lies still between its beats or in a hole; no recorder is so quiet
)
FAINTEST = 1e-3  # keeps a lead without any energy from silencing the geometric mean


@dataclass(frozen=True)
class Candidates:
    """Peaks of the QRS energy of all leads together.

    Attributes
    ----------
    sample : (n,) ndarray of int64
        Where the energy peaks.
    height : (n,) ndarray of float64
        The energy there, 1 for a usual QRS complex.
    position : (n, n_leads) ndarray of int64
        The largest deflection of each lead within `POSITION_REACH_S`.
    weight : (n, n_leads) ndarray of float64
        The peakedness of each lead there, 0 where it is not to be used.
    """

    sample: Samples
    height: Floats
    position: Samples
    weight: Floats

    def only(self, chosen: Samples) -> "Candidates":
        """Keep some of the candidates, by their numbers."""
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
    """Measure the root mean square slope over `ENERGY_WINDOW_S`.

    Parameters
    ----------
    filtered : (n_samples, n_leads) ndarray of float64
        mV, within `QRS_BAND_HZ`.
    fs_hz : float

    Returns
    -------
    (n_samples, n_leads) ndarray of float64
        mV/s, so that heights of beats scale with the voltage.
    """
    slope = np.gradient(filtered, 1 / fs_hz, axis=0)
    mean_square = moving_average(slope**2, round(ENERGY_WINDOW_S * fs_hz))
    return np.sqrt(np.maximum(mean_square, 0.0))


def separate_peaks(energy: Floats, distance: int) -> Samples:
    """Find local maxima that lie at least a distance apart, the highest first.

    Parameters
    ----------
    energy : (n,) ndarray of float64
    distance : int
        Samples; of two maxima nearer than this the higher is taken, of equals the first.

    Returns
    -------
    (n_peaks,) ndarray of int64
        Increasing; never the first or the last sample.

    Examples
    --------
    >>> separate_peaks(np.array([0.0, 2, 0, 3, 0, 1, 0]), distance=3).tolist()
    [3]
    """
    inner = energy[1:-1]
    left = np.flatnonzero((inner > energy[:-2]) & (inner >= energy[2:])) + 1
    chosen = np.empty(0, np.int64)
    while len(left):
        highest = _highest_within(left, energy[left], distance)
        chosen = np.sort(np.concatenate((chosen, left[highest])))
        left = left[distance_to(chosen, left) >= distance]
    return chosen


def distance_to(others: Samples, sample: Samples) -> Samples:
    """Measure how far from each sample the nearest of the others is.

    Parameters
    ----------
    others : (n_others,) ndarray of int64
        Increasing.
    sample : (n,) ndarray of int64

    Returns
    -------
    (n,) ndarray of int64
        The largest of all numbers where there are no others.
    """
    if len(others) == 0:
        return np.full(len(sample), np.iinfo(np.int64).max)
    after = np.minimum(np.searchsorted(others, sample), len(others) - 1)
    before = np.maximum(after - 1, 0)
    return np.asarray(np.minimum(np.abs(others[after] - sample), np.abs(sample - others[before])))


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
    rest = np.maximum(quantiles[:, 1], quantiles[:, 0] / MOST_PEAKED)
    ratio = quantiles[:, 0] / np.maximum(rest, TINY)
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


def candidates(ecg: Ecg, usable: Mask, start: int, stop: int) -> Candidates:
    """Find every peak of QRS energy in a stretch of a recording, block by block.

    Parameters
    ----------
    ecg : Ecg
    usable : (n_segments, n_leads) ndarray of bool
    start, stop : int
        Samples of the recording.

    Returns
    -------
    Candidates
        Counted from the beginning of the recording; a lead has no say where it is not usable or
        has a hole that is too long for a line.
    """
    segment_length = round(SEGMENT_S * ecg.fs_hz)
    peaks = []
    margin = round(MARGIN_S * ecg.fs_hz)
    for block in blocks(start, stop, BLOCK_SEGMENTS * segment_length, margin):
        signal_mv = ecg.signal_mv[block.whole]
        segment = np.arange(block.margin_start, block.margin_stop) // segment_length
        trusted = usable[np.minimum(segment, len(usable) - 1)]
        trusted &= ~long_holes(signal_mv, round(MAX_FILLED_GAP_S * ecg.fs_hz))
        peaks.append(_block_candidates(filled(signal_mv), trusted, ecg.fs_hz, block))
    return joined(peaks)
