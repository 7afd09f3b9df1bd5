"""What the kinds of beats and their timing amount to: runs, bigeminy, trigeminy, regularity."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from functions.cardiology.ecg import Floats
from functions.cardiology.ventricular import BeatKind, Kinds
from shared.science.signals import Mask, spans

TACHYCARDIA_BPM = 100.0
RUN_BEATS = 3
REPEATED_CYCLES = 3  # ventricular, normal, ventricular, normal, ventricular, normal
MIN_MEASURED = 4  # fewer normal beats than this are no rhythm's own
MIN_STEPS = 5  # fewer show no regularity

CHANGE = 0.10  # of the interval before: a step that can be felt
REGULAR_SHARE = 0.10  # so few of such steps are breathing, not irregularity


class Regularity(StrEnum):
    REGULAR = "regular"
    REGULAR_WITH_ECTOPY = "regular with ectopic beats"
    IRREGULAR = "irregular"


@dataclass(frozen=True)
class NamedBeats:
    """The beats of a recording.

    Attributes
    ----------
    time_s : (n_beats,) ndarray of float64
    kinds : (n_beats,) ndarray of str
    is_connected : (n_beats - 1,) ndarray of bool
        Whether the signal between a beat and the next is usable.
    """

    time_s: Floats
    kinds: Kinds
    is_connected: Mask

    def are(self, kind: BeatKind) -> Mask:
        members: Mask = self.kinds == kind.value
        return members


def measured_beats(named: NamedBeats) -> Mask:
    """Choose the beats whose waves are measured.

    Parameters
    ----------
    named : NamedBeats

    Returns
    -------
    (n_beats,) ndarray of bool
        The normal beats; where there are fewer than `MIN_MEASURED`, the commonest of the paced,
        unknown and ventricular ones, for their intervals are then the rhythm's own.
    """
    kinds = (BeatKind.NORMAL, BeatKind.PACED, BeatKind.UNKNOWN, BeatKind.VENTRICULAR)
    normal, *others = (named.are(kind) for kind in kinds)
    if normal.sum() >= MIN_MEASURED:
        return normal
    return max(others, key=lambda members: int(members.sum()))


@dataclass(frozen=True)
class Run:
    """Ventricular beats in a row."""

    n_beats: int
    duration_s: float
    rate_bpm: float

    @property
    def is_tachycardia(self) -> bool:
        """Three beats or more above 100/min; two are a couplet at any rate."""
        return self.n_beats >= RUN_BEATS and self.rate_bpm > TACHYCARDIA_BPM


def ventricular_runs(beats: NamedBeats) -> list[tuple[slice, Run]]:
    """Every row of two or more ventricular beats, and where it lies.

    Three or more above 100 per minute are ventricular tachycardia [1]_.

    References
    ----------
    .. [1] Al-Khatib S M et al. (2018). 2017 AHA/ACC/HRS guideline for management of patients with
       ventricular arrhythmias. Circulation 138(13), e272-e391. doi:10.1161/CIR.0000000000000549
    """
    ventricular = beats.are(BeatKind.VENTRICULAR)
    joined = ventricular[1:] & ventricular[:-1] & beats.is_connected
    runs = []
    for start, stop in spans(joined):
        row = slice(start, stop + 1)
        length_s = float(beats.time_s[stop] - beats.time_s[start])
        n_beats = stop + 1 - start
        runs.append((row, Run(n_beats, length_s, 60 * (n_beats - 1) / length_s)))
    return runs


def alternates(beats: NamedBeats, period: int) -> bool:
    """Whether every `period`-th beat alone is ventricular for `REPEATED_CYCLES` cycles in a row."""
    ventricular = beats.are(BeatKind.VENTRICULAR)
    length = period * REPEATED_CYCLES
    if len(ventricular) < length:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(ventricular, length)
    joined = np.lib.stride_tricks.sliding_window_view(beats.is_connected, length - 1).all(axis=1)
    pattern = np.arange(length) % period == 0
    shifted = np.stack([np.roll(pattern, shift) for shift in range(period)])
    matches = (windows[:, None] == shifted).all(axis=2).any(axis=1)
    return bool((matches & joined).any())


def regularity(beats: NamedBeats) -> Regularity | None:
    """Whether the intervals between beats that are not ectopic keep their length."""
    plain = beats.are(BeatKind.NORMAL) | beats.are(BeatKind.PACED)
    is_plain = plain[1:] & plain[:-1] & beats.is_connected
    both = np.flatnonzero(is_plain[1:] & is_plain[:-1]) + 1
    if len(both) < MIN_STEPS:
        return None
    rr_s = np.diff(beats.time_s)
    steps = np.abs(rr_s[both] - rr_s[both - 1]) / rr_s[both - 1]
    if np.mean(steps > CHANGE) > REGULAR_SHARE:
        return Regularity.IRREGULAR
    return Regularity.REGULAR if plain.all() else Regularity.REGULAR_WITH_ECTOPY
