"""What a question asks for, told by fixed patterns; its words never become part of an answer.

No question is sent anywhere, to a language model neither: what decides is read here alone.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from functions.assistant.language import Voice
from functions.assistant.threads.patterns import plain, sections

# Heads of sections that are no intent: what is read for no emergency, how a question begins,
# what speaks of a record, and what tells of a body or a danger.
CALM, QUESTION, RECORD, COMPLAINT, DISTRESS = "calm", "question", "record", "complaint", "distress"
# Where a sentence ends, and where it goes over into a question.
QUESTIONS_BEGIN = "what|why|which|how|is (?:it|this|that)|can (?:you|i)|should"
CLAUSES = re.compile(rf" ?[.?] | (?=(?:{QUESTIONS_BEGIN}) )")
# What patterns read instead of a measure's name, whose own words ask for nothing.
NAMED = " named-measure "


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
ASKED = {*ANSWERED, *DECLINED, Intent.UNKNOWN}


def intent_of(question: str, *, names: Iterable[str] = (), voice: Voice = Voice.PATIENT) -> Intent:
    """Return what a question asks for: an emergency, what is declined, or what its sentences ask.

    `names` are measures of the record in small letters, such as "edema risk": their own words ask
    for nothing but in an emergency. Of nothing but a measure it is told what was measured.
    """
    asked = plain(question)
    without_names = asked
    for name in sorted(names, key=len, reverse=True):
        without_names = without_names.replace(name, NAMED)
    if _is_alarming(asked, without_names, voice):
        return Intent.EMERGENCY
    sentences = re.split(r" [.?] ", without_names)
    heard = [_asked_by(" ".join(sentence.split()), voice) for sentence in sentences]
    declined = (intent for intent in DECLINED if intent in heard)
    answered = (intent for intent in heard if intent in ANSWERED)
    return next(declined, next(answered, Intent.UNKNOWN))


def _asked_by(sentence: str, voice: Voice) -> Intent:
    """Return the first section of the patterns that any word of a sentence fits."""
    for head, pattern in sections():
        *speaker, intent = head.split(" ")
        if intent in ASKED and voice in (speaker or [voice]) and pattern.search(sentence):
            return Intent(intent)
    return Intent.MEASURED if NAMED.strip() in sentence else Intent.UNKNOWN


def is_distressed(question: str) -> bool:
    """Whether somebody speaks of how they are, so that an emergency may have been missed."""
    return any(_fits(DISTRESS, clause) for clause in _statements(_uneasy(plain(question))))


def _is_alarming(asked: str, without_names: str, voice: Voice) -> bool:
    """Whether words fit an emergency, or tell of a body or a danger and speak of no record."""
    heads = (COMPLAINT, f"{Voice.PATIENT} {COMPLAINT}")[: 1 + (voice is Voice.PATIENT)]
    told = [clause for clause in _statements(_uneasy(without_names)) if not _fits(RECORD, clause)]
    complains = any(_fits(head, clause) for head in heads for clause in told)
    return complains or _fits(Intent.EMERGENCY, _uneasy(asked))


def _statements(words: str) -> Iterator[str]:
    """Yield what is told, not asked."""
    for clause in CLAUSES.split(words):
        if not _pattern(QUESTION).match(clause):
            yield clause


def _uneasy(asked: str) -> str:
    """Return a question without what frightens and is no emergency: "the risk of a stroke"."""
    return _pattern(CALM).sub(" it ", asked)


def _fits(head: str, words: str) -> bool:
    return _pattern(head).search(words) is not None


def _pattern(head: str) -> re.Pattern[str]:
    return next(pattern for section, pattern in sections() if section == head)
