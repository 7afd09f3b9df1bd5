"""What a question asks for, told by fixed patterns; its words never become part of an answer.

No question is sent anywhere, to a language model neither: what decides is read here alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from functions.assistant.language import Voice
from functions.assistant.threads.alarms import Alarm, alarm_of, is_distressed
from functions.assistant.threads.mentions import whole
from functions.assistant.threads.patterns import (
    clauses,
    fits,
    is_question,
    plain,
    sections,
    without,
)
from functions.assistant.threads.scope import is_of_record

# What patterns read instead of a measure's name, whose own words ask for nothing.
NAMED = "named-measure"
# Who asks what a word means asks of nothing that was pointed at.
POINTED = re.compile(r"(?<!\w)(it|this|that|these|those|they|my|i|me)(?!\w)")


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
# What is answered as it was asked though it mentions what would be an emergency if it were now.
MENTIONABLE = (*ANSWERED, *DECLINED)
ASKED = {*ANSWERED, *DECLINED, Intent.UNKNOWN}


@dataclass(frozen=True)
class Heard:
    """What a question is answered as, and what it asks for beside an emergency."""

    intent: Intent
    asked: Intent
    # Somebody speaks of how they are, or of what may be an emergency.
    is_distressed: bool


def hear(question: str, *, names: Iterable[str] = (), voice: Voice = Voice.PATIENT) -> Heard:
    """Return what a question asks for: an emergency, what is declined, or what its sentences ask.

    `names` are measures in small letters, such as "edema risk": their own words ask for nothing
    but in an emergency. Of nothing but a measure it is told what was measured.
    """
    words = plain(question)
    masked = _masked(words, names)
    timeless = " ".join(without("moment", masked, "since then").split())
    asked, alarm = _asked(timeless, voice), alarm_of(words, masked, voice)
    # What may be one beside a question that facts answer costs a sentence, not the answer.
    milder = {None: ASKED, Alarm.TOLD: (), Alarm.ASKED: ANSWERED}.get(alarm, MENTIONABLE)
    return Heard(
        intent=asked if asked in milder else Intent.EMERGENCY,
        asked=asked,
        is_distressed=alarm is not None or is_distressed(words),
    )


def _masked(words: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        words = whole(name).sub(NAMED, words)
    return words


def _asked(masked: str, voice: Voice) -> Intent:
    """Return what is declined wherever it stands, else what the first sentence asks of a record.

    A sentence that asks for more than a record tells is answered with nothing of it.
    """
    sentences = [_of_now(sentence) for sentence in re.split(r" [.?] ", masked)]
    heard = [_of_sentence(sentence, masked, voice) for sentence in sentences]
    declined = (intent for intent in DECLINED if intent in heard)
    answered = (intent for intent in heard if intent in ANSWERED and None not in heard)
    return next(declined, next(answered, Intent.UNKNOWN))


def _of_now(sentence: str) -> str:
    """Return a sentence without what is told in passing of long ago and of no record."""
    now = [
        clause
        for clause in clauses(sentence)
        if is_question(clause) or fits("record", clause) or not fits("bygone", clause)
    ]
    return " ".join(now or [sentence.strip()])


def _of_sentence(sentence: str, question: str, voice: Voice) -> Intent | None:
    """Return what a sentence asks for; None if of a record, and of what no record tells."""
    intent = _asked_by(sentence, voice)
    if intent not in ANSWERED or is_of_record(sentence):
        return intent
    if intent is Intent.MEANING and NAMED not in question and not POINTED.search(sentence):
        return intent
    told = [clause for clause in clauses(sentence) if not is_of_record(clause)]
    if any(is_question(clause) or fits("record", clause) for clause in told):
        return None
    others = (_asked_by(clause, voice) for clause in clauses(sentence) if clause not in told)
    return next((other for other in others if other in ANSWERED), Intent.UNKNOWN)


def _asked_by(sentence: str, voice: Voice) -> Intent:
    """Return the first section of the patterns that any word of a sentence fits."""
    for head, pattern in sections():
        *speaker, intent = head.split(" ")
        if intent in ASKED and voice in (speaker or [voice]) and pattern.search(sentence):
            return Intent(intent)
    return Intent.MEASURED if NAMED in sentence else Intent.UNKNOWN
