"""What a sentence says of measures and ranges: each thing beside its own name, and called so."""

import re
from collections.abc import Callable, Iterator, Sequence

from functions.assistant.facts import Fact, Kind
from functions.assistant.model import vocabulary
from functions.assistant.model.reading import CLAUSE_ENDS, Reading, Token

THAT_OF = re.compile(r"\b(that|those) of\b", re.IGNORECASE)
# Slots that say something of a measure, and so need its name beside them.
SAID = {"value", "range", "population", "position", "verdict", "confidence", "description"}
# So many tokens before it, a value or a range is called so, or is said to lie somewhere.
NEAR_RANGE, NEAR_VALUE, NEAR_PLACE = 6, 3, 7
# A unit by itself: "is expressed in {F2.unit}", "the unit of {F2.name} is {F2.unit}".
EXPRESSED, UNIT_WORDS = {"in", "is"}, frozenset({"unit", "units", "expressed", "given"})
STATING = {"is", "was", "lies", "lay", "stands", "sits", "falls", "being"}
PRONOUNS = {"it", "its", "this", "that", "these", "those", "they", "them", "their", "here", "there"}
# With a noun these are said of the measure that the sentence before named.
OWN = {"its", "this", "that"}
PLACES = {
    *("in", "into", "inside", "at", "on", "during", "through", "to", "by", "from", "with"),
    *("along", "alongside", "among", "upon", "about", "forward"),
}


def words_of(fact: Fact) -> Iterator[str]:
    """Yield the words of a measure's name."""
    yield from re.findall(r"[a-z]+", fact.slots.get("name", "").lower())


def _ranges(reading: Reading) -> str | None:
    """A range is spoken of by its slots, or of ranges in general."""
    is_named, is_measured = reading.has(vocabulary.RANGE), bool(reading.slots(Kind.MEASURE))
    if not is_named:
        if "population" in reading.fields and not reading.has(vocabulary.GROUPS):
            return "Name {population} with its range."
        compares = THAT_OF.search(reading.text) and (is_measured or reading.has(vocabulary.GROUPS))
        return "Compare by {position} or {verdict} alone." if compares else None
    is_told = bool({"range", "position", "population"} & reading.fields)
    is_told |= reading.has(vocabulary.NEGATION)
    if not is_told and (is_measured or reading.has(vocabulary.JUDGING_KINDS)):
        return "Speak of a range with {range} or {position}."
    return None


def _places(reading: Reading) -> str | None:
    """Nothing lies in a range but by its position; values and ranges are called what they are."""
    for place, token in enumerate(reading.tokens):
        before = _of_clause(reading.tokens[max(0, place - NEAR_PLACE) : place])
        near = reading.tokens[max(0, place - NEAR_RANGE) : place]
        if token.word in vocabulary.RANGE and _is_placed(before):
            return "Say where a value lies by {position} alone."
        is_called = any(word.word in vocabulary.RANGE | {"spans"} for word in near)
        if token.field == "range" and not is_called:
            return "Call {range} a range."
        if token.field == "value" and any(
            word.word in vocabulary.RANGE for word in before[-NEAR_VALUE:]
        ):
            return "A value is no range."
    return None


def _of_clause(before: Sequence[Token]) -> Sequence[Token]:
    ends = [place for place, token in enumerate(before) if token.word in CLAUSE_ENDS]
    return before[ends[-1] + 1 :] if ends else before


def _is_placed(before: Sequence[Token]) -> bool:
    """Whether words before a range say that something is in it, where no position does."""
    positions = [place for place, token in enumerate(before) if token.field == "position"]
    since = before[positions[-1] + 1 :] if positions else before
    words = [token.word for token in since if token.word not in vocabulary.DETERMINERS]
    introduces = words[-1:] == ["with"] or words[-2:] == ["relative", "to"]
    return not introduces and not PLACES.isdisjoint(words)


def _positions(reading: Reading) -> str | None:
    """After a position comes the range, or nothing."""
    for clause in reading.clauses:
        for place, token in enumerate(clause):
            if token.field != "position":
                continue
            after = [
                word for word in clause[place + 1 :] if word.word not in vocabulary.DETERMINERS
            ]
            if after and after[0].word not in vocabulary.RANGE and after[0].field != "range":
                return "After {position} comes the range."
            is_of_range = any(word.word in vocabulary.RANGE for word in clause[:place])
            is_of_range &= clause[0].word != "relative"
            if is_of_range or (not after and not _is_known(reading, token, clause)):
                return "Say of a {position} in which range; it is the value's."
    return None


def _is_known(reading: Reading, position: Token, clause: Sequence[Token]) -> bool:
    """Whether the range was spoken of before the position that ends a clause."""
    before = reading.tokens[: reading.tokens.index(position)]
    is_stated = any(token.word in STATING for token in clause[clause.index(position) - 1 :][:1])
    return is_stated and any(token.word in vocabulary.RANGE for token in before)


def _pairs(reading: Reading) -> str | None:
    """What is said of a measure stands after its own name."""
    subject = next((token.key for token in reading.tokens if token.field == "name"), None)
    spoken = {slot.key for slot in reading.slots(Kind.MEASURE)}
    if len(spoken) > 1 and subject is None:
        return "Name the measure with {name}."
    if spoken and subject is None and reading.words[:1] and reading.words[0] in PRONOUNS - OWN:
        return "Name the measure with {name}."
    for token in reading.tokens:
        if token.field == "name":
            subject = token.key
        elif token.field in SAID | {"unit"} and subject not in {None, token.key}:
            return "Beside a measure's name stand its own slots alone."
    return None


def _units(reading: Reading) -> str | None:
    for before, token in zip((Token(), *reading.tokens), reading.tokens, strict=False):
        is_told = before.word in EXPRESSED and reading.has(UNIT_WORDS)
        if (
            token.field == "unit"
            and not is_told
            and (before.key != token.key or before.field not in {"value", "range"})
        ):
            return "A {unit} follows the {value} or {range} of the same fact."
    return None


def _repeats(reading: Reading) -> str | None:
    """Each value is said once, and two measures are not named where one of them is said."""
    measures = reading.slots(Kind.MEASURE)
    said = [token.slot for token in measures if token.field in SAID and token.slot]
    if len(said) > len(set(said)):
        return "Say each value once."
    bare = {token.key for token in measures} - {key for key, _ in said}
    if bare and (said or (len(bare) > 1 and reading.has(vocabulary.GENERIC))):
        return "Name no measure beside another without its own value."
    return None


def _enumerates(reading: Reading) -> str | None:
    """Two names before a value leave open whose it is."""
    named: set[str] = set()
    for token in reading.tokens:
        if token.field == "name":
            named.add(token.key)
        elif token.field in SAID - {"description"}:
            if len(named) > 1:
                return "Give each measure its value before the next is named."
            named.clear()
    return None


CHECKS: tuple[Callable[[Reading], str | None], ...] = (
    *(_ranges, _places, _positions, _pairs, _units, _repeats, _enumerates),
)
