"""Sentences for people: why to look again, what was not measured, and why."""

from functions.cardiology.evidence import Everything
from functions.cardiology.hrv import MIN_MEAN_INTERVALS
from functions.cardiology.rhythm import SINUS_NAMES, RhythmName
from functions.cardiology.risk import LONG_QTC_MS, WIDE_QRS_MS
from functions.cardiology.ventricular import BeatKind
from shared.record import Risk

REVIEW_SCORE = 60.0  # rules that ask for a look soon
REVIEW_QUALITY = 0.7


def review_reason(seen: Everything, found: Risk | None) -> str | None:
    """Why a professional should look before the numbers are used."""
    reasons = [point.rule for point in found.points if point.score >= REVIEW_SCORE] if found else []
    if seen.is_fibrillating and seen.fibrillation.is_short:
        reasons.append("fibrillation judged from a short strip, where early beats look the same")
    if seen.quality.score < REVIEW_QUALITY:
        reasons.append(f"signal quality {seen.quality.score:.2f}")
    if seen.beats.are(BeatKind.PACED).any():
        reasons.append("pacemaker pulses")
    if seen.hides_pacing:
        reasons.append("pacemaker mentioned, its pulses not seen")
    if seen.rhythm.classification not in (*SINUS_NAMES, RhythmName.FIBRILLATION):
        reasons.append(str(seen.rhythm.classification))
    return "; ".join(dict.fromkeys(reasons)) or None


def warnings(seen: Everything, values: dict[str, float]) -> tuple[str, ...]:
    """What was not measured, and why; what a reader must know."""
    notes = [*seen.ecg.warnings, *seen.variability.reasons]
    if "heart_rate" not in values:
        notes.append(
            f"No heart rate: fewer than {MIN_MEAN_INTERVALS} intervals lie within usable signal."
        )
    if seen.is_fibrillating:
        notes.append("Intervals within possible atrial fibrillation are left out of variability.")
    notes += interval_notes(seen, values)
    if not seen.fibrillation.windows:
        notes.append(
            "Atrial fibrillation not judged: too few intervals between beats of atrial origin."
        )
    elif seen.fibrillation.is_short:
        notes.append(
            "No share of time in atrial fibrillation: the recording is shorter than a window of "
            "60 intervals; its single short window cannot tell early atrial beats from it."
        )
    if seen.hides_pacing:
        notes.append(
            "Kinds of beats unknown: the file mentions a pacemaker, and no pulses are to be seen."
        )
    elif not seen.knows_kinds:
        notes.append("Kinds of beats unknown: too few beats to see which shape is usual.")
    if seen.age_years is None:
        notes.append("Age not given: the limits are those of adults.")
    if not seen.is_adult:
        notes.append("No limits: those known here are of adults.")
    if seen.quality.usable_share < 1:
        notes.append(
            f"{1 - seen.quality.usable_share:.0%} of the recording shows no usable heartbeats and "
            "was left out."
        )
    return tuple(notes)


def interval_notes(seen: Everything, values: dict[str, float]) -> list[str]:
    """Why an interval is missing, and what makes QTc doubtful."""
    named = {"PR": seen.intervals.pr, "QRS": seen.intervals.qrs, "QT": seen.intervals.qt}
    notes = [f"No {name}: {one.reason}" for name, one in named.items() if one.reason]
    if seen.is_fibrillating and seen.intervals.pr.value_ms is not None:
        notes.append("No PR: atrial fibrillation is possible, and its waves can pass for P waves.")
    if "qtc_fridericia" not in values:
        return notes
    if seen.is_fibrillating:
        notes.append("QTc from an irregular rhythm: the correction assumes a steady rate.")
    if values.get("qrs_duration", 0.0) >= WIDE_QRS_MS:
        notes.append("QTc with a wide QRS complex: part of the QT interval is the late QRS.")
    limits = LONG_QTC_MS["male"], LONG_QTC_MS["female"]
    if seen.sex is None and limits[0] <= values["qtc_fridericia"] < limits[1]:
        notes.append("QTc between the limits of men and women, and the sex is not given.")
    return notes
