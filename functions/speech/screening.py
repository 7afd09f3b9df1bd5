"""The dysphonia screening flag: whether the voice quality lies outside the cited limits.

A rule of MediLens over published limits (`norms.py`): the overall measure, CPPS or AVQI, must be
beyond its limit, and for a vowel one of the measures of its parts, jitter, shimmer or HNR, as well.
CPPS alone would flag many healthy high voices. It is a reason to listen, not a diagnosis.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.speech.task import Task
from shared.biomarkers import BiomarkerStatus
from shared.record import Measured

RULE_OF_VOWEL = (
    "CPPS below its limit, and at least one of jitter (local), shimmer (local) and HNR beyond its"
)
RULE_OF_SPEECH = "AVQI above its limit"
CONFIRMING = ("jitter_local", "shimmer_local", "hnr")
BEYOND = {BiomarkerStatus.LOW, BiomarkerStatus.HIGH, BiomarkerStatus.CRITICAL}


@dataclass(frozen=True)
class Screening:
    """`flag` is None where the rule cannot be applied; `beyond` names what is outside its limit."""

    flag: bool | None
    rule: str | None
    beyond: tuple[str, ...] = ()


def screen(biomarkers: tuple[Measured, ...], task: Task) -> Screening:
    """Apply the rule of the task to graded biomarkers."""
    graded = {m.name: m.status for m in biomarkers if m.range is not None}
    if task is Task.SUSTAINED_VOWEL:
        return screen_vowel(graded)
    if task is Task.SPEECH and "avqi" in graded:
        beyond = beyond_limit(graded, ("avqi",))
        return Screening(bool(beyond), RULE_OF_SPEECH, beyond)
    return Screening(None, None)


def screen_vowel(graded: Mapping[str, BiomarkerStatus]) -> Screening:
    if "cpps" not in graded or not any(name in graded for name in CONFIRMING):
        return Screening(None, RULE_OF_VOWEL)
    overall = beyond_limit(graded, ("cpps",))
    parts = beyond_limit(graded, CONFIRMING)
    return Screening(bool(overall and parts), RULE_OF_VOWEL, (*overall, *parts))


def beyond_limit(graded: Mapping[str, BiomarkerStatus], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if graded.get(name) in BEYOND)
