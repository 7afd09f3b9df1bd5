"""The analysis of one electrocardiogram, step by step.

`analyze(ecg, sex=..., age_years=..., stage=...) -> Findings`; `examined(...)` stops before words.
"""

import numpy as np

from functions.cardiology.atrial import AtrialActivity, atrial_activity
from functions.cardiology.beat_patterns import NamedBeats, measured_beats
from functions.cardiology.conduction import Conduction, conduction
from functions.cardiology.ecg import Ecg
from functions.cardiology.evidence import Everything
from functions.cardiology.fibrillation import Fibrillation, fibrillation
from functions.cardiology.filters import segment_edges
from functions.cardiology.findings import findings
from functions.cardiology.heartbeat_shape import Likeness, NotAnEcg, likeness
from functions.cardiology.hrv import variability
from functions.cardiology.intervals import measure_intervals
from functions.cardiology.pacing import hides_pacing, is_paced
from functions.cardiology.quality import Quality, assess_quality, connected
from functions.cardiology.rhythm import rhythm
from functions.cardiology.shapes import Shapes, beat_shapes, beside_holes
from functions.cardiology.ventricular import (
    BeatKind,
    Kinds,
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

    def __init__(self, n_beats: int) -> None:
        super().__init__(f"Found {n_beats} heartbeats; at least {MIN_BEATS} are needed.")


def analyze(
    ecg: Ecg, *, sex: Sex | None = None, age_years: int | None = None, stage: StageMarker = unmarked
) -> Findings:
    """Measure an electrocardiogram and put what was found into words, numbers and pictures.

    As `examined`, which does the measuring.
    """
    everything = examined(ecg, sex=sex, age_years=age_years, stage=stage)
    with stage("findings"):
        return findings(everything)


def examined(
    ecg: Ecg, *, sex: Sex | None = None, age_years: int | None = None, stage: StageMarker = unmarked
) -> Everything:
    """Measure an electrocardiogram, step by step.

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
        quality = _usable_quality(ecg)
        likeness_of_wave = likeness(ecg, quality.beats, quality.usable)
        if likeness_of_wave is Likeness.OTHER:
            raise NotAnEcg
    with stage("beat_kinds"):
        shapes = beat_shapes(ecg, quality.beats, quality.usable)
        unseen = beside_holes(ecg, quality.beats.sample, shapes.leads)
        ventricular = _ventricular(ecg, quality, shapes) & ~unseen
        paced = is_paced(ecg, quality.beats)
    with stage("rhythm"):
        atria = atrial_activity(ecg, quality.beats, shapes, ventricular | paced)
        is_hidden = hides_pacing(ecg, paced) or likeness_of_wave is Likeness.DOUBTFUL
        left_out = ventricular | paced | is_hidden
        conducted = (
            () if is_hidden
            else conduction(ecg, quality.beats, shapes, ventricular & ~paced, atria)
        )  # fmt: skip
        fibrillating = _fibrillation(ecg, quality, atria, left_out, conducted)
        kinds = _kinds(shapes, ventricular & ~paced, paced, fibrillating, conducted)
        kinds[unseen | is_hidden] = BeatKind.UNKNOWN.value
        time_s = quality.beats.sample / ecg.fs_hz
        named = NamedBeats(time_s, kinds, ~quality.beats.after_gap[1:])
        rhythms = rhythm(named, fibrillating, atria, conducted, ecg.duration_s)
    with stage("variability"):
        plain = named.are(BeatKind.NORMAL) & ~fibrillating.beats
        measured = variability(named.time_s, plain, named.is_connected)
    with stage("intervals"):
        intervals = measure_intervals(ecg, quality.beats, ~measured_beats(named), quality.usable)
    return Everything(
        ecg, quality, shapes, named, fibrillating, conducted, rhythms, measured, intervals, sex,
        age_years,
    )  # fmt: skip


def _usable_quality(ecg: Ecg) -> Quality:
    quality = assess_quality(ecg)
    quality.require_usable()
    if len(quality.beats.sample) < MIN_BEATS:
        raise TooFewBeats(len(quality.beats.sample))
    return quality


def _ventricular(ecg: Ecg, quality: Quality, shapes: Shapes) -> Mask:
    """Which beats began in a ventricle.

    Where one of the leads cannot be used, the clearest one alone says so, by a model for one lead:
    a noisy second lead must not make a result worse than the first alone.
    """
    ventricular: Mask = ventricular_probability(shapes) > ventricular_model(shapes).threshold
    usable = quality.usable[:, list(shapes.leads)]
    if usable[usable.any(axis=1)].all():
        return ventricular
    clearest = shapes.leads[int(np.argmax(usable.sum(axis=0)))]
    alone = beat_shapes(ecg, quality.beats, quality.usable, [clearest])
    by_one = ventricular_probability(alone) > ventricular_model(alone).threshold
    segment = np.searchsorted(
        segment_edges(len(ecg.signal_mv), ecg.fs_hz)[1:-1], quality.beats.sample, side="right"
    )
    use_one = ~usable.all(axis=1) & quality.usable[:, clearest]
    return np.where(use_one[segment], by_one, ventricular)


def _fibrillation(
    ecg: Ecg,
    quality: Quality,
    atria: AtrialActivity,
    left_out: Mask,
    conducted: tuple[Conduction, ...],
) -> Fibrillation:
    """Judge fibrillation without the beats that began in a ventricle.

    Where P waves keep a pace of their own the atria do not fibrillate.
    """
    time_s = quality.beats.sample / ecg.fs_hz
    judged = fibrillation(time_s, left_out, ~quality.beats.after_gap[1:], atria)
    blocked = [stretch for stretch in conducted if stretch.block is not None]
    return judged.without([slice(stretch.first, stretch.last) for stretch in blocked])


def _kinds(
    shapes: Shapes,
    ventricular: Mask,
    paced: Mask,
    fibrillating: Fibrillation,
    conducted: tuple[Conduction, ...],
) -> Kinds:
    """Name the beats; where P waves are blocked, a beat between two pauses is not early."""
    timeless = fibrillating.beats.copy()
    for stretch in conducted:
        if stretch.block is not None or stretch.flutters:
            timeless[stretch.first : stretch.last] = True
    return beat_kinds(shapes, ventricular, paced, timeless)
