"""The analysis of one electrocardiogram, step by step.

`analyze(ecg, sex=..., age_years=..., stage=...) -> Findings`.
"""

import numpy as np

from functions.cardiology.ecg import Ecg
from functions.cardiology.evidence import Everything
from functions.cardiology.fibrillation import Fibrillation, fibrillation
from functions.cardiology.findings import findings
from functions.cardiology.hrv import variability
from functions.cardiology.intervals import measure_intervals
from functions.cardiology.pacing import hides_pacing, is_paced
from functions.cardiology.quality import Quality, assess_quality, connected
from functions.cardiology.rhythm import NamedBeats, Rhythm, rhythm
from functions.cardiology.shapes import Shapes, beat_shapes
from functions.cardiology.ventricular import (
    BeatKind,
    beat_kinds,
    ventricular_model,
    ventricular_probability,
)
from shared.errors import UnusableRecording
from shared.record import Findings, StageMarker, unmarked
from shared.science.signals import Mask
from shared.vocabulary import Sex

MIN_BEATS = 4  # three intervals: fewer give no rate


class TooFewBeats(UnusableRecording):
    """The recording holds too few heartbeats to measure anything."""

    code = "too-few-beats"

    def __init__(self, found: int) -> None:
        super().__init__(f"Found {found} heartbeats; at least {MIN_BEATS} are needed.")


def analyze(
    ecg: Ecg, *, sex: Sex | None = None, age_years: int | None = None, stage: StageMarker = unmarked
) -> Findings:
    """Measure an electrocardiogram.

    Parameters
    ----------
    ecg : Ecg
    sex : {"female", "male"} or None
        Limits of QTc differ by it.
    age_years : int or None
        Limits are those of adults; a person under 18 gets none.
    stage : callable
        Marks the steps for timing.

    Raises
    ------
    TooShort, SampledTooSlowly, NothingUsable, TooFewBeats
        Nothing honest can be measured.
    """
    with stage("quality"):
        ecg = connected(ecg)
        quality = assess_quality(ecg)
        quality.require_usable()
        if len(quality.beats.sample) < MIN_BEATS:
            raise TooFewBeats(len(quality.beats.sample))
    with stage("beat_kinds"):
        shapes = beat_shapes(ecg, quality.beats, quality.usable)
        ventricular = ventricular_probability(shapes) > ventricular_model(shapes).threshold
        paced = is_paced(ecg, quality.beats)
    with stage("rhythm"):
        fibrillating, named, seen = _rhythm(ecg, quality, shapes, ventricular & ~paced, paced)
    with stage("variability"):
        plain = named.are(BeatKind.NORMAL) & ~fibrillating.beats
        measured = variability(named.time_s, plain, named.is_connected)
    with stage("intervals"):
        unusual = ~named.are(BeatKind.NORMAL)
        intervals = measure_intervals(ecg, quality.beats, unusual, quality.usable)
    with stage("findings"):
        everything = Everything(
            ecg, quality, shapes, named, fibrillating, seen, measured, intervals, sex, age_years
        )
        return findings(everything)


def _rhythm(
    ecg: Ecg, quality: Quality, shapes: Shapes, ventricular: Mask, paced: Mask
) -> tuple[Fibrillation, NamedBeats, Rhythm]:
    """Judge fibrillation without the beats that began in a ventricle, then name the beats."""
    hidden = hides_pacing(ecg, paced)
    time_s = quality.beats.sample / ecg.fs_hz
    is_connected = ~quality.beats.after_gap[1:]
    found = fibrillation(time_s, ventricular | paced | hidden, is_connected, shapes)
    kinds = beat_kinds(shapes, ventricular, paced, found.beats)
    if hidden:
        kinds = np.full_like(kinds, BeatKind.UNKNOWN.value)
    named = NamedBeats(time_s, kinds, is_connected)
    return found, named, rhythm(named, found, shapes, ecg.duration_s)
