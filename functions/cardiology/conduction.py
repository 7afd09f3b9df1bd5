"""From the atria to the ventricles: which P waves are conducted, and waves of flutter.

`conduction(ecg, beats, shapes, is_ventricular, atria) -> tuple[Conduction, ...]`, one for every 60
beats. What is said: P waves at their own pace that no QRS complex follows (second degree), QRS
complexes at a pace of their own (dissociation, complete block), and a wave that comes two to six
times a beat (flutter with fixed conduction).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from functions.cardiology.atrial import AtrialActivity, Stretch, resampled, without_qrst
from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.p_waves import PWaves, p_waves
from functions.cardiology.shapes import SHAPE_FS_HZ, TINY, Shapes
from shared.science.signals import Mask

T_ENDS_RR = 0.50  # times the root of the interval: later, a blocked P wave would be taken away, too

# P waves that are said to come at their own pace.
CLEAR_HEIGHT = 3.0  # of the shape over what lies between
SAME_PACE = 0.12  # of the median interval
PACED_SHARE = 0.85  # of the intervals at that pace, or at twice or three times it (hidden waves)
SEEN_SHARE = 0.6  # of the waves that the pace would make
MIN_WAVES = 6

CONDUCTED_S = (0.08, 0.60)  # from the peak of a P wave to the QRS complex
NEAR_ECTOPIC_S = 0.7  # a premature beat blocks the wave beside it: no disease of the node
ON_TIME = 0.85  # of the usual interval: earlier waves are premature, and blocked for that reason
MIN_BLOCKED = 2
BLOCKED_SHARE = 0.08
EVERY_SECOND = 0.4  # of the waves: the first or last may lie outside
LENGTHENS_S = 0.04  # PR before a blocked wave over PR after it: Wenckebach

MIN_QRS = 6
ASSOCIATED, INDEPENDENT = 0.75, 0.5  # resultant length of the phases of the QRS complexes
STEADY_QRS = 0.10  # coefficient of variation of an escape rhythm
MORE_P = 1.15  # P waves to QRS complexes: atria faster than ventricles

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

# Slope of the quietest 70 ms between QRS complexes over that of all: P and T waves leave a rest
# (LUDB, Challenge 2021, MIT-BIH: 99 of 100 below), a sawtooth of flutter none. At faster rates T
# and P waves meet.
RESTLESS, RESTLESS_MIN_RR_S, REST_S = 0.41, 0.58, 0.07
REST_ZONE_S = (0.12, 0.07)  # after and before the beats

# A wave like the P wave half an interval before it: every second one is blocked. Asked at slow
# rates only, where no T wave lies there.
HALF_MIN_RR_S, HALF_LIKE, HALF_SIZES = 1.1, 0.9, (0.6, 1.5)
P_ZONE_S, P_ZONE_LENGTH_S, HALF_REACH_S = 0.24, 0.18, 0.04  # before the next QRS complex


class Block(StrEnum):
    """How conduction fails."""

    SECOND_DEGREE = "second-degree AV block possible"
    WENCKEBACH = "second-degree AV block possible, PR lengthens (Mobitz I)"
    MOBITZ = "second-degree AV block possible, PR constant (Mobitz II)"
    TWO_TO_ONE = "second-degree AV block possible, 2:1"
    COMPLETE = "complete AV block possible: P waves and QRS complexes independent"
    DISSOCIATION = "AV dissociation possible: P waves and QRS complexes independent"


@dataclass(frozen=True)
class Conduction:
    """What the waves of beats `first:last` say.

    Attributes
    ----------
    p_rate_bpm : float or None
        Where P waves come at a pace of their own.
    block : Block or None
    n_blocked : int
        P waves on time without a QRS complex.
    flutter_waves : int
        Flutter waves a beat, 0 where none were counted.
    rests : bool
        Whether the line rests between the waves, as it never does in flutter.
    """

    first: int
    last: int
    p_rate_bpm: float | None
    block: Block | None
    n_blocked: int
    flutter_waves: int
    rests: bool = True

    @property
    def flutters(self) -> bool:
        return self.flutter_waves > 0 or not self.rests


def conduction(
    ecg: Ecg, beats: Beats, shapes: Shapes, is_ventricular: Mask, atria: AtrialActivity
) -> tuple[Conduction, ...]:
    """Judge every stretch of 60 beats.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats
        At least two.
    shapes : Shapes
    is_ventricular : ndarray of bool, shape (n_beats,)
    atria : AtrialActivity
    """
    return tuple(
        _judged(ecg, beats, shapes, is_ventricular, atria, stretch)
        for stretch in without_qrst(ecg, beats, is_ventricular, shapes.leads, T_ENDS_RR)
    )


def _judged(
    ecg: Ecg,
    beats: Beats,
    shapes: Shapes,
    is_ventricular: Mask,
    atria: AtrialActivity,
    stretch: Stretch,
) -> Conduction:
    own = slice(stretch.first, stretch.last)
    time_s = beats.sample / ecg.fs_hz
    cycle, rr_s = _mean_cycle(ecg, beats, is_ventricular[own], own, shapes.leads)
    flutter = flutter_waves(cycle, rr_s) if cycle is not None else 0
    rests = cycle is None or restlessness(cycle, rr_s) < RESTLESS
    if cycle is not None and half_waves(cycle, rr_s):
        n_beats = int((~is_ventricular[own]).sum())
        return Conduction(stretch.first, stretch.last, 120 / rr_s, Block.TWO_TO_ONE, n_beats, 0)
    end_s = stretch.start_s + len(stretch.signal_mv) / SHAPE_FS_HZ
    near = (time_s > stretch.start_s - 1) & (time_s < end_s + 1)
    waves = p_waves(stretch, time_s[near], atria.onset_s)
    inside = (waves.time_s > time_s[own][0] - 1) & (waves.time_s < time_s[own][-1] + 0.1)
    waves = PWaves(waves.time_s[inside], waves.height)
    pace_s = pace(waves)
    if pace_s is None or beats.after_gap[own][1:].any():
        return Conduction(stretch.first, stretch.last, None, None, 0, flutter, rests)
    block, n_blocked = _block(
        waves.time_s, pace_s, time_s[own] + atria.onset_s, is_ventricular[own]
    )
    return Conduction(stretch.first, stretch.last, 60 / pace_s, block, n_blocked, flutter, rests)


def pace(waves: PWaves) -> float | None:
    """The interval at which P waves come, s; None where they do not keep one."""
    if len(waves.time_s) < MIN_WAVES or waves.height < CLEAR_HEIGHT:
        return None
    steps_s = np.diff(waves.time_s)
    usual_s = float(np.median(steps_s))
    multiple = np.clip(np.round(steps_s / usual_s), 1, 3)
    on_pace = np.abs(steps_s / multiple - usual_s) < SAME_PACE * usual_s
    expected = (waves.time_s[-1] - waves.time_s[0]) / usual_s + 1
    if on_pace.mean() < PACED_SHARE or len(waves.time_s) < SEEN_SHARE * expected:
        return None
    return usual_s


def _block(
    wave_s: Floats, pace_s: float, onset_s: Floats, is_ventricular: Mask
) -> tuple[Block | None, int]:
    """Compare the times of P waves with those of the onsets of QRS complexes."""
    if is_ventricular.all() or len(onset_s) < MIN_QRS:
        return None, 0
    ectopic_s = onset_s[is_ventricular]
    own_s = onset_s[~is_ventricular]
    phase = _phases(wave_s, pace_s, own_s[_away_from(ectopic_s, own_s)])
    if len(phase) < MIN_QRS:
        return None, 0
    association = float(np.abs(np.exp(2j * np.pi * phase).mean()))
    if association < INDEPENDENT:
        rr_s = np.diff(onset_s)
        steady = rr_s.std() < STEADY_QRS * rr_s.mean()
        slower = float(np.median(rr_s)) > MORE_P * pace_s
        if not steady:
            return None, 0
        return (Block.COMPLETE if slower else Block.DISSOCIATION), 0
    blocked = _blocked(wave_s, pace_s, onset_s, ectopic_s)
    enough = max(MIN_BLOCKED, BLOCKED_SHARE * len(wave_s))
    if association < ASSOCIATED or len(blocked) < enough:
        return None, len(blocked)
    return _kind(wave_s, blocked, onset_s), len(blocked)


def _away_from(ectopic_s: Floats, time_s: Floats) -> Mask:
    """Which times have no ectopic beat near."""
    if not len(ectopic_s):
        return np.ones(len(time_s), np.bool_)
    away: Mask = np.abs(time_s[:, None] - ectopic_s).min(axis=1) > NEAR_ECTOPIC_S
    return away


def _phases(wave_s: Floats, pace_s: float, onset_s: Floats) -> Floats:
    """Time from the last P wave on pace to each QRS complex, in turns of the pace."""
    before = np.searchsorted(wave_s, onset_s) - 1
    since = onset_s - wave_s[np.maximum(before, 0)]
    known = (before >= 0) & (since < 2.5 * pace_s)
    phases: Floats = (since[known] / pace_s) % 1.0
    return phases


def _blocked(wave_s: Floats, pace_s: float, onset_s: Floats, ectopic_s: Floats) -> Floats:
    """P waves on time that no QRS complex follows."""
    wave, before_s, after_s = wave_s[1:-1], np.diff(wave_s)[:-1], np.diff(wave_s)[1:]
    following = np.searchsorted(onset_s, wave + CONDUCTED_S[0] / 2, side="right")
    until_s = np.append(onset_s, np.inf)[following] - wave
    blocked: Floats = wave[
        (before_s >= ON_TIME * pace_s)
        & (after_s <= (2 - ON_TIME) * pace_s)
        & (following < len(onset_s))
        & (until_s > min(CONDUCTED_S[1], pace_s))
        & _away_from(ectopic_s, wave)
    ]
    return blocked


def _kind(wave_s: Floats, blocked_s: Floats, onset_s: Floats) -> Block:
    """Second-degree block by the PR intervals on either side of the blocked waves."""
    if len(blocked_s) >= EVERY_SECOND * len(wave_s):
        return Block.TWO_TO_ONE
    conducted = np.setdiff1d(wave_s, blocked_s)
    following = np.searchsorted(onset_s, conducted + CONDUCTED_S[0] / 2)
    pr_s = np.append(onset_s, np.inf)[following] - conducted
    conducted, pr_s = conducted[pr_s < CONDUCTED_S[1]], pr_s[pr_s < CONDUCTED_S[1]]
    last = np.searchsorted(conducted, blocked_s) - 1
    last = last[(last >= 0) & (last + 1 < len(conducted))]
    if not len(last):
        return Block.SECOND_DEGREE
    lengthening_s = pr_s[last] - pr_s[last + 1]
    if float(np.median(lengthening_s)) > LENGTHENS_S:
        return Block.WENCKEBACH
    is_constant = float(np.median(np.abs(lengthening_s))) < LENGTHENS_S
    return Block.MOBITZ if is_constant else Block.SECOND_DEGREE


def restlessness(cycle: Floats, rr_s: float) -> float:
    """Least slope over `REST_S` of the mean cycle over its usual slope; 0 at fast rates."""
    if rr_s < RESTLESS_MIN_RR_S:
        return 0.0
    speed = (np.diff(cycle, axis=0, append=cycle[:1]) ** 2).sum(axis=1)
    time_s = np.arange(len(cycle)) / len(cycle) * rr_s
    inner = speed[(time_s > REST_ZONE_S[0]) & (time_s < rr_s - REST_ZONE_S[1])]
    width = max(2, round(REST_S / rr_s * len(cycle)))
    rest = np.convolve(inner, np.ones(width) / width, "valid").min()
    return float(np.sqrt(rest / max(float(inner.mean()), TINY)))


def half_waves(cycle: Floats, rr_s: float) -> bool:
    """Whether a wave like the P wave lies half an interval before it, far from QRS and T."""
    if rr_s < HALF_MIN_RR_S:
        return False
    wave = _zone(cycle, rr_s, rr_s - P_ZONE_S)
    best, size = 0.0, 0.0
    for shift_s in np.arange(-HALF_REACH_S, HALF_REACH_S + TINY, 0.01):
        other = _zone(cycle, rr_s, rr_s / 2 - P_ZONE_S + shift_s)
        power = max(float((wave**2).sum()), TINY)
        likeness = float((wave * other).sum()) / np.sqrt(power * max(float((other**2).sum()), TINY))
        if likeness > best:
            best, size = float(likeness), float(np.sqrt((other**2).sum() / power))
    return best >= HALF_LIKE and HALF_SIZES[0] <= size <= HALF_SIZES[1]


def _zone(cycle: Floats, rr_s: float, start_s: float) -> Floats:
    """180 ms of the cycle, mV from the line between their ends."""
    times = start_s + np.arange(round(P_ZONE_LENGTH_S * SHAPE_FS_HZ)) / SHAPE_FS_HZ
    turn = np.arange(FLUTTER_CYCLES) / FLUTTER_CYCLES
    values = np.column_stack([np.interp(times / rr_s, turn, lead, period=1.0) for lead in cycle.T])
    share = np.linspace(0, 1, len(values))[:, None]
    zone: Floats = values - values[0] - share * (values[-1] - values[0])
    return zone


def flutter_waves(cycle: Floats, rr_s: float) -> int:
    """How many waves of 3.2-6 Hz there are a beat, if one such rhythm rules; otherwise 0.

    The mean cycle from beat to beat, its QRS complex bridged by a line, as a Fourier series: P and
    T waves spread over the harmonics, a sawtooth of n waves a beat fills the n-th.
    """
    power = (np.abs(np.fft.rfft(cycle, axis=0)) ** 2).sum(axis=1)[1 : FLUTTER_HARMONICS + 1]
    share = power / max(float(power.sum()), TINY)
    number = np.arange(1, FLUTTER_HARMONICS + 1)
    inside = (number / rr_s >= FLUTTER_HZ[0]) & (number / rr_s <= FLUTTER_HZ[1]) & (number > 1)
    if not inside.any():
        return 0
    strongest = int(np.argmax(np.where(inside, share, 0.0)))
    least = FLUTTER_SHARE_TWO if number[strongest] <= 2 else FLUTTER_SHARE
    return int(number[strongest]) if share[strongest] >= least else 0


def _mean_cycle(
    ecg: Ecg, beats: Beats, ectopic: Mask, own: slice, leads: tuple[int, ...]
) -> tuple[Floats | None, float]:
    """From one beat that is not ectopic to the next, and the usual interval, s."""
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
    kept = (turn * usual_s >= BLANKED_S[1]) & ((1 - turn) * usual_s >= BLANKED_S[0])
    if not kept.any():
        return None, usual_s
    bridged = [np.interp(turn, turn[kept], lead[kept], period=1.0) for lead in cycle.T]
    return np.column_stack(bridged), usual_s
