"""Waves that repeat within the cycle of the heart: flutter of fixed conduction, and 2:1 block.

The mean cycle from one beat to the next, its QRS complex bridged, is looked at as a wave that comes
round: P and T waves rest in between and differ from each other, flutter does neither. The method is
this project's own; each limit says what it was chosen on.
"""

import numpy as np

from functions.cardiology.atrial_signal import resampled
from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.shapes import SHAPE_FS_HZ, TINY
from shared.science.signals import Mask

FLUTTER_HZ = (3.2, 6.0)  # waves a second
FLUTTER_CYCLES = 128  # points of a beat's cycle
FLUTTER_HARMONICS = 12
MIN_CYCLES = 4
SAME_CYCLE = 0.10
BLANKED_S = (0.06, 0.10)  # before and after each beat
# Share of one harmonic of the beat in the power of the first twelve. LUDB and Challenge 2021:
# 0.42 and 0.48 in flutter, up to 0.26 in others; at twice the rate of the beat, P and T waves
# make up to 0.43.
FLUTTER_SHARE, FLUTTER_SHARE_TWO = 0.34, 0.46
# Less is asked where the line hardly rests either: in no stretch of LUDB, Challenge 2021, CPSC
# 2021 and MIT-BIH without flutter are both so high.
FLUTTER_SHARE_RESTLESS, HARDLY_RESTS = 0.30, 0.36

# Slope of the quietest 70 ms between QRS complexes over that of all: P and T waves leave a rest
# (LUDB, Challenge 2021, MIT-BIH: 99 of 100 below), a sawtooth of flutter none. At faster rates T
# and P waves meet.
RESTLESS, RESTLESS_MIN_RR_S, REST_S = 0.41, 0.58, 0.07
REST_ZONE_S = (0.12, 0.07)  # after and before the beats

# A wave like the P wave half an interval before it: every second one is blocked. Asked at slow
# rates only, where no T wave lies there.
HALF_MIN_RR_S, HALF_LIKE, HALF_SIZES = 1.1, 0.9, (0.6, 1.5)
P_ZONE_S, P_ZONE_LENGTH_S, HALF_REACH_S = 0.24, 0.18, 0.04  # before the next QRS complex


def restlessness(cycle: Floats, rr_s: float) -> float:
    """Measure how much the line moves where it moves least.

    Parameters
    ----------
    cycle : (n_points, n_leads) ndarray of float64
        As `mean_cycle` gives it, mV.
    rr_s : float
        The interval that it stands for.

    Returns
    -------
    float
        Least slope over `REST_S` of the cycle over its usual slope: near 0 where the line rests
        between P and T waves, near 1 where it never does. 0, too, below `RESTLESS_MIN_RR_S`.
    """
    if rr_s < RESTLESS_MIN_RR_S:
        return 0.0
    speed = (np.diff(cycle, axis=0, append=cycle[:1]) ** 2).sum(axis=1)
    time_s = np.arange(len(cycle)) / len(cycle) * rr_s
    inner = speed[(time_s > REST_ZONE_S[0]) & (time_s < rr_s - REST_ZONE_S[1])]
    width = max(2, round(REST_S / rr_s * len(cycle)))
    rest = np.convolve(inner, np.ones(width) / width, "valid").min()
    return float(np.sqrt(rest / max(float(inner.mean()), TINY)))


def half_waves(cycle: Floats, rr_s: float) -> bool:
    """Tell whether a wave like the P wave lies half an interval before it, far from QRS and T.

    Parameters
    ----------
    cycle : (n_points, n_leads) ndarray of float64
        As `mean_cycle` gives it, mV.
    rr_s : float
        The interval that it stands for.

    Returns
    -------
    bool
        True where every second P wave seems to be blocked; never below `HALF_MIN_RR_S`, where a T
        wave lies in its place.
    """
    if rr_s < HALF_MIN_RR_S:
        return False
    likeness, size = _echo(cycle, rr_s)
    return likeness >= HALF_LIKE and HALF_SIZES[0] <= size <= HALF_SIZES[1]


def _echo(cycle: Floats, rr_s: float) -> tuple[float, float]:
    """Likeness and size of what resembles the P wave most, about half an interval before it."""
    wave = _zone(cycle, rr_s, rr_s - P_ZONE_S)
    best, size = 0.0, 0.0
    for shift_s in np.arange(-HALF_REACH_S, HALF_REACH_S + TINY, 0.01):
        other = _zone(cycle, rr_s, rr_s / 2 - P_ZONE_S + shift_s)
        power = max(float((wave**2).sum()), TINY)
        likeness = float((wave * other).sum()) / np.sqrt(power * max(float((other**2).sum()), TINY))
        if likeness > best:
            best, size = float(likeness), float(np.sqrt((other**2).sum() / power))
    return best, size


def _zone(cycle: Floats, rr_s: float, start_s: float) -> Floats:
    """180 ms of the cycle, mV from the line between their ends."""
    times = start_s + np.arange(round(P_ZONE_LENGTH_S * SHAPE_FS_HZ)) / SHAPE_FS_HZ
    turn = np.arange(FLUTTER_CYCLES) / FLUTTER_CYCLES
    values = np.column_stack([np.interp(times / rr_s, turn, lead, period=1.0) for lead in cycle.T])
    share = np.linspace(0, 1, len(values))[:, None]
    return np.asarray(values - values[0] - share * (values[-1] - values[0]))


def flutter_waves(cycle: Floats, rr_s: float) -> int:
    """Count the waves of 3.2-6 Hz a beat, if one such rhythm rules.

    The cycle is taken for a Fourier series: P and T waves spread over its harmonics, a sawtooth of
    n waves a beat fills the n-th.

    Parameters
    ----------
    cycle : (n_points, n_leads) ndarray of float64
        As `mean_cycle` gives it, mV.
    rr_s : float
        The interval that it stands for.

    Returns
    -------
    int
        2 or more; 0 where no such harmonic has the share of the power that flutter has.
    """
    share = _shares(cycle)
    number = np.arange(1, FLUTTER_HARMONICS + 1)
    inside = (number / rr_s >= FLUTTER_HZ[0]) & (number / rr_s <= FLUTTER_HZ[1]) & (number > 1)
    if not inside.any():
        return 0
    strongest = int(np.argmax(np.where(inside, share, 0.0)))
    waves = int(number[strongest])
    return waves if share[strongest] >= _least_share(waves, cycle, rr_s) else 0


def _shares(cycle: Floats) -> Floats:
    """Share of each of the first harmonics in the power of all of them."""
    power = (np.abs(np.fft.rfft(cycle, axis=0)) ** 2).sum(axis=1)[1 : FLUTTER_HARMONICS + 1]
    return np.asarray(power / max(float(power.sum()), TINY))


def _least_share(waves: int, cycle: Floats, rr_s: float) -> float:
    if waves <= 2:
        return FLUTTER_SHARE_TWO
    return FLUTTER_SHARE_RESTLESS if restlessness(cycle, rr_s) >= HARDLY_RESTS else FLUTTER_SHARE


def mean_cycle(
    ecg: Ecg, beats: Beats, ectopic: Mask, own: slice, leads: tuple[int, ...]
) -> tuple[Floats | None, float]:
    """Average the signal from one beat that is not ectopic to the next, as a wave that comes round.

    Every cycle is stretched to the same length, and the QRS complex is bridged by a line: it would
    fill all harmonics.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats
    ectopic : (n_own,) ndarray of bool
        Of the beats in `own`.
    own : slice
        Beats of the stretch.
    leads : tuple of int

    Returns
    -------
    cycle : (FLUTTER_CYCLES, n_leads) ndarray of float64 or None
        mV; None where fewer than `MIN_CYCLES` intervals are alike, or too short for anything to
        show beside the complex.
    rr_s : float
        Median interval; 1 where there are too few, and then it says nothing.
    """
    sample = beats.sample[own]
    rr_s = np.diff(sample) / ecg.fs_hz
    observed = ~beats.after_gap[own][1:] & ~ectopic[1:] & ~ectopic[:-1]
    if observed.sum() < MIN_CYCLES:
        return None, 1.0
    usual_s = float(np.median(rr_s[observed]))
    like = np.flatnonzero(observed & (np.abs(rr_s / usual_s - 1) < SAME_CYCLE))
    if len(like) < MIN_CYCLES:
        return None, usual_s
    start_s, signal_mv = resampled(ecg, int(sample[0]), int(sample[-1]), leads)
    at = (sample / ecg.fs_hz - start_s) * SHAPE_FS_HZ
    turn = np.arange(FLUTTER_CYCLES) / FLUTTER_CYCLES
    points = at[like, None] + turn * (at[like + 1] - at[like])[:, None]
    grid = np.arange(len(signal_mv))
    cycle = np.column_stack([np.interp(points, grid, lead).mean(axis=0) for lead in signal_mv.T])
    is_shown = (turn * usual_s >= BLANKED_S[1]) & ((1 - turn) * usual_s >= BLANKED_S[0])
    if not is_shown.any():
        return None, usual_s
    bridged = [np.interp(turn, turn[is_shown], lead[is_shown], period=1.0) for lead in cycle.T]
    return np.column_stack(bridged), usual_s
