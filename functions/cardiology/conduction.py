"""From the atria to the ventricles: which P waves are conducted, and waves of flutter.

`conduction(ecg, beats, shapes, is_ventricular, atria) -> tuple[Conduction, ...]`, one for every 60
beats. What is said: P waves at their own pace that no QRS complex follows (second degree), QRS
complexes at a pace of their own (dissociation, complete block), and a wave that comes two to six
times a beat (flutter with fixed conduction). Limits without a reason of their own were set on the
strips and MIT-BIH records that the method card names, on which they are measured.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from functions.cardiology.atrial import AtrialActivity
from functions.cardiology.atrial_signal import Stretch, without_qrst
from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.flutter import (
    RESTLESS,
    flutter_waves,
    half_waves,
    mean_cycle,
    restlessness,
)
from functions.cardiology.p_waves import PWaves, p_waves
from functions.cardiology.shapes import SHAPE_FS_HZ, Shapes
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
        """Whether flutter waves were counted, or the line between waves never rests."""
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
    is_ventricular : (n_beats,) ndarray of bool
    atria : AtrialActivity

    Returns
    -------
    tuple of Conduction
        In order of time. Of a stretch with a gap only flutter and 2:1 block can be told, by the
        mean cycle: P waves cannot be followed across what was not observed.
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
    cycle, rr_s = mean_cycle(ecg, beats, is_ventricular[own], own, shapes.leads)
    flutter = flutter_waves(cycle, rr_s) if cycle is not None else 0
    rests = cycle is None or restlessness(cycle, rr_s) < RESTLESS
    if cycle is not None and half_waves(cycle, rr_s):
        n_beats = int((~is_ventricular[own]).sum())
        return Conduction(stretch.first, stretch.last, 120 / rr_s, Block.TWO_TO_ONE, n_beats, 0)
    waves = _waves_of(stretch, time_s, atria.onset_s)
    pace_s = pace(waves)
    if pace_s is None or beats.after_gap[own][1:].any():
        return Conduction(stretch.first, stretch.last, None, None, 0, flutter, rests)
    block, n_blocked = _block(
        waves.time_s, pace_s, time_s[own] + atria.onset_s, is_ventricular[own]
    )
    return Conduction(stretch.first, stretch.last, 60 / pace_s, block, n_blocked, flutter, rests)


def _waves_of(stretch: Stretch, time_s: Floats, onset_s: float) -> PWaves:
    """The P waves of a stretch, of which some lie beyond its beats."""
    end_s = stretch.start_s + len(stretch.signal_mv) / SHAPE_FS_HZ
    near = (time_s > stretch.start_s - 1) & (time_s < end_s + 1)
    waves, own_s = p_waves(stretch, time_s[near], onset_s), time_s[stretch.first : stretch.last]
    inside = (waves.time_s > own_s[0] - 1) & (waves.time_s < own_s[-1] + 0.1)
    return PWaves(waves.time_s[inside], waves.height)


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
