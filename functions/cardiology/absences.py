"""Which biomarkers of the catalog a recording did not allow, and why."""

from functions.cardiology.evidence import Everything
from functions.cardiology.hrv import MAX_REMOVED_PERCENT
from functions.cardiology.norms import BIOMARKERS
from shared.record import Absence

TOO_SHORT, TOO_NOISY, OTHER_RHYTHM, NO_LEAD = (
    "too-short", "too-noisy", "not-in-this-rhythm", "lead-missing"
)  # fmt: skip
OTHERS = {
    "af_burden": (TOO_SHORT, "Fewer intervals than a window of the fibrillation model holds."),
    "ectopic_burden": (
        TOO_SHORT, "Too few beats, or hidden pacing: which beats are usual is not known."
    ),
}  # fmt: skip
VARIABILITY = {name for name, known in BIOMARKERS.items() if known.category == "variability"}


def absences(exam: Everything, values: dict[str, float]) -> tuple[Absence, ...]:
    """Say why each biomarker without a value has none.

    Parameters
    ----------
    exam : Everything
    values : dict
        What was measured, by biomarker name.

    Returns
    -------
    tuple of Absence
        With a code for programs and a sentence for people.
    """
    return tuple(Absence(name, *_why(exam, name)) for name in BIOMARKERS if name not in values)


def _why(exam: Everything, name: str) -> tuple[str, str]:
    """Code and sentence."""
    if name in VARIABILITY:
        return _why_no_variability(exam)
    if BIOMARKERS[name].category == "interval":
        return _why_no_interval(exam, name)
    return OTHERS.get(name, (TOO_NOISY, "Too few intervals lie within usable signal."))


def _why_no_interval(exam: Everything, name: str) -> tuple[str, str]:
    intervals = exam.intervals
    if name in ("pr_interval", "p_duration"):
        if not exam.has_constant_pr:
            return OTHER_RHYTHM, "In this rhythm other waves pass for P waves."
        return TOO_NOISY, intervals.pr.reason or "No P wave was found."
    if name == "qrs_axis" and intervals.qrs.value_ms is not None:
        return NO_LEAD, "The frontal axis needs leads I and aVF, and a deflection in them."
    measured = intervals.qrs if name.startswith("qrs") else intervals.qt
    return TOO_NOISY, measured.reason or "QTc needs a heart rate."


def _why_no_variability(exam: Everything) -> tuple[str, str]:
    reasons = exam.variability.reasons
    removed = exam.variability.intervals.removed_percent > MAX_REMOVED_PERCENT
    code = OTHER_RHYTHM if removed else TOO_SHORT
    return code, reasons[0] if reasons else "The recording is too short for this measure."
