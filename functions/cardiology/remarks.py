"""Sentences for people: why to look again, what was not measured, and why."""

from functions.cardiology.evidence import Everything
from functions.cardiology.fibrillation import WINDOW
from functions.cardiology.normal_intervals import MIN_MEAN_INTERVALS
from functions.cardiology.rhythm_names import SINUS_NAMES, RhythmName
from functions.cardiology.risk import LONG_QTC_MS, WIDE_QRS_MS
from functions.cardiology.ventricular import BeatKind
from shared.record import Risk

REVIEW_SCORE = 60.0  # rules that ask for a look soon
REVIEW_QUALITY = 0.7
# RMSSD over the mean interval in a strip of ten seconds. Own choice between what sinus arrhythmia
# reaches (LUDB: 0.103; with one early beat 0.149) and what fibrillation with waves like P has
# (LUDB 101: 0.193).
VERY_IRREGULAR = 0.17
# Share of changed intervals: one early beat changes three, about a third of such a strip.
OFTEN_CHANGED = 0.4
BELIEVABLE_MV = (0.1, 8.0)  # of the tallest lead: LUDB, Challenge 2021 and MIT-BIH have 0.36 to 4.8


def review_reason(exam: Everything, dangers: Risk | None) -> str | None:
    """Why a professional should look before the numbers are used."""
    points = dangers.points if dangers else ()
    reasons = [point.rule for point in points if point.score >= REVIEW_SCORE]
    reasons += [*_signal_reasons(exam), *_rhythm_reasons(exam)]
    return "; ".join(dict.fromkeys(reasons)) or None


def _signal_reasons(exam: Everything) -> list[str]:
    """What makes the rhythm doubtful although it was named."""
    reasons = []
    if exam.is_fibrillating and exam.fibrillation.is_short:
        reasons.append("fibrillation judged from a short strip, where early beats look the same")
    elif is_very_irregular(exam):
        reasons.append("very irregular in a short strip: early beats and fibrillation look alike")
    if exam.quality.score < REVIEW_QUALITY:
        reasons.append(f"signal quality {exam.quality.score:.2f}")
    if exam.beats.are(BeatKind.PACED).any():
        reasons.append("pacemaker pulses")
    if exam.hides_pacing:
        reasons.append("pacemaker mentioned, its pulses not seen")
    return reasons


def _rhythm_reasons(exam: Everything) -> list[str]:
    """Rhythms that are to be looked at."""
    reasons = []
    if exam.rhythm.classification not in (*SINUS_NAMES, RhythmName.FIBRILLATION):
        reasons.append(str(exam.rhythm.classification))
    reasons += [str(block) for block in exam.rhythm.blocks]
    if any(stretch.flutters for stretch in exam.conduction):
        reasons.append(str(RhythmName.FLUTTER))
    return reasons


def is_very_irregular(exam: Everything) -> bool:
    """Whether a strip too short to tell early beats from fibrillation is as irregular as these."""
    windows = exam.fibrillation.windows if exam.fibrillation.is_short else ()
    return any(
        window.evidence["rmssd_ratio"] > VERY_IRREGULAR
        and window.evidence["changed_share"] > OFTEN_CHANGED
        for window in windows
    )


def warnings(exam: Everything, values: dict[str, float]) -> tuple[str, ...]:
    """What was not measured, and why; what a reader must know."""
    notes = [*exam.ecg.warnings, *exam.variability.reasons]
    if "heart_rate" not in values:
        notes.append(
            f"No heart rate: fewer than {MIN_MEAN_INTERVALS} intervals lie within usable signal."
        )
    notes += interval_notes(exam, values)
    notes += rhythm_notes(exam)
    if exam.age_years is None:
        notes.append("Age not given: the limits are those of adults.")
    if not exam.is_adult:
        notes.append("No limits: those known here are of adults.")
    notes += signal_notes(exam)
    return tuple(notes)


def rhythm_notes(exam: Everything) -> list[str]:
    """What could not be said of rhythm and beats."""
    notes = []
    if exam.is_fibrillating:
        notes.append("Intervals within possible atrial fibrillation are left out of variability.")
    if not exam.fibrillation.windows:
        notes.append(
            "Atrial fibrillation not judged: too few intervals between beats of atrial origin."
        )
    elif exam.fibrillation.is_short:
        notes.append(
            f"No share of time in atrial fibrillation: the recording is shorter than a window of "
            f"{WINDOW} intervals; its single short window cannot tell early atrial beats from it."
        )
    if exam.hides_pacing:
        notes.append(
            "Kinds of beats unknown: the file mentions a pacemaker, and no pulses are to be seen."
        )
    elif not exam.knows_kinds:
        notes.append("Kinds of beats unknown: too few beats to see which shape is usual.")
    return notes


def signal_notes(exam: Everything) -> list[str]:
    """What is odd about the signal itself."""
    notes = []
    tallest_mv = float(exam.shapes.height_mv.max())
    if not BELIEVABLE_MV[0] <= tallest_mv <= BELIEVABLE_MV[1]:
        notes.append(
            f"QRS complexes of {tallest_mv:.3g} mV, which hardly a heart gives: the unit or the "
            "gain of the file may be wrong. Times do not depend on it."
        )
    if exam.quality.usable_share < 1:
        notes.append(
            f"{1 - exam.quality.usable_share:.0%} of the recording shows no usable heartbeats and "
            "was left out."
        )
    return notes


def interval_notes(exam: Everything, values: dict[str, float]) -> list[str]:
    """Why an interval is missing, and what makes QTc doubtful."""
    named = {"PR": exam.intervals.pr, "QRS": exam.intervals.qrs, "QT": exam.intervals.qt}
    notes = [f"No {name}: {measured.reason}" for name, measured in named.items() if measured.reason]
    if not exam.has_constant_pr and exam.intervals.pr.value_ms is not None:
        notes.append(
            "No PR: in fibrillation, flutter or AV dissociation other waves pass for P waves."
        )
    if "qtc_fridericia" not in values:
        return notes
    if exam.is_fibrillating:
        notes.append("QTc from an irregular rhythm: the correction assumes a steady rate.")
    if values.get("qrs_duration", 0.0) >= WIDE_QRS_MS:
        notes.append("QTc with a wide QRS complex: part of the QT interval is the late QRS.")
    limits = LONG_QTC_MS["male"], LONG_QTC_MS["female"]
    if exam.sex is None and limits[0] <= values["qtc_fridericia"] < limits[1]:
        notes.append("QTc between the limits of men and women, and the sex is not given.")
    return notes
