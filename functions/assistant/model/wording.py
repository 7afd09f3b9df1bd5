"""Whether a sentence in free words may be shown: closed words, and slots that say what is so.

A sentence is refused unless every part of it is known to be harmless. Numbers, units, ranges,
positions, verdicts and the state of the review are slots, or what a fact makes true; what is said
of a measure stands beside the measure's own name; a negation speaks of what is absent alone.
"""

import re
from collections.abc import Callable, Collection, Sequence
from itertools import takewhile

from functions.assistant.facts import Facts, Kind
from functions.assistant.model import claims, fields, frames, relations, vocabulary
from functions.assistant.model.limits import without_limits
from functions.assistant.model.reading import CLAUSE_ENDS, Reading, Token
from functions.assistant.model.relations import words_of
from functions.assistant.slots import SLOT

MOST_CHARACTERS = 400
# Letters of English, spaces, and marks that can neither link, nor format, nor count.
PLAIN = re.compile(r"[A-Za-z ,.;:()'-]*")
# What would join a slot to another, or make a number negative.
BESIDE_SLOT = re.compile(r"[A-Za-z']\{|-\s*\{|\}\s*-|\}[A-Za-z{]")
SENTENCE = re.compile("[A-Za-z]")
# A range that is denied follows its negation so closely.
NEAR_NEGATION = 4
# What questions begin with; a statement that begins so is written otherwise.
ASKING = {
    *("is", "are", "was", "were", "be", "has", "have", "had", "do", "does", "did", "can", "could"),
}
ASKING_WORDS = {"what", "why", "who", "whose", "which", "when", "how", "where"}


def refusal(
    text: str, cited: Collection[str], facts: Facts, catalog: Collection[str]
) -> str | None:
    """Return why a sentence is refused, or None where it may be shown.

    `cited` are the facts that its writer says it rests on; `catalog` are reviewed sentences with
    their slots, whose words need no check.
    """
    if len(text) > MOST_CHARACTERS:
        return f"The sentence is longer than {MOST_CHARACTERS} characters."
    if reason := _unknown(text, cited, facts):
        return reason
    if text in catalog:
        return None
    if not PLAIN.fullmatch(SLOT.sub("", text)) or BESIDE_SLOT.search(text):
        return "Use letters, spaces and , . ; : ( ) ' - only, and slots by themselves."
    readings = read(text, facts)
    is_limit = not readings and bool(SENTENCE.search(text))
    if not is_limit and not (readings and all(told.words or told.slots() for told in readings)):
        return "There is no sentence."
    reasons = (check(reading) for reading in readings for check in CHECKS)
    return next(filter(None, reasons), None) or goes_on(readings)[0]


def read(text: str, facts: Facts) -> list[Reading]:
    """Return the sentences of a text that are to be checked: all but the limits of everything."""
    parts = [part.strip() for part in re.split(r"\.(?:\s+|$)", text) if part.strip()]
    return [Reading(part, facts) for part in filter(None, map(without_limits, parts))]


def goes_on(readings: Sequence[Reading], named: str | None = None) -> tuple[str | None, str | None]:
    """Refuse what is said, without a name, of another measure than the one named before.

    `named` is the measure that was named last, None where anything may have been. Returns the
    reason, and what is named now.
    """
    for reading in readings:
        measures = reading.slots(Kind.MEASURE, Kind.ABSENCE)
        names = [slot.key for slot in measures if slot.field == "name"]
        if measures and not names and named not in {None, measures[0].key}:
            return "Name the measure with {name}.", named
        named = names[-1] if names else named
    return None, named


def _unknown(text: str, cited: Collection[str], facts: Facts) -> str | None:
    spoken = set()
    for key, field in SLOT.findall(text):
        fact = facts.by_key.get(key)
        if fact is None or field not in fact.slots:
            return f"No fact has {{{key}.{field}}}."
        spoken.add(key)
    if spoken - set(cited) or set(cited) - facts.by_key.keys():
        return "Cite in `facts` the facts whose slots the sentence has."
    return None


def _words(reading: Reading) -> str | None:
    """Every word is neutral, or stands where something makes it true."""
    allowed = vocabulary.neutral() | CLAUSE_ENDS | vocabulary.GENERIC | _conditional(reading)
    strange = [word for word in reading.words if word not in allowed]
    return f"These words are not in the vocabulary: {', '.join(strange)}." if strange else None


def _conditional(reading: Reading) -> frozenset[str]:
    parts = {part for slot in reading.slots() for part in words_of(reading.fact(slot))}
    kinds_stand = vocabulary.RANGE_KINDS if _kinds_precede_ranges(reading) else frozenset[str]()
    allowed = vocabulary.RANGE | vocabulary.NEGATION | vocabulary.REVIEW[reading.review]
    allowed |= (vocabulary.MEASURE_NOUNS & parts) | kinds_stand
    for field, words in (
        ("verdict", vocabulary.CHANGE),
        ("count", vocabulary.WARNING | vocabulary.WARNED),
        ("confidence", vocabulary.CONFIDENCE),
        ("position", vocabulary.LYING),
    ):
        allowed |= words if field in reading.fields else frozenset()
    if _tells_absence(reading):
        allowed |= vocabulary.ABSENCE | vocabulary.OF_ABSENCE
    if reading.facts.of(Kind.WARNINGS):
        allowed |= vocabulary.WARNING
    if "range" in reading.fields:
        allowed |= {"against", "compared"}
    if not reading.slots(Kind.MEASURE):
        allowed |= vocabulary.OF_RECORDING
    if not reading.slots():
        allowed |= vocabulary.OF_METHODS
    if not reading.slots() and _tells_method(reading):
        allowed |= vocabulary.OF_VERDICTS
    if not {"position", "verdict", "confidence"} & reading.fields:
        allowed |= vocabulary.WHOLES - (vocabulary.SINGLY if "value" in reading.fields else set())
    return allowed


def _kinds_precede_ranges(reading: Reading) -> bool:
    """Whether words such as "normal" are said of ranges alone."""
    return all(
        any(after.word in vocabulary.RANGE for after in reading.tokens[place + 1 : place + 3])
        for place, token in enumerate(reading.tokens)
        if token.word in vocabulary.JUDGING_KINDS
    )


def _tells_method(reading: Reading) -> bool:
    """Whether a sentence without slots tells how a change is judged, and of no change."""
    return reading.has(vocabulary.VERDICTS) and not reading.has(vocabulary.FINDING)


def _tells_absence(reading: Reading) -> bool:
    return bool(reading.slots(Kind.ABSENCE)) or "absent" in reading.fields


def _asks(reading: Reading) -> str | None:
    pairs = zip(reading.tokens, reading.tokens[1:], strict=False)
    is_asked = any(
        verb.word in {"is", "are", "has", "have", "had"} and then.word == "to"
        for verb, then in pairs
    )
    first, second = [*(token.word for token in reading.tokens[:2]), "", ""][:2]
    is_asked |= first in ASKING or (first in ASKING_WORDS and second in ASKING)
    return "State what was measured; ask for nothing." if is_asked else None


def _negates(reading: Reading) -> str | None:
    """A negation speaks of what is absent, of a range that there is not, of a review to come."""
    if not reading.has(vocabulary.NEGATION):
        return None
    measures = reading.slots(Kind.MEASURE)
    if measures and claims.denies_absences(reading):
        is_true = True
    elif measures:
        lacks_range = not any("range" in reading.fact(slot).slots for slot in measures)
        is_true = lacks_range and reading.has(vocabulary.RANGE)
        is_true &= not {"position", "verdict", "confidence"} & reading.fields
        is_true &= not any(_negates_value(clause) for clause in reading.clauses)
    else:
        waits = reading.review != "reviewed" and reading.has(vocabulary.SIGNED)
        lacks_range = any("range" not in fact.slots for fact in reading.facts.of(Kind.MEASURE))
        is_true = (
            _tells_absence(reading) or waits or (lacks_range and reading.has(vocabulary.RANGE))
        )
    return None if is_true else "Negate nothing but what was not measured; use the slots."


def _negates_value(clause: Sequence[Token]) -> bool:
    """Whether a value is denied, where a range is meant to be."""
    if not any(token.field == "value" for token in clause):
        return False
    negations = [at for at, token in enumerate(clause) if token.word in vocabulary.NEGATION]
    return not all(_denies_range(clause[at + 1 : at + 1 + NEAR_NEGATION]) for at in negations)


def _denies_range(after: Sequence[Token]) -> bool:
    before_range = list(takewhile(lambda token: token.word not in vocabulary.RANGE, after))
    return len(before_range) < len(after) and not any(token.slot for token in before_range)


def _counts(reading: Reading) -> str | None:
    """What a number counts is said by the right slot."""
    for clause in reading.clauses:
        words, fields = {token.word for token in clause}, {token.field for token in clause}
        is_told_absent = bool(words & (vocabulary.ABSENCE | vocabulary.NEGATION))
        if "absent" in fields and not is_told_absent:
            return "Say of {F1.absent} that they are absent or were not measured."
        if "measured" in fields and (
            is_told_absent or not words & {"measured", "measures", "values"}
        ):
            return "Say of {F1.measured} that they were measured."
        if "confidence" in fields and not reading.has(vocabulary.CONFIDENCE):
            return "Say of {confidence} that it is a confidence."
        if "count" in fields and not words & vocabulary.WARNING:
            return "Say of {count} that they are warnings."
    return None


def _absences(reading: Reading) -> str | None:
    is_told = "reason" in reading.fields or reading.has(vocabulary.ABSENCE | vocabulary.NEGATION)
    if reading.slots(Kind.ABSENCE) and not is_told:
        return "Say of an absent measure that it was not measured, or its reason."
    return None


CHECKS: tuple[Callable[[Reading], str | None], ...] = (
    *(_words, _asks, _negates, _counts, _absences),
    *relations.CHECKS,
    *frames.CHECKS,
    *fields.CHECKS,
    *claims.CHECKS,
)
