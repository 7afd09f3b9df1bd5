"""Pacemaker pulses: spikes of a few milliseconds shortly before the QRS complex.

`is_paced(ecg, beats) -> bool array`. Recorders below 400 samples a second, and bipolar pacemakers
on any, leave no spike to be seen; nothing is concluded from its absence, unless the file mentions
a pacemaker: then `hides_pacing` says that nobody can tell whose beats these are.
"""

import numpy as np

from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import filled
from shared.science.signals import Mask

MIN_FS_HZ = 400.0
SPIKE_HALF_WIDTH_S = 0.004
BEFORE_BEAT_S = (-0.12, -0.03)  # a pulse, not the notches of the complex it starts
SPIKE_MV = 0.18
MIN_SPIKE_LEADS = 2  # of several; one is enough where there is only one
MIN_SHARE = 0.5  # fewer spikes are artifacts, unless a pacemaker is known to be there


def is_paced(ecg: Ecg, beats: Beats) -> Mask:
    """Mark the beats that follow a pulse of a pacemaker.

    A pulse is at least `SPIKE_MV` high above both sides at a distance of 4 ms; the limit was set on
    the LUDB strips that the method card names.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats

    Returns
    -------
    (n_beats,) ndarray of bool
        All False below `MIN_FS_HZ`, and unless most beats follow a pulse or the file mentions a
        pacemaker: single spikes are artifacts.
    """
    none = np.zeros(len(beats.sample), np.bool_)
    if ecg.fs_hz < MIN_FS_HZ or len(none) == 0:
        return none
    heights = np.array([spike_heights(ecg, beats, lead) for lead in range(len(ecg.leads))])
    wanted = min(MIN_SPIKE_LEADS, len(heights))
    paced: Mask = (heights > SPIKE_MV).sum(axis=0) >= wanted
    return paced if ecg.paced or paced.mean() >= MIN_SHARE else none


def hides_pacing(ecg: Ecg, paced: Mask) -> bool:
    """Tell whether a pacemaker that the file mentions leaves no trace in the signal.

    Parameters
    ----------
    ecg : Ecg
    paced : (n_beats,) ndarray of bool
        As `is_paced` gives it.

    Returns
    -------
    bool
        True: nobody can tell whose beats these are.
    """
    return ecg.paced and not paced.any()


def spike_heights(ecg: Ecg, beats: Beats, lead: int) -> Floats:
    """Measure the highest narrow spike of one lead shortly before each beat, mV, shape (n_beats,).

    Both flanks must be steep and on the same side of the spike: an edge of a QRS complex has one.
    """
    half = round(SPIKE_HALF_WIDTH_S * ecg.fs_hz)
    first, last = (round(edge * ecg.fs_hz) for edge in BEFORE_BEAT_S)
    at = beats.sample[:, None] + np.arange(first - half, last + half + 1)
    around = filled(ecg.signal_mv[np.clip(at, 0, len(ecg.signal_mv) - 1), lead].T).T
    middle = around[:, half:-half]
    left, right = middle - around[:, : -2 * half], middle - around[:, 2 * half :]
    spike = np.where(left * right > 0, np.minimum(np.abs(left), np.abs(right)), 0.0)
    heights: Floats = spike.max(axis=1).astype(np.float64)
    return heights
