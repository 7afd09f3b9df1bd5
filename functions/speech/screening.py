"""The dysphonia screening flag: whether the voice quality lies outside a published cut-off.

Each task has one measure whose cut-off was published for telling voices with a disorder from
healthy ones: of a sustained /a/ the cepstral peak (Murton et al. 2020), of speech with a vowel the
Acoustic Voice Quality Index (Barsties & Maryn 2016). It is a reason to listen, not a diagnosis. No
measures are combined: no publication says what the combination of their limits would mean.
"""

from dataclasses import dataclass

from functions.speech.task import Task
from shared.biomarkers import BiomarkerStatus
from shared.record import Measured

RULES = {
    Task.SUSTAINED_VOWEL: ("cpps", "CPPS of a sustained /a/ below 14.45 dB (Murton et al. 2020)"),
    Task.SPEECH: ("avqi", "AVQI above 2.43 (Barsties & Maryn 2016)"),
}
BEYOND = {BiomarkerStatus.LOW, BiomarkerStatus.HIGH, BiomarkerStatus.CRITICAL}


@dataclass(frozen=True)
class Screening:
    """What the rule of the task says.

    Attributes
    ----------
    flag : bool or None
        None where the rule cannot be applied.
    rule : str or None
        The rule in words; None where the task has none.
    beyond : tuple of str
        What is outside of its limit.
    """

    flag: bool | None
    rule: str | None
    beyond: tuple[str, ...] = ()


def screen(biomarkers: tuple[Measured, ...], task: Task) -> Screening:
    """Apply the rule of the task, where its measure could be graded."""
    if task not in RULES:
        return Screening(None, None)
    name, rule = RULES[task]
    graded = {m.name: m.status for m in biomarkers if m.range is not None}
    if name not in graded:
        return Screening(None, rule)
    is_beyond = graded[name] in BEYOND
    return Screening(is_beyond, rule, (name,) if is_beyond else ())
