"""What a recording has given so far: values by name, and why the others are missing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.speech.grading import Context
from functions.speech.norms import TASKS
from functions.speech.prosody import Spans
from functions.speech.sound import Floats
from functions.speech.task import Task
from shared.record import Absence

# What needs one pitch to be known, in a vowel and in speech.
PITCHED = (
    "f0_mean",
    "f0_sd",
    "f0_range_st",
    "jitter_local",
    "jitter_rap",
    "jitter_ppq5",
    "shimmer_local",
    "shimmer_apq3",
    "shimmer_apq11",
    "shimmer_local_db",
    "hnr",
    "cpps",
    "avqi",
    "h1_h2",
    "formant_1",
    "formant_2",
    "formant_3",
    "voice_breaks",
    "vocal_tremor_frequency",
    "vocal_tremor_intensity",
)
NEEDS = {
    Task.SUSTAINED_VOWEL: "a sustained vowel",
    Task.SPEECH: "running speech",
    Task.CORNER_VOWELS: "/a/, /i/ and /u/ one after the other",
    Task.DIADOCHOKINESIS: "repeated syllables",
}


@dataclass(frozen=True)
class Measures:
    """Values in the units of the catalog; finite, never a default.

    Attributes
    ----------
    values : dict
        By biomarker name.
    absent : tuple of Absence
        Why others are missing.
    warnings : tuple of str
    parameters : dict
        What changes the numbers, for the provenance.
    start_s, end_s : float
        The part that the voice measures were taken from.
    part : str
        What to call it.
    formant_ceiling_hz : float or None
    sounding : tuple of (start_s, end_s)
        What timing found, for the pictures.
    syllables_s : (n,) ndarray of float64 or None
    precision : mapping
        What both halves give.
    confidences : dict
        Of measures that are less sure than the recording is.
    """

    values: dict[str, float]
    absent: tuple[Absence, ...]
    warnings: tuple[str, ...]
    parameters: dict[str, Any]
    start_s: float
    end_s: float
    part: str
    formant_ceiling_hz: float | None = None
    sounding: Spans = ()
    syllables_s: Floats | None = None
    precision: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    confidences: dict[str, float] = field(default_factory=dict)

    @property
    def syllable_count(self) -> int | None:
        return None if self.syllables_s is None else len(self.syllables_s)

    @property
    def pause_count(self) -> int | None:
        """Pauses between stretches of sound; None where timing was not measured."""
        return len(self.sounding) - 1 if self.sounding else None


@dataclass
class Collected:
    """Values, and why others are missing, while a recording is measured."""

    values: dict[str, float] = field(default_factory=dict)
    absent: dict[str, Absence] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    confidences: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, value: float | None, code: str, reason: str) -> None:
        """Keep a value, or say why there is none."""
        if value is None or not math.isfinite(value):
            self.leave_out((name,), code, reason)
        else:
            self.values[name] = value

    def leave_out(self, names: tuple[str, ...], code: str, reason: str) -> None:
        """Say why values are missing, taking back what was measured already."""
        sentence = f"{reason[0].upper()}{reason[1:]}."
        for name in names:
            self.values.pop(name, None)
            self.absent[name] = Absence(name, code, sentence)


def leave_out_pitch(collected: Collected, context: Context) -> None:
    """Take back what needs one pitch, where there is not one."""
    if context.quality.pitch_is_one:
        return
    reason = (
        "two pitches sound at the same time"
        if context.quality.two_pitches
        else "the vowel is not held on one pitch"
    )
    measured = tuple(name for name in PITCHED if name in collected.values)
    collected.leave_out(measured, "not-one-pitch", reason)


def other_tasks(task: Task) -> Collected:
    """Start by naming what this task cannot give."""
    collected = Collected()
    absent = {name: tasks for name, tasks in TASKS.items() if task not in tasks}
    for tasks in dict.fromkeys(absent.values()):
        names = tuple(name for name, its_tasks in absent.items() if its_tasks == tasks)
        collected.leave_out(names, "not-this-task", f"needs {' or '.join(NEEDS[t] for t in tasks)}")
    return collected
