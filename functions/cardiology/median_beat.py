"""The median beat: what all normal beats of a stretch have in common, noise averaged away."""

from dataclasses import dataclass, replace

import numpy as np

from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import SEGMENT_S, Samples, filled, long_holes
from functions.cardiology.qrs_energy import MAX_FILLED_GAP_S
from shared.science.signals import Mask, band_pass, moving_average

BAND_HZ = (0.5, 40.0)  # widens the QRS a little: belongs to the constants of waves.py
GRID_MS = 2.0
MIN_BEATS = 2
MAX_BEATS = 120  # two minutes: longer, and the rate is no longer one
CONTEXT_S = 2.0

VELOCITY_S = 0.010
ALIGNMENT_S = 0.060
BEFORE_MS, AFTER_MS = 660.0, 620.0  # of the alignment point; less at high rates:
BEFORE_RR, AFTER_RR = 0.75, 0.85
HOLE_MARGIN_S = 0.25  # a beat is not cut so close to a hole
MOST_BEATS = 0.7  # of the beats: a lead that takes part shows as many


@dataclass(frozen=True)
class MedianBeat:
    """The median of aligned beats.

    Attributes
    ----------
    signal_mv : (n_samples, n_leads) ndarray of float64
        0.5-40 Hz, a sample every `GRID_MS`, the leads in `leads` only.
    halves_mv : (2, n_samples, n_leads) ndarray of float64
        The same of every other beat: what both have in common repeats from beat to beat.
    start_ms : float
        Time of the first sample, from the alignment point at the center of the QRS complex.
    leads : tuple of str
    n_beats : int
    rr_ms : float
        Median interval between the normal beats of the stretch.
    """

    signal_mv: Floats
    halves_mv: Floats
    start_ms: float
    leads: tuple[str, ...]
    n_beats: int
    rr_ms: float

    def index(self, time_ms: float) -> int:
        """The sample at a time, within the beat."""
        nearest = round((time_ms - self.start_ms) / GRID_MS)
        return min(max(nearest, 0), len(self.signal_mv) - 1)

    def by_lead(self) -> list["MedianBeat"]:
        """The same beat, one lead at a time."""
        return [
            replace(
                self,
                signal_mv=self.signal_mv[:, [lead]],
                halves_mv=self.halves_mv[:, :, [lead]],
                leads=(name,),
            )
            for lead, name in enumerate(self.leads)
        ]


def median_beat(ecg: Ecg, beats: Beats, normal: Mask, usable: Mask | None) -> MedianBeat | None:
    """Align the normal beats of the clearest two minutes and take their median.

    The median keeps a wave that repeats and drops an artifact, which a mean would keep. Beats are
    aligned by the center of gravity of their squared velocity in all leads, because the largest
    deflection changes from lead to lead and, in a notched complex, from beat to beat.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats
    normal : (n_beats,) ndarray of bool
        Beats that may take part.
    usable : (n_segments, n_leads) ndarray of bool or None
        None where every lead is usable everywhere.

    Returns
    -------
    MedianBeat or None
        None where no lead shows `MOST_BEATS` of the beats whole, or fewer than `MIN_BEATS` remain.
    """
    first, last = _clearest_stretch(beats, normal)
    rr_s = _normal_intervals(beats, normal, first, last) / ecg.fs_hz
    chosen = beats.sample[first:last][normal[first:last]]
    if len(chosen) < MIN_BEATS or len(rr_s) == 0:
        return None
    rr_ms = 1000 * float(np.median(rr_s))
    begin = max(0, int(chosen[0] - CONTEXT_S * ecg.fs_hz))
    end = min(len(ecg.signal_mv), int(chosen[-1] + CONTEXT_S * ecg.fs_hz))
    start_ms = -GRID_MS * round(min(BEFORE_MS, BEFORE_RR * rr_ms) / GRID_MS)
    stop_ms = min(AFTER_MS, AFTER_RR * rr_ms)
    shown = _shown(ecg, usable, chosen, (start_ms / 1000, stop_ms / 1000))
    leads = np.flatnonzero(shown.mean(axis=0) >= MOST_BEATS)
    chosen = chosen[shown[:, leads].all(axis=1)]
    if len(leads) == 0 or len(chosen) < MIN_BEATS:
        return None
    signal_mv = band_pass(filled(ecg.signal_mv[begin:end, leads]), ecg.fs_hz, *BAND_HZ)
    time_ms = np.arange(start_ms, stop_ms, GRID_MS)
    cut = _aligned(signal_mv, chosen - begin, time_ms, ecg.fs_hz)
    if len(cut) < MIN_BEATS:
        return None
    names = tuple(ecg.leads[lead] for lead in leads)
    halves_mv = np.stack([np.median(cut[odd::2], axis=0) for odd in (0, 1)])
    return MedianBeat(np.median(cut, axis=0), halves_mv, start_ms, names, len(cut), rr_ms)


def _clearest_stretch(beats: Beats, normal: Mask) -> tuple[int, int]:
    """The `MAX_BEATS` beats in a row with the most confidence in normal ones."""
    if (n_beats := len(beats.sample)) <= MAX_BEATS:
        return 0, n_beats
    total = np.concatenate(([0.0], np.cumsum(beats.confidence * normal)))
    first = int(np.argmax(total[MAX_BEATS:] - total[:-MAX_BEATS]))
    return first, first + MAX_BEATS


def _normal_intervals(beats: Beats, normal: Mask, first: int, last: int) -> Samples:
    """Observed intervals between two normal beats, in samples."""
    inner = slice(first + 1, last)
    both = normal[first : last - 1] & normal[inner] & ~beats.after_gap[inner]
    intervals: Samples = np.diff(beats.sample[first:last])[both[: max(0, last - first - 1)]]
    return intervals


def _shown(ecg: Ecg, usable: Mask | None, sample: Samples, window_s: tuple[float, float]) -> Mask:
    """Which lead shows which beat whole, (n_beats, n_leads): no hole near it, and usable there."""
    first = sample + round((window_s[0] - HOLE_MARGIN_S) * ecg.fs_hz)
    last = sample + round((window_s[1] + HOLE_MARGIN_S) * ecg.fs_hz)
    begin, end = max(0, int(first[0])), min(len(ecg.signal_mv), int(last[-1]) + 1)
    holes = long_holes(ecg.signal_mv[begin:end], round(MAX_FILLED_GAP_S * ecg.fs_hz))
    missing = np.concatenate((np.zeros((1, holes.shape[1])), np.cumsum(holes, axis=0)))
    edges = [np.clip(at - begin, 0, end - begin) for at in (first, last)]
    shown: Mask = missing[edges[1]] == missing[edges[0]]
    if usable is not None:
        length = round(SEGMENT_S * ecg.fs_hz)
        shown &= usable[np.minimum(sample // length, len(usable) - 1)]
    return shown


def velocity(signal_mv: Floats, step_s: float) -> Floats:
    """Measure how fast the heart's vector moves.

    Parameters
    ----------
    signal_mv : (n_samples, n_leads) ndarray of float64
    step_s : float
        From one sample to the next.

    Returns
    -------
    (n_samples,) ndarray of float64
        Root of the leads' squared slopes, mV/s, its mean over `VELOCITY_S`.
    """
    slope = np.gradient(signal_mv, step_s, axis=0)
    return moving_average(np.sqrt((slope**2).sum(axis=1)), round(VELOCITY_S / step_s))


def _aligned(signal_mv: Floats, sample: Samples, time_ms: Floats, fs_hz: float) -> Floats:
    """Beats lying on the center of gravity of their squared velocity, (n_beats, time, lead)."""
    reach = round(ALIGNMENT_S * fs_hz)
    offset = np.arange(-reach, reach + 1)
    sample = sample[(sample >= reach) & (sample < len(signal_mv) - reach)]
    power = velocity(signal_mv, 1 / fs_hz)[sample[:, None] + offset] ** 2
    center = sample + (power * offset).sum(axis=1) / power.sum(axis=1)
    at = center[:, None] + time_ms * fs_hz / 1000
    at = at[(at[:, 0] >= 0) & (at[:, -1] < len(signal_mv) - 1)]
    before = at.astype(np.int64)
    share = (at - before)[:, :, None]
    cut: Floats = (1 - share) * signal_mv[before] + share * signal_mv[before + 1]
    return cut
