"""Is this an ECG, and which part of it can be used: per lead and per 10 s.

    connected(ecg) -> Ecg             what an electrode that was off left behind is blanked
    assess_quality(ecg) -> Quality    index 0-1, defects, usable mask, and the beats found there
    Quality.require_usable()          raises NothingRecorded, FlatLine, SignalClipped, NoiseOnly

An analysis begins with `ecg = connected(ecg)`, `quality = assess_quality(ecg)`,
`quality.require_usable()`, and goes on with `quality.beats`. Irregular rhythms, ectopic beats and
pauses lower the index little: it asks whether the waves at the beats are alike and stand out of
their surroundings, not whether the beats come regularly.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from functions.cardiology.beats import Beats, detect_beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import filled, segment_edges
from functions.cardiology.lead_choice import (
    LASTING_STEP,
    USABLE_INDEX,
    choose_leads,
    quality_index,
)
from functions.cardiology.quality_features import lasting_steps, segment_features
from shared.errors import UnusableRecording
from shared.science.signals import Mask, spans

MIN_FS_HZ = 100.0  # a QRS complex lasts 80 ms; below, its peak is a guess
MIN_DURATION_S = 5.0  # four beats at 50 per minute

DISCONNECTED_S = 5.0  # an amplifier with a person on it never gives one value this long
MISSING_SHARE = 0.5
FLAT_RANGE_MV = 0.03  # the faintest lead of a heart that was measured has 0.08
CLIPPED_SHARE = 0.05  # of the samples at the segment's own highest or lowest value
RAIL_DISTANCE = 0.25  # of the range, from the median: a quiet baseline is no rail

MIN_USABLE_SHARE = 0.20  # of the segments; less is chance in noise


class Defect(IntEnum):
    """Why a lead cannot be used in a segment."""

    NONE = 0
    MISSING = 1
    FLAT = 2
    CLIPPED = 3
    NOISE = 4


class TooShort(UnusableRecording):
    """The recording ends before a rhythm can be seen."""

    code = "recording-too-short"

    def __init__(self, duration_s: float) -> None:
        super().__init__(
            f"The recording lasts {duration_s:.1f} s; at least {MIN_DURATION_S:g} s are needed."
        )


class SampledTooSlowly(UnusableRecording):
    """The sampling frequency cannot carry a QRS complex."""

    code = "sampling-rate-out-of-range"

    def __init__(self, fs_hz: float) -> None:
        super().__init__(
            f"The recording has {fs_hz:g} samples a second; at least {MIN_FS_HZ:g} are needed."
        )


class NothingUsable(UnusableRecording):
    """No lead shows QRS complexes for long enough; each cause is a subclass."""

    state: ClassVar[str]

    def __init__(self, usable_share: float) -> None:
        super().__init__(
            f"Most of the recording is {self.state}: {usable_share:.0%} of it shows QRS "
            f"complexes, at least {MIN_USABLE_SHARE:.0%} is needed."
        )


class NothingRecorded(NothingUsable):
    """Every lead is empty: it has no values, or its electrode was off."""

    code = "nothing-recorded"
    state = "empty (no values, or an electrode was off)"


class FlatLine(NothingUsable):
    """Every lead is a flat line."""

    code = "flat-line"
    state = "a flat line"


class SignalClipped(NothingUsable):
    """Every lead is cut off at the limits of the recorder."""

    code = "signal-clipped"
    state = "cut off at the limits of the recorder"


class NoiseOnly(NothingUsable):
    """Every lead is noise, or a rhythm without separate QRS complexes."""

    code = "noise-only"
    state = "noise, or a rhythm without separate QRS complexes (flutter, fibrillation)"


REFUSALS = {
    Defect.MISSING: NothingRecorded,
    Defect.FLAT: FlatLine,
    Defect.CLIPPED: SignalClipped,
    Defect.NOISE: NoiseOnly,
}


@dataclass(frozen=True)
class Quality:
    """What can be used of a recording.

    Attributes
    ----------
    index : (n_segments, n_leads) ndarray of float64
        0-1, how likely the beats found here are right; 0 where there is no signal.
    defect : (n_segments, n_leads) ndarray of int8
        A `Defect` each.
    beats : Beats
        Found in the leads chosen in each segment; none where no lead is.
    """

    index: Floats
    defect: npt.NDArray[np.int8]
    beats: Beats

    @property
    def usable(self) -> Mask:
        """Which lead may be used in which segment, shape (n_segments, n_leads)."""
        usable: Mask = self.defect == Defect.NONE
        return usable

    @property
    def usable_share(self) -> float:
        """Share of the segments in which at least one lead is usable."""
        return float(self.usable.any(axis=1).mean())

    @property
    def score(self) -> float:
        """Mean over the segments of the best lead's index, counting unusable ones as 0."""
        return float(np.where(self.usable, self.index, 0.0).max(axis=1).mean())

    def require_usable(self) -> None:
        """Refuse the recording if hardly any of it is usable, naming the commonest defect."""
        if self.usable_share < MIN_USABLE_SHARE or len(self.beats.sample) == 0:
            defects = self.defect[self.defect != Defect.NONE]
            commonest = int(np.bincount(defects, minlength=len(Defect)).argmax())
            raise REFUSALS.get(Defect(commonest), NoiseOnly)(self.usable_share)


def connected(ecg: Ecg) -> Ecg:
    """Blank where a lead holds one value for `DISCONNECTED_S`: no electrode, not asystole.

    A lead that never changes is left as it is, to be called flat.
    """
    off = np.zeros(ecg.signal_mv.shape, np.bool_)
    for lead, values in enumerate(ecg.signal_mv.T):
        for start, stop in spans(np.diff(values) == 0, at_least=DISCONNECTED_S * ecg.fs_hz):
            off[start : stop + 1, lead] = stop - start < len(values) - 1
    if not off.any():
        return ecg
    return replace(ecg, signal_mv=np.where(off, np.float32(np.nan), ecg.signal_mv))


def hard_defects(ecg: Ecg) -> npt.NDArray[np.int8]:
    """What needs no beats to be seen: missing, flat and clipped, (n_segments, n_leads)."""
    edges = segment_edges(len(ecg.signal_mv), ecg.fs_hz)
    return np.array(
        [_segment_defects(ecg.signal_mv[i:j]) for i, j in pairwise(edges)],
        np.int8,
    )


def _segment_defects(signal_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    missing = np.isnan(signal_mv).mean(axis=0) > MISSING_SHARE
    values = filled(signal_mv)
    low, middle, high = values.min(axis=0), np.median(values, axis=0), values.max(axis=0)
    far = RAIL_DISTANCE * (high - low)
    at_rail = (values == low) & (middle - low > far) | (values == high) & (high - middle > far)
    defect = np.where(at_rail.mean(axis=0) > CLIPPED_SHARE, Defect.CLIPPED, Defect.NONE)
    defect[high - low < FLAT_RANGE_MV] = Defect.FLAT
    defect[missing] = Defect.MISSING
    return defect.astype(np.int8)


def assess_quality(ecg: Ecg) -> Quality:
    """Judge every lead in every 10 s, and find the beats in what is usable.

    Parameters
    ----------
    ecg : Ecg
        After `connected`.

    Returns
    -------
    Quality

    Raises
    ------
    TooShort
        If the recording is shorter than `MIN_DURATION_S`.
    SampledTooSlowly
        If its sampling frequency is below `MIN_FS_HZ`.
    """
    if ecg.duration_s < MIN_DURATION_S:
        raise TooShort(ecg.duration_s)
    if ecg.fs_hz < MIN_FS_HZ:
        raise SampledTooSlowly(ecg.fs_hz)
    defect = hard_defects(ecg)
    present = defect == Defect.NONE
    choice = choose_leads(ecg, present)
    if (choice.chosen == present).all():
        beats, index = choice.together, choice.index
    else:
        beats = detect_beats(ecg, choice.chosen)
        index = quality_index(segment_features(ecg, beats))
    is_read = choice.chosen.any(axis=1, keepdims=True)
    alike = (index >= USABLE_INDEX) & (lasting_steps(ecg, beats) <= LASTING_STEP)
    usable = present & is_read & (choice.chosen | alike)
    defect[present & ~usable] = Defect.NOISE
    index = np.where(choice.chosen, np.maximum(choice.index, index), index)
    return Quality(np.where(present, index, 0.0), defect, beats)
