"""What the atria do: the signal before each QRS complex, and what is left without QRS and T.

`atrial_activity(ecg, beats, shapes, is_ventricular) -> AtrialActivity`. The P wave is looked for
from the onset of the QRS complex backward, never from its largest deflection, which a bundle branch
block puts late; and far before it, where a long PR interval or a fibrillating atrium shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import Samples, filled
from functions.cardiology.shapes import (
    SHAPE_BAND_HZ,
    SHAPE_FS_HZ,
    TINY,
    Float32s,
    Indices,
    Shapes,
    window_times,
    within,
)
from shared.science.signals import Mask, band_pass

BEFORE_S = 0.66  # what is kept before each beat: PR intervals up to 550 ms
MARGIN_S = 5.0
BLOCK_BEATS, CONTEXT_BEATS = 60, 30

QRST_BEFORE_S, QRST_AFTER_S, QRST_AFTER_RR = 0.10, 0.52, 0.62
QRST_ENDS_BEFORE_NEXT_S = 0.12
QRST_SCALES = (0.6, 1.5)
REST_POINTS = 3

ONSET_SEARCH_S, ONSET_LIMITS_S = (-0.14, 0.08), (-0.13, -0.02)
ONSET_SLOPE = 0.12  # of the steepest slope: what stays below it is the quiet before
ONSET_QUIET_POINTS = 5  # 40 ms: the notch of a bundle branch block is shorter
P_BEFORE_ONSET_S = (-0.20, -0.02)

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
    near : ndarray of float32, shape (n_beats, n_times, n_leads)
        `P_BEFORE_ONSET_S` from that onset.
    before : ndarray of float32, shape (n_beats, n_times, n_leads)
        `BEFORE_S` up to the beat, QRS and T of the beats before subtracted.
    rr_s : ndarray of float64, shape (n_beats,)
        The interval before each beat; 0 where it was not observed.
    """

    onset_s: float
    near: Float32s
    before: Float32s
    rr_s: Floats

    def p_on(self, beats: Indices) -> float:
        """Constancy of the 180 ms before QRS onset, where a P wave ends."""
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
    """Share of the signal that all beats have in common, 0-1.

    A P wave at a constant distance stays in the mean of the beats; fibrillatory waves average
    out. The share that n unrelated beats would keep, 1/n, is taken off.
    """
    part = windows.astype(np.float64)
    n_beats = len(part)
    if n_beats < 2:
        return NOT_SEEN
    position = np.linspace(-1, 1, part.shape[1])
    part = part - part.mean(axis=1, keepdims=True)
    tilt = np.tensordot(part, position, axes=([1], [0])) / (position @ position)
    part = part - tilt[:, None, :] * position[None, :, None]
    common = (part.mean(axis=0) ** 2).sum()
    alone = max(float((part**2).sum()) / n_beats, TINY)
    return float((common / alone - 1 / n_beats) / (1 - 1 / n_beats))


def qrs_onset_s(windows: Float32s) -> float:
    """Onset of the median QRS complex, seconds from the beat.

    From the steepest point back until the slope stays below `ONSET_SLOPE` of it.
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
    is_ventricular : ndarray of bool, shape (n_beats,)
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


@dataclass(frozen=True)
class Stretch:
    """Beats `first:last` of a recording, and the signal around them without QRS and T.

    `signal_mv` has the shape (n_points, n_leads), `SHAPE_FS_HZ` points a second from `start_s`.
    """

    first: int
    last: int
    start_s: float
    signal_mv: Floats

    def index(self, time_s: Floats) -> Samples:
        return np.round((time_s - self.start_s) * SHAPE_FS_HZ).astype(np.int64)


def without_qrst(
    ecg: Ecg,
    beats: Beats,
    is_ventricular: Mask,
    leads: tuple[int, ...],
    after_rr: float = QRST_AFTER_RR,
) -> Iterator[Stretch]:
    """The signal of every `BLOCK_BEATS` beats, the usual QRS and T taken away.

    T is taken to end `after_rr` times the square root of the interval (s) after the beat.
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
    """Band-passed signal from `BEFORE_S` before one sample to as long after another."""
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
