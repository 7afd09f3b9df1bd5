"""All that the steps of the analysis found, and the values that follow from it."""

from dataclasses import dataclass

import numpy as np

from functions.cardiology.beat_patterns import NamedBeats
from functions.cardiology.conduction import Block, Conduction
from functions.cardiology.ecg import Ecg
from functions.cardiology.fibrillation import Fibrillation
from functions.cardiology.hrv import Variability
from functions.cardiology.intervals import (
    Intervals,
    qtc_bazett_ms,
    qtc_framingham_ms,
    qtc_fridericia_ms,
)
from functions.cardiology.norms import ADULT_YEARS
from functions.cardiology.pacing import hides_pacing
from functions.cardiology.qrs_shape import Delay, delay_pattern, qrs_axis_deg
from functions.cardiology.quality import Quality
from functions.cardiology.rhythm import Rhythm
from functions.cardiology.rhythm_names import RhythmName
from functions.cardiology.shapes import Shapes
from functions.cardiology.ventricular import BeatKind
from shared.vocabulary import Sex


@dataclass(frozen=True)
class Everything:
    """All that the steps of the analysis found.

    Attributes
    ----------
    ecg : Ecg
        As it was decoded, mV, but blank where an electrode was off.
    quality : Quality
        Of each lead and segment, with the beats of the usable ones.
    shapes : Shapes
        Aligned windows around the beats.
    beats : NamedBeats
        Time (s) and kind of each beat, and whether the signal reaches on to the next.
    fibrillation : Fibrillation
        Probability of each beat, by windows of intervals.
    conduction : tuple of Conduction
        How atria and ventricles go together, stretch by stretch.
    rhythm : Rhythm
        Names of all stretches of the recording.
    variability : Variability
        Of the intervals between normal beats.
    intervals : Intervals
        PR, P, QRS and QT, ms.
    sex, age_years : Sex or None, int or None
        As stated; they choose the limits.
    """

    ecg: Ecg
    quality: Quality
    shapes: Shapes
    beats: NamedBeats
    fibrillation: Fibrillation
    conduction: tuple[Conduction, ...]
    rhythm: Rhythm
    variability: Variability
    intervals: Intervals
    sex: Sex | None
    age_years: int | None

    @property
    def is_adult(self) -> bool:
        """Adults unless known to be a child: the limits say whom they are for."""
        return self.age_years is None or self.age_years >= ADULT_YEARS

    @property
    def is_fibrillating(self) -> bool:
        return bool(self.fibrillation.beats.any())

    @property
    def has_constant_pr(self) -> bool:
        """Whether what precedes the QRS complexes can be a P wave that is conducted."""
        independent = {Block.COMPLETE, Block.DISSOCIATION} & set(self.rhythm.blocks)
        flutters = any(stretch.flutters for stretch in self.conduction)
        return not (self.is_fibrillating or independent or flutters)

    @property
    def axis_deg(self) -> float | None:
        """Frontal axis of the QRS complex."""
        borders, beat = self.intervals.borders, self.intervals.median_beat
        if beat is None or borders.qrs_onset is None or borders.qrs_offset is None:
            return None
        return qrs_axis_deg(beat, borders.qrs_onset, borders.qrs_offset)

    @property
    def delay(self) -> Delay | None:
        """How conduction within the ventricles is delayed; not asked of paced beats."""
        borders, beat = self.intervals.borders, self.intervals.median_beat
        if beat is None or borders.qrs_onset is None or borders.qrs_offset is None:
            return None
        if not self.beats.are(BeatKind.NORMAL).any() or self.ecg.paced:
            return None
        return delay_pattern(beat, borders.qrs_onset, borders.qrs_offset)

    @property
    def knows_kinds(self) -> bool:
        """Whether any kind of beat is known: not with too few beats, nor with hidden pacing."""
        return not self.beats.are(BeatKind.UNKNOWN).all()

    @property
    def hides_pacing(self) -> bool:
        return hides_pacing(self.ecg, self.beats.are(BeatKind.PACED))

    def percent(self, *kinds: BeatKind) -> float | None:
        """Share of the beats of these kinds, 0-100; None where no kind of beat is known."""
        if not self.knows_kinds:
            return None
        return 100 * float(np.mean([self.beats.are(kind) for kind in kinds], axis=1).sum())


def measured_values(exam: Everything) -> dict[str, float]:
    """Collect every biomarker that could be measured.

    Parameters
    ----------
    exam : Everything

    Returns
    -------
    dict
        By name, in the unit of the catalog; what is not in it was not measured. No `af_burden` from
        a short strip, whose single window cannot tell early atrial beats from fibrillation.
    """
    values = dict(exam.variability.values) | interval_values(exam)
    burden = exam.percent(BeatKind.VENTRICULAR)
    fibrillating = exam.rhythm.share(RhythmName.FIBRILLATION)
    if burden is not None:
        values["ectopic_burden"] = burden
    if fibrillating is not None and exam.fibrillation.windows and not exam.fibrillation.is_short:
        values["af_burden"] = 100 * fibrillating
    if exam.rhythm.pause_max_s is not None:
        values["pause_max"] = exam.rhythm.pause_max_s
    return values


def interval_values(exam: Everything) -> dict[str, float]:
    """Return PR, QRS and QT, and QT corrected by the mean rate of the whole recording.

    No PR where fibrillation or flutter is possible, whose waves can pass for P waves, nor where P
    waves and QRS complexes are independent.
    """
    intervals = exam.intervals
    measured = {"qrs_duration": intervals.qrs.value_ms, "qt_interval": intervals.qt.value_ms}
    if exam.has_constant_pr:
        measured["pr_interval"] = intervals.pr.value_ms
        measured["p_duration"] = intervals.p_duration.value_ms
    rate = exam.variability.values.get("heart_rate")
    qt_ms = intervals.qt.value_ms
    if rate and qt_ms is not None:
        rr_ms = 60_000 / rate
        measured["qtc_bazett"] = qtc_bazett_ms(qt_ms, rr_ms)
        measured["qtc_fridericia"] = qtc_fridericia_ms(qt_ms, rr_ms)
        measured["qtc_framingham"] = qtc_framingham_ms(qt_ms, rr_ms)
    measured["qrs_axis"] = exam.axis_deg
    return {name: value for name, value in measured.items() if value is not None}
