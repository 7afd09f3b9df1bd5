"""What a question asks for, told by fixed patterns; its words never become part of an answer.

No question is sent anywhere, to a language model neither: what decides is read here alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from functions.assistant.language import Voice

PATTERNS = Path(__file__).parent / "patterns.txt"
DISTRESS = "distress"


class Intent(StrEnum):
    """The class of a question, which alone chooses the answer."""

    EMERGENCY = "emergency"
    DIAGNOSIS = "diagnosis"
    TREATMENT = "treatment"
    ANOTHER_PERSON = "another-person"
    PROGNOSIS = "prognosis"
    ABSENCES = "absences"
    CHANGES = "changes"
    REVIEW = "review"
    RANGES = "ranges"
    MEANING = "meaning"
    MEASURED = "measured"
    UNKNOWN = "unknown"


# What is answered from facts, and offered as a question.
ANSWERED = (
    *(Intent.MEASURED, Intent.RANGES, Intent.CHANGES, Intent.ABSENCES, Intent.MEANING),
    Intent.REVIEW,
)
# What is declined in fixed words.
DECLINED = (Intent.TREATMENT, Intent.ANOTHER_PERSON, Intent.PROGNOSIS, Intent.DIAGNOSIS)


def plain(question: str) -> str:
    """Return a question in small letters, without marks that nobody sees and double blanks."""
    letters = unicodedata.normalize("NFKC", question).replace("\u2019", "'")
    printed = (letter for letter in letters if unicodedata.category(letter) != "Cf")
    return " ".join("".join(printed).casefold().split())


def intent_of(question: str, *, names: Iterable[str] = (), voice: Voice = Voice.PATIENT) -> Intent:
    """Return what a question asks for: the first section of the patterns that any word of it fits.

    `names` are measures of the record in small letters, such as "edema risk": their own words ask
    for nothing but in an emergency. Of nothing but a measure it is told what was measured.
    """
    asked = plain(question)
    without_names = asked
    for name in sorted(names, key=len, reverse=True):
        without_names = without_names.replace(name, " it ")
    for head, pattern in _sections():
        *speaker, intent = head.split(" ")
        words = asked if intent == Intent.EMERGENCY else without_names
        if intent != DISTRESS and voice in (speaker or [voice]) and pattern.search(words):
            return Intent(intent)
    return Intent.MEASURED if without_names != asked else Intent.UNKNOWN


def is_distressed(question: str) -> bool:
    """Whether somebody speaks of how they are, so that an emergency may have been missed."""
    asked = plain(question)
    return any(head == DISTRESS and pattern.search(asked) for head, pattern in _sections())


@cache
def _sections() -> Sequence[tuple[str, re.Pattern[str]]]:
    """Read the patterns in their order, each section by its head."""
    sections: list[tuple[str, list[str]]] = []
    for line in PATTERNS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            sections.append((line.strip("[]"), []))
        elif line and not line.startswith("#"):
            sections[-1][1].append(f"(?:{line})")
    return [(head, re.compile(rf"(?<!\w)(?:{'|'.join(lines)})(?!\w)")) for head, lines in sections]
