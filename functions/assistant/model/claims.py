"""What a sentence denies, counts, compares, doubts or asks: only what a fact makes true."""

import re
from collections.abc import Callable, Sequence

from functions.assistant.facts import Kind
from functions.assistant.model import vocabulary
from functions.assistant.model.reading import Reading, Token
from functions.assistant.slots import SLOT

# What a negation denies: that something was measured, computed, published or reviewed.
DENIED = frozenset(
    {
        *(
            "because",
            "is",
            "has",
            "have",
            "professional",
            "compute",
            "calculate",
            "determine",
            "obtain",
            "be",
        ),
        *("measured", "obtained", "calculated", "computed", "determined", "derived", "available"),
        *("value", "values", "range", "ranges", "limit", "limits", "reviewed", "signed", "given"),
        *("reported", "measure", "measures", "measurement", "estimated", "provided", "produced"),
        *("result", "published", "reference", "included", "extracted", "been", "yet", "a", "an"),
        *("the", "was", "were", "any", "for", "of", "by", "off", "to", "in", "result", "results"),
        *("usual", "normal", "stated", "clinician", "such", "assessed", "signed", "possible"),
        *("allow", "permit", "provide", "so", "exists", "exist", "here", "stored", "listed"),
        *("establish", "assess", "shown", "returned"),
    }
)
MEASURING = frozenset(
    {
        *("measured", "obtained", "found", "calculated", "computed", "determined", "derived"),
        *("recorded", "detected"),
    }
)
COUNTS = frozenset({"measured", "absent", "count"})
COUNTED = frozenset({"measures", "values", "results", "measure", "value", *vocabulary.WARNING})
BESIDE_COUNT = COUNTED | {
    *("measured", "absent", "were", "was", "are", "is", "of", "could", "missing", "have", "has"),
    *("unavailable", "accompany", "can", "in", "with", "for", "carry", "from", "other", "absent"),
    *("not", "planned", "quantitative", "the", "automated"),
}
PAST = frozenset({"first", "last", "previous", "earlier", "prior", "former", "before"})
COMPARED = PAST | {"measurement", "comparable", "visit", "recording", "assessment", "assessments"}
AGAINST = frozenset({"against", "compared", "between"})
JOINED = re.compile(r"[.,;:](?=[A-Za-z{'])|\}'(?!s\b)|''")
CONJUNCTIONS = frozenset({"then", "also", "so", "therefore", "thus", ",", ";", ":", "instead"})
THOSE_WHO = frozenset({"patient", "participant", "heart", "clinician", "reader", "person"})
OBTAINED = frozenset({"obtained", "recorded", "found", "measured"})
TWO = 2
PEOPLE = frozenset(
    {"professional", "clinician", "patient", "participant", "person", "reviewer", "reader", "rater"}
)
SAID_SO = frozenset(
    {
        *("stated", "states", "said", "says", "reported", "reports", "noted", "notes", "found"),
        *("described", "describes", "concluded", "named", "names", "wrote", "judged", "told"),
        *("considered", "considers", "finds", "explained", "explains", "mentioned", "mentions"),
    }
)
DONE = frozenset({"performed", "carried", "says", "made", "given", "found", "shows", "showed"})


def _joins(reading: Reading) -> str | None:
    return "Leave a space after a mark." if JOINED.search(SLOT.sub("{}", reading.text)) else None


def denies_absences(reading: Reading) -> bool:
    """Whether each negation stands in a clause of its own about an absent measure."""
    denying = [
        clause
        for clause in reading.clauses
        if not vocabulary.NEGATION.isdisjoint(token.word for token in clause)
    ]
    kinds = [{reading.fact(token).kind for token in clause if token.slot} for clause in denying]
    return bool(kinds) and all(kind == {Kind.ABSENCE} for kind in kinds)


def _negations(reading: Reading) -> str | None:
    """Each negation denies a measuring, a range or a review, and no absence."""
    for place, token in enumerate(reading.tokens):
        if token.word not in vocabulary.NEGATION:
            continue
        after = reading.tokens[place + 1 : place + 4]
        if any(word.word in vocabulary.ABSENCE for word in after):
            return "Deny no absence."
        denied = [word.word for word in after[:2] if word.word.isalpha()]
        if any(word not in DENIED for word in denied):
            return "Deny nothing but a measuring, a range or a review."
        measured = any(word.word in MEASURING for word in after)
        is_of_values = reading.slots(Kind.MEASURE) and not denies_absences(reading)
        if measured and (is_of_values or "count" in reading.fields):
            return "What has a value was measured."
    return None


def _reasons(reading: Reading) -> str | None:
    """What is absent is not measured, and no measure is; its reason is the fact's own."""
    absent = reading.slots(Kind.ABSENCE)
    is_denied = reading.has(vocabulary.NEGATION | vocabulary.ABSENCE)
    if any(slot.field == "name" for slot in absent) and reading.has(MEASURING) and not is_denied:
        return "What is absent was not measured."
    if absent and reading.slots(Kind.MEASURE) and reading.has(vocabulary.ABSENCE):
        return "Speak of what is absent in a sentence of its own."
    for word, after in zip(reading.tokens, reading.tokens[1:], strict=False):
        if absent and word.word in {"because", "since", "as"} and after.field != "reason":
            return "Give the reason of an absence by {reason}."
    return None


def _numbers(reading: Reading) -> str | None:
    """How many there are is said once, in a sentence of its own."""
    fields = [token.field for token in reading.tokens if token.field in COUNTS]
    if len(fields) > len(set(fields)) or (fields and reading.slots(Kind.MEASURE)):
        return "Say how many there are once, and in a sentence of its own."
    if "count" in fields and len(fields) > 1:
        return "Count warnings in a sentence of their own."
    return None


def _counted(reading: Reading) -> str | None:
    """{measured}, {absent} and {count} count measures, absent ones and warnings alone."""
    triples = zip((Token(), *reading.tokens), reading.tokens, reading.tokens[1:], strict=False)
    for before, token, after in triples:
        if token.field not in COUNTS:
            continue
        if before.word == "of":
            return "Count no part of another number."
        if after.word.isalpha() and after.word not in BESIDE_COUNT:
            return "Count measures, absent ones and warnings alone."
        if token.field == "count" and after.word in COUNTED - vocabulary.WARNING:
            return "Say of {count} that they are warnings."
    return None


def _changes(reading: Reading) -> str | None:
    """A verdict stands by itself, against an earlier measurement."""
    if "verdict" not in reading.fields:
        return None
    for clause in reading.clauses:
        words, fields = {token.word for token in clause}, {token.field for token in clause}
        if words & (PAST | {"change"}) and fields & {"value", "position"}:
            return "Say {value} and {position} of now alone."
        if "verdict" in fields and words & vocabulary.RANGE:
            return "A verdict has no range."
        if {"value", "because", "changes"} & words or not _is_the_change(clause):
            return "Say a change by {verdict} alone."
        against = [at for at, token in enumerate(clause) if token.word in AGAINST]
        if any(not COMPARED & {token.word for token in clause[at:]} for at in against):
            return "Compare with an earlier measurement alone."
    return None


def _is_the_change(clause: Sequence[Token]) -> bool:
    """Whether "change" and "reliable" only name what the verdict tells."""
    words = [token.word for token in clause]
    return all(
        words[place - 1 : place] in (["the"], ["for"], ["reliable"]) or place == 0
        for place, word in enumerate(words)
        if word in {"change", "reliable"}
    )


def _confidences(reading: Reading) -> str | None:
    """A confidence is the method's, in a value."""
    for place, token in enumerate(reading.tokens):
        after = reading.tokens[place + 1 : place + 4]
        if token.field == "confidence" and not THOSE_WHO.isdisjoint(reading.words):
            return "A confidence is the method's."
        if token.word in vocabulary.CONFIDENCE and (
            after[:1] == (Token(word="that"),)
            or any(word.field in {"value", "unit", "position"} for word in after)
        ):
            return "A confidence is {confidence}, and no number."
        former = reading.tokens[max(0, place - 2) : place]
        is_named = any(word.field == "name" for word in former)
        if (
            token.field == "confidence"
            and is_named
            and not any(word.word in vocabulary.CONFIDENCE for word in reading.tokens[:place])
            and not any(word.word in vocabulary.CONFIDENCE for word in after[:1])
        ):
            return "Say of {confidence} that it is a confidence."
    return None


def _wholes(reading: Reading) -> str | None:
    """Nothing is said of all measures together but how they are listed and told."""
    if not reading.has(vocabulary.WHOLES):
        return None
    words = reading.words
    only = "only" in words and not words[max(0, words.index("only") - 1)].startswith("describe")
    if only or ("only" not in words and reading.has(OBTAINED)):
        return "Say how many were measured by {F1.measured}."
    keys = {slot.key for slot in reading.slots(Kind.MEASURE)}
    return "Both are two." if "both" in reading.words and len(keys) != TWO else None


def _reviews(reading: Reading) -> str | None:
    """A sign-off is denied where there is none, in the same clause."""
    for clause in reading.clauses:
        words = [token.word for token in clause]
        if "review" in words and not DONE.isdisjoint(words):
            return "Tell nothing of what a review says."
        if reading.review == "reviewed" or vocabulary.SIGNED.isdisjoint(words):
            continue
        yet = "yet" in words and words[max(0, words.index("yet") - 1)] in {"has", "have", "not"}
        if vocabulary.NEGATION.isdisjoint(words) and not yet:
            return "Nobody has signed this assessment."
    return None


def _sayings(reading: Reading) -> str | None:
    """Nobody is quoted: what a person is said to have said is no measurement."""
    pairs = zip(reading.tokens, reading.tokens[1:], strict=False)
    if any(person.word in PEOPLE and said.word in SAID_SO for person, said in pairs):
        return "Quote nobody."
    return None


def _agents(reading: Reading) -> str | None:
    """Software measures: nobody else is said to have, but for a review that there was."""
    words = reading.words
    for place, word in enumerate(words):
        if word not in PEOPLE:
            continue
        before = words[max(0, place - 3) : place]
        is_signed = reading.has(vocabulary.SIGNED | vocabulary.REVIEW["waiting"] - {"to", "still"})
        after = words[place + 1 : place + 2]
        if ("by" in before and not is_signed) or not MEASURING.isdisjoint(after):
            return "The software measured; name nobody else."
    return None


def _missing(reading: Reading) -> str | None:
    """What is absent is a fact's, in the same clause."""
    told = [
        clause
        for clause in reading.clauses
        if not vocabulary.ABSENCE.isdisjoint(token.word for token in clause)
    ]
    if len(told) > 1 and any(not any(token.slot for token in clause) for clause in told):
        return "Say of an absent measure alone that it is absent."
    return None


def _acts(reading: Reading) -> str | None:
    """No clause begins with a verb that asks for something."""
    words = [token.word for token in reading.tokens]
    for place, word in enumerate(words):
        is_first = place == 0 or words[place - 1] in CONJUNCTIONS
        if is_first and word in vocabulary.verbs():
            return "State what was measured; ask for nothing."
    return None


CHECKS: tuple[Callable[[Reading], str | None], ...] = (
    *(_joins, _negations, _reasons, _numbers, _counted, _changes),
    *(_confidences, _wholes, _reviews, _sayings, _agents, _missing, _acts),
)
