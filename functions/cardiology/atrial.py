"""What the atria do: the signal before each QRS complex, and how constant it is.

`atrial_activity(ecg, beats, shapes, is_ventricular) -> AtrialActivity`. The P wave is looked for
from the onset of the QRS complex backward, never from its largest deflection, which a bundle branch
block puts late; and far before it, where a long PR interval or a fibrillating atrium shows.
"""

from dataclasses import dataclass

import numpy as np

from functions.cardiology.atrial_signal import BEFORE_S, without_qrst
from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.shapes import (
    SHAPE_FS_HZ,
    TINY,
    Float32s,
    Indices,
    Shapes,
    window_times,
    within,
)
from shared.science.signals import Mask

# The steepest flank lies within the complex; its onset comes before the beat by at least the
# quarter of a narrow complex and at most the most of a broad one.
ONSET_SEARCH_S, ONSET_LIMITS_S = (-0.14, 0.08), (-0.13, -0.02)
ONSET_SLOPE = 0.12  # of the steepest slope: what stays below it is the quiet before
ONSET_QUIET_POINTS = 5  # 40 ms: the notch of a bundle branch block is shorter
# A PR interval is 120 to 200 ms, and its last 20 ms may hold the first slope of the complex.
P_BEFORE_ONSET_S = (-0.20, -0.02)

# Long PR intervals reach 600 ms. A stretch is about as long as the near one, and a quarter of it
# further each time; what ends less than 100 ms before the onset belongs to the near one.
FAR_LENGTH_S, FAR_STEP_S, FAR_FROM_S = 0.16, 0.04, -0.62
FAR_BEFORE_ONSET_S = 0.26
FAR_ROOM_S = 0.14  # between the beat before and the stretch: its own QRS complex
NOT_SEEN = -1.0


@dataclass(frozen=True)
class AtrialActivity:
    """The signal before each beat.

    Attributes
    ----------
    onset_s : float
        Onset of the usual QRS complex, from the beat.
    near : (n_beats, n_times, n_leads) ndarray of float32
        `P_BEFORE_ONSET_S` from that onset, in units of the lead's median QRS height.
    before : (n_beats, n_times, n_leads) ndarray of float32
        `BEFORE_S` up to the beat in the same units, QRS and T of the beats before subtracted.
    rr_s : (n_beats,) ndarray of float64
        The interval before each beat; 0 where it was not observed.
    """

    onset_s: float
    near: Float32s
    before: Float32s
    rr_s: Floats

    def p_on(self, beats: Indices) -> float:
        """Return the constancy of the 180 ms before QRS onset, where a P wave ends."""
        return constancy(self.near[beats])

    def p_far(self, beats: Indices) -> float:
        """Highest constancy of any 160 ms that begin more than 260 ms before QRS onset.

        `NOT_SEEN` where the beats come too fast for such a stretch.
        """
        times = before_times()
        length = round(FAR_LENGTH_S * SHAPE_FS_HZ)
        highest = NOT_SEEN
        for start_s in np.arange(FAR_FROM_S, self.onset_s - FAR_BEFORE_ONSET_S, FAR_STEP_S):
            roomy = beats[self.rr_s[beats] > FAR_ROOM_S - start_s]
            if len(roomy) < max(2, len(beats) / 2):
                continue
            first = int(np.searchsorted(times, start_s - TINY))
            highest = max(highest, constancy(self.before[roomy, first : first + length]))
        return highest


def before_times() -> Floats:
    """Seconds from the beat of the points of `AtrialActivity.before`."""
    times: Floats = np.arange(-round(BEFORE_S * SHAPE_FS_HZ), 1) / SHAPE_FS_HZ
    return times


def constancy(windows: Float32s) -> float:
    """Measure the share of the signal that all beats have in common.

    A P wave at a constant distance stays in the mean of the beats; fibrillatory waves average
    out. The share that n unrelated beats would keep, 1/n, is taken off. A straight line is taken
    out of every beat first: a drift of the baseline is common to neighbors, and no P wave.

    Parameters
    ----------
    windows : (n_beats, n_times, n_leads) ndarray of float32
        In any unit: only shares count.

    Returns
    -------
    float
        1 where all beats are equal, about 0 where they are unrelated; `NOT_SEEN` of a single one.
    """
    n_beats = len(windows)
    if n_beats < 2:
        return NOT_SEEN
    part = _without_line(windows.astype(np.float64))
    common = (part.mean(axis=0) ** 2).sum()
    alone = max(float((part**2).sum()) / n_beats, TINY)
    return float((common / alone - 1 / n_beats) / (1 - 1 / n_beats))


def _without_line(windows: Floats) -> Floats:
    """Take a straight line out of every beat and lead."""
    position = np.linspace(-1, 1, windows.shape[1])
    level = windows - windows.mean(axis=1, keepdims=True)
    tilt = np.tensordot(level, position, axes=([1], [0])) / (position @ position)
    return np.asarray(level - tilt[:, None, :] * position[None, :, None])


def qrs_onset_s(windows: Float32s) -> float:
    """Find the onset of the median QRS complex, in seconds from the beat.

    From the steepest point back until the slope stays below `ONSET_SLOPE` of it for 40 ms. A result
    outside of `ONSET_LIMITS_S` is moved to the nearer limit.
    """
    median = np.median(windows, axis=0)
    slope = np.gradient(median, 1 / SHAPE_FS_HZ, axis=0)
    speed = np.sqrt((slope.astype(np.float64) ** 2).mean(axis=1))
    zone = within(ONSET_SEARCH_S)
    at = zone.start + int(np.argmax(speed[zone]))
    quiet = speed < ONSET_SLOPE * speed[at]
    while at >= ONSET_QUIET_POINTS and not quiet[at - ONSET_QUIET_POINTS : at].all():
        at -= 1
    return float(np.clip(window_times()[at], *ONSET_LIMITS_S))


def atrial_activity(ecg: Ecg, beats: Beats, shapes: Shapes, is_ventricular: Mask) -> AtrialActivity:
    """Cut what lies before every beat.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats
        At least two.
    shapes : Shapes
        Its leads are looked at; the onset is that of its most usual beats.
    is_ventricular : (n_beats,) ndarray of bool

    Returns
    -------
    AtrialActivity
    """
    usual = ~is_ventricular
    usual &= shapes.correlation >= np.median(shapes.correlation[usual]) if usual.any() else True
    onset_s = qrs_onset_s(shapes.windows[usual] if usual.any() else shapes.windows)
    near = within((onset_s + P_BEFORE_ONSET_S[0], onset_s + P_BEFORE_ONSET_S[1]))
    rr_s = np.diff(beats.sample, prepend=beats.sample[0]) / ecg.fs_hz
    n_points = len(before_times())
    before = np.empty((len(beats.sample), n_points, len(shapes.leads)), np.float32)
    for stretch in without_qrst(ecg, beats, is_ventricular, shapes.leads):
        own = slice(stretch.first, stretch.last)
        at = stretch.index(beats.sample[own] / ecg.fs_hz)[:, None] + np.arange(1 - n_points, 1)
        before[own] = stretch.signal_mv[np.clip(at, 0, len(stretch.signal_mv) - 1)]
    height_mv = np.maximum(shapes.height_mv, TINY).astype(np.float32)
    return AtrialActivity(
        onset_s,
        shapes.windows[:, near],
        before / height_mv,
        np.where(beats.after_gap, 0.0, rr_s),
    )
