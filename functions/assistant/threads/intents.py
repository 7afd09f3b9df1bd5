"""What a question asks for, told by fixed patterns; its words never become part of an answer.

No question is sent anywhere, to a language model neither: what decides is read here alone.
"""

from collections.abc import Iterable
from enum import StrEnum

from functions.assistant.language import Voice
from functions.assistant.threads.patterns import plain, sections

# Heads of sections that are no intent: what is read for no emergency, and complaints.
CALM, DISTRESS = "calm", "distress"


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


def intent_of(question: str, *, names: Iterable[str] = (), voice: Voice = Voice.PATIENT) -> Intent:
    """Return what a question asks for: the first section of the patterns that any word of it fits.

    `names` are measures of the record in small letters, such as "edema risk": their own words ask
    for nothing but in an emergency. Of nothing but a measure it is told what was measured.
    """
    asked = plain(question)
    without_names = asked
    for name in sorted(names, key=len, reverse=True):
        without_names = without_names.replace(name, " it ")
    for head, pattern in sections():
        *speaker, intent = head.split(" ")
        if intent in {CALM, DISTRESS} or voice not in (speaker or [voice]):
            continue
        if pattern.search(_alarming(asked) if intent == Intent.EMERGENCY else without_names):
            return Intent(intent)
    return Intent.MEASURED if without_names != asked else Intent.UNKNOWN


def is_distressed(question: str) -> bool:
    """Whether somebody speaks of how they are, so that an emergency may have been missed."""
    words = _alarming(plain(question))
    return any(head == DISTRESS and pattern.search(words) for head, pattern in sections())


def _alarming(asked: str) -> str:
    """Return a question without what frightens and is no emergency: "the risk of a stroke"."""
    calm = next(pattern for head, pattern in sections() if head == CALM)
    return calm.sub(" . ", asked)
