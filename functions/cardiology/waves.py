"""Where P, QRS and T begin and end on the median beat.

All leads speak together: by the speed of the heart's vector for the QRS complex, by its distance
from rest for T and P, neither of which has a sign to get wrong. Times are ms from the alignment
point. The constants were chosen on the LUDB records 1, 5, 9, ... (see the method card).
"""

from dataclasses import dataclass, replace

import numpy as np

from functions.cardiology.ecg import Floats
from functions.cardiology.filters import TINY
from functions.cardiology.median_beat import GRID_MS, MedianBeat, velocity
from shared.science.signals import moving_average

QRS_PEAK_REACH_MS = 80.0
QRS_FRACTION, QRS_FRACTION_OTHER = 0.05, 0.10  # of the peak velocity, above the quiet around
QRS_QUIET_MS = 16.0
# Of the peak velocity: so fast moves no P or T wave, but the second half of a notched complex.
QRS_FAST, QRS_REACH_MS = 0.25, 150.0
QRS_BASE_BEFORE_MS = 120.0
QRS_BASE_AFTER_MS, QRS_BASE_AFTER_QUANTILE = (80.0, 150.0), 0.3

T_SMOOTH_MS, T_REST_MS, T_SLOPE_REACH_MS = 18.0, 30.0, 150.0
T_AFTER_QRS_MS = 80.0  # the ST segment is no T wave
T_MIN_ZONE_MS = 120.0
NEXT_P_MS, NEXT_P_OTHERS_MS = 260.0, (220.0, 300.0)  # before the next QRS: its P wave may begin
T_TANGENT_BIAS_MS = 15.8  # by which the tangent runs short of what cardiologists mark in LUDB

P_REACH_MS, P_BEFORE_QRS_MS, P_AFTER_T_MS = 260.0, 4.0, 16.0
P_FAR_REACH_MS = 550.0  # looked at where no P wave lies within `P_REACH_MS`
P_SMOOTH_MS, P_SMOOTH_OTHER_MS, P_SLOPE_REACH_MS = 20.0, 14.0, 80.0
P_REST_BEFORE_MS, P_REST_AFTER_MS = 20.0, 12.0
P_MIN_ZONE_MS = 60.0

FLOOR_QUANTILE = 0.1  # of the distance from rest within a zone: what is no wave


@dataclass(frozen=True)
class Wave:
    """One wave.

    Attributes
    ----------
    onset, peak, offset : float
        ms from the alignment point; for T the onset is where its zone begins.
    contrast : float
        How far the peak stands out of the rest of its zone.
    disagreement_ms : float
        Between ways of finding the border that counts.
    repeatability : float
        Correlation of its zone between every other beat and the rest; 1 where not looked at.
    """

    onset: float
    peak: float
    offset: float
    contrast: float
    disagreement_ms: float = 0.0
    repeatability: float = 1.0


def points(duration_ms: float) -> int:
    return round(duration_ms / GRID_MS)


def qrs_complex(beat: MedianBeat) -> Wave | None:
    """Find the QRS complex, from the first to the last fast movement around the peak velocity.

    Parameters
    ----------
    beat : MedianBeat

    Returns
    -------
    Wave or None
        Its disagreement is that of the durations by `QRS_FRACTION` and `QRS_FRACTION_OTHER`, with a
        sign. None where the beat ends before it is quiet again, or never becomes quiet.
    """
    speed = velocity(beat.signal_mv, GRID_MS / 1000)
    center, reach = beat.index(0.0), points(QRS_PEAK_REACH_MS)
    begin = max(0, center - reach)
    peak = begin + int(np.argmax(speed[begin : center + reach + 1]))
    first = _qrs_borders(speed, peak, center, QRS_FRACTION)
    other = _qrs_borders(speed, peak, center, QRS_FRACTION_OTHER)
    if first is None or other is None:
        return None
    onset, offset = (beat.start_ms + GRID_MS * border for border in first)
    disagreement_ms = GRID_MS * ((first[1] - first[0]) - (other[1] - other[0]))
    contrast = float(speed[peak] / max(np.median(speed), TINY))
    return Wave(onset, beat.start_ms + GRID_MS * peak, offset, contrast, disagreement_ms)


def _qrs_borders(speed: Floats, peak: int, center: int, fraction: float) -> tuple[int, int] | None:
    before = speed[max(0, center - points(QRS_BASE_BEFORE_MS)) : center]
    near, far = (peak + points(reach) for reach in QRS_BASE_AFTER_MS)
    if near + points(QRS_QUIET_MS) > len(speed):
        return None
    base_before = float(np.median(before))
    base_after = float(np.quantile(speed[near:far], QRS_BASE_AFTER_QUANTILE))
    left = _first_quiet(speed[peak::-1], base_before + fraction * (speed[peak] - base_before))
    right = _first_quiet(
        speed[peak : far + points(QRS_QUIET_MS)],
        base_after + fraction * (speed[peak] - base_after),
    )
    return None if left is None or right is None else (peak - left, peak + right)


def _first_quiet(speed: Floats, limit: float) -> int | None:
    """Where the speed, after the last fast movement, first stays below the limit."""
    width = points(QRS_QUIET_MS)
    reach = speed[: points(QRS_REACH_MS)]
    after = int(np.flatnonzero(reach >= QRS_FAST * speed[0])[-1]) if len(reach) else 0
    if len(speed) - after < width:
        return None
    quiet = np.convolve(speed[after:] < limit, np.ones(width), "valid") == width
    return after + int(np.argmax(quiet)) if quiet.any() else None


def t_wave(beat: MedianBeat, qrs: Wave) -> Wave | None:
    """Find the T wave of all leads; narrower and wider zones and single leads check its end.

    The end is where the steepest tangent meets the line of rest, `T_TANGENT_BIAS_MS` later: the
    tangent alone runs short of what cardiologists mark.

    Parameters
    ----------
    beat : MedianBeat
    qrs : Wave

    Returns
    -------
    Wave or None
        None where the next beat leaves no room for it, or no lead shows one.
    """
    first = _t_wave(beat, qrs, NEXT_P_MS)
    others = [_t_wave(beat, qrs, next_p_ms) for next_p_ms in NEXT_P_OTHERS_MS]
    by_lead = [_t_wave(lead, qrs, NEXT_P_MS) for lead in beat.by_lead()]
    lead_ends = [wave.offset for wave in by_lead if wave is not None]
    if first is None or not lead_ends:
        return None
    ends = [wave.offset for wave in others if wave is not None] + [float(np.median(lead_ends))]
    disagreement_ms = max(abs(end - first.offset) for end in ends)
    return replace(first, disagreement_ms=disagreement_ms)


def _t_wave(beat: MedianBeat, qrs: Wave, next_p_ms: float) -> Wave | None:
    start = beat.index(qrs.offset + T_AFTER_QRS_MS)
    stop = max(beat.index(beat.rr_ms - next_p_ms), start + points(T_MIN_ZONE_MS))
    zone = beat.signal_mv[start:stop]
    if len(zone) < points(T_MIN_ZONE_MS) - 1:
        return None
    rest = np.median(zone[-points(T_REST_MS) :], axis=0)
    distance = _distance(zone - rest, T_SMOOTH_MS)
    peak = int(np.argmax(distance))
    end = _tangent(distance, peak, points(T_SLOPE_REACH_MS))
    if end is None:
        return None
    onset = beat.start_ms + GRID_MS * start
    contrast = float(distance[peak] / max(np.quantile(distance, FLOOR_QUANTILE), TINY))
    return Wave(onset, onset + GRID_MS * peak, onset + GRID_MS * end + T_TANGENT_BIAS_MS, contrast)


def p_wave(
    beat: MedianBeat, qrs: Wave, t_end: float | None, reach_ms: float = P_REACH_MS
) -> Wave | None:
    """Find the P wave, between the end of the T wave before it and the QRS complex.

    Parameters
    ----------
    beat : MedianBeat
    qrs : Wave
    t_end : float or None
        ms from the alignment point; the T wave of the beat before ends one interval earlier.
    reach_ms : float
        How far before the QRS complex it is looked for.

    Returns
    -------
    Wave or None
        Its disagreement is that of the onsets with rest taken as level and as a slope.
    """
    begin_ms = qrs.onset - reach_ms
    if t_end is not None:
        begin_ms = max(begin_ms, t_end - beat.rr_ms + P_AFTER_T_MS)
    first = _p_wave(beat, qrs, begin_ms, P_SMOOTH_MS, along_a_line=False)
    other = _p_wave(beat, qrs, begin_ms, P_SMOOTH_OTHER_MS, along_a_line=True)
    if first is None or other is None:
        return None
    return replace(first, disagreement_ms=abs(first.onset - other.onset))


def _p_wave(
    beat: MedianBeat, qrs: Wave, begin_ms: float, smooth_ms: float, *, along_a_line: bool
) -> Wave | None:
    start, stop = beat.index(begin_ms), beat.index(qrs.onset - P_BEFORE_QRS_MS)
    zone = beat.signal_mv[start:stop]
    if len(zone) < points(P_MIN_ZONE_MS):
        return None
    before = np.median(zone[: points(P_REST_BEFORE_MS)], axis=0)
    after = np.median(zone[-points(P_REST_AFTER_MS) :], axis=0)
    share = np.linspace(0, 1, len(zone))[:, None] if along_a_line else 0.5
    distance = _distance(zone - before - share * (after - before), smooth_ms)
    floor = float(np.quantile(distance, FLOOR_QUANTILE))
    peak, reach = int(np.argmax(distance)), points(P_SLOPE_REACH_MS)
    offset = _tangent(distance - floor, peak, reach)
    onset = _tangent((distance - floor)[::-1], len(zone) - 1 - peak, reach)
    if onset is None or offset is None:
        return None
    first = beat.start_ms + GRID_MS * start
    return Wave(
        first + GRID_MS * (len(zone) - 1 - onset),
        first + GRID_MS * peak,
        first + GRID_MS * offset,
        float(distance[peak] / max(floor, TINY)),
        repeatability=_repeatability(beat.halves_mv[:, start:stop]),
    )


def _repeatability(halves_mv: Floats) -> float:
    """Correlation of two halves, (2, n_samples, n_leads), over time and leads together."""
    half, other = halves_mv - halves_mv.mean(axis=1, keepdims=True)
    power = np.sqrt((half**2).sum() * (other**2).sum())
    return float((half * other).sum() / max(power, TINY))


def _distance(from_rest: Floats, smooth_ms: float) -> Floats:
    """How far the heart's vector is from rest, mV."""
    return moving_average(np.sqrt((from_rest**2).sum(axis=1)), points(smooth_ms))


def _tangent(distance: Floats, peak: int, reach: int) -> float | None:
    """Where the steepest tangent of the fall after the peak meets zero."""
    if len(distance) - peak < 2:
        return None
    slope = np.gradient(distance)
    steepest = peak + int(np.argmin(slope[peak : peak + reach + 1]))
    if slope[steepest] >= 0:
        return None
    return float(steepest - distance[steepest] / slope[steepest])
