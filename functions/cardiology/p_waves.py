"""P waves wherever they lie, told apart from the QRS complexes: how the atria beat on their own.

`p_waves(stretch, beat_s, onset_s) -> PWaves`. Finds waves of one shape in what is left without QRS
and T, whether a QRS follows or not. Its limits of likeness, size and number were set together with
those of `conduction.py`, on the same recordings.
"""

from dataclasses import dataclass

import numpy as np

from functions.cardiology.atrial_signal import Stretch
from functions.cardiology.ecg import Floats
from functions.cardiology.filters import Samples
from functions.cardiology.qrs_energy import separate_peaks
from functions.cardiology.shapes import SHAPE_FS_HZ, TINY
from shared.science.signals import Mask, moving_average

HALF_S = 0.08  # of a P wave, to both sides of its peak
SMOOTH_S = 0.04
BASELINE_S = 0.36
QRS_BEFORE_S, QRS_AFTER_S = 0.03, 0.11  # of the onset: what is left of a QRS is no P wave
REFRACTORY_S = 0.25
FIRST_LOOK_PER_S = 0.7  # of the highest candidates, for a shape to begin with
PASSES = 4
LIKE = 0.70  # correlation with the shape
SIZES = (0.5, 1.7)  # in multiples of it
LEAST_WAVES = 4


@dataclass(frozen=True)
class PWaves:
    """Waves of one shape.

    Attributes
    ----------
    time_s : (n,) ndarray of float64
        Their peaks.
    height : float
        Of the shape, in multiples of what lies between the waves; 0 where none was found.
    """

    time_s: Floats
    height: float


NONE = PWaves(np.empty(0), 0.0)


def p_waves(stretch: Stretch, beat_s: Floats, onset_s: float) -> PWaves:
    """Find the P waves of a stretch: the waves of its commonest shape between the QRS complexes.

    Candidates are peaks of energy. Those most like each other give a shape, which is the median of
    its members in `PASSES` passes; T waves that remain and noise have other shapes.

    Parameters
    ----------
    stretch : Stretch
    beat_s : (n_beats,) ndarray of float64
        All beats within the stretch.
    onset_s : float
        Onset of the QRS complex, from the beat.

    Returns
    -------
    PWaves
        Empty where fewer than `LEAST_WAVES` are alike.
    """
    signal_mv = stretch.signal_mv - moving_average(
        stretch.signal_mv, round(BASELINE_S * SHAPE_FS_HZ)
    )
    signal_mv = moving_average(signal_mv, round(SMOOTH_S * SHAPE_FS_HZ))
    hidden = _hidden(stretch, beat_s, onset_s)
    signal_mv[hidden] = 0.0
    spread = np.median(np.abs(signal_mv[~hidden]), axis=0) if (~hidden).any() else 1.0
    signal_mv = signal_mv / np.maximum(spread, TINY)
    half = round(HALF_S * SHAPE_FS_HZ)
    candidates = _candidates(signal_mv, half)
    if len(candidates) < LEAST_WAVES:
        return NONE
    windows = signal_mv[candidates[:, None] + np.arange(-half, half + 1)].reshape(
        len(candidates), -1
    )
    members = _alike(windows, len(signal_mv) / SHAPE_FS_HZ)
    if members.sum() < LEAST_WAVES:
        return NONE
    height = float(np.sqrt((np.median(windows[members], axis=0) ** 2).mean()))
    return PWaves(stretch.start_s + candidates[members] / SHAPE_FS_HZ, height)


def _hidden(stretch: Stretch, beat_s: Floats, onset_s: float) -> Mask:
    """Points within a QRS complex."""
    hidden = np.zeros(len(stretch.signal_mv), np.bool_)
    first = stretch.index(beat_s + onset_s - QRS_BEFORE_S)
    last = stretch.index(beat_s + onset_s + QRS_AFTER_S)
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        hidden[max(start, 0) : max(stop, 0)] = True
    return hidden


def _candidates(signal_mv: Floats, half: int) -> Samples:
    energy = moving_average(np.sqrt((signal_mv**2).sum(axis=1)), half)
    peaks = separate_peaks(energy, round(REFRACTORY_S * SHAPE_FS_HZ))
    return peaks[(peaks >= 2 * half) & (peaks < len(energy) - 2 * half)]


def _alike(windows: Floats, length_s: float) -> Mask:
    """Which candidates share the commonest shape."""
    size = np.linalg.norm(windows, axis=1)
    n_first = min(len(windows), max(LEAST_WAVES, round(FIRST_LOOK_PER_S * length_s)))
    strongest = np.argsort(-size)[:n_first]
    unit = windows / np.maximum(size, TINY)[:, None]
    likeness = unit[strongest] @ unit[strongest].T
    leader = unit[strongest[int(np.argmax((likeness > LIKE).sum(axis=1)))]]
    members: Mask = unit @ leader > LIKE
    for _ in range(PASSES):
        if members.sum() < LEAST_WAVES:
            break
        shape = np.median(windows[members], axis=0)
        power = max(float(shape @ shape), TINY)
        scale = windows @ shape / power
        members = (unit @ (shape / np.sqrt(power)) > LIKE) & (scale > SIZES[0]) & (scale < SIZES[1])
    return members
