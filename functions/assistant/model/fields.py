"""Which field of a measure may stand where: after which word, and under which noun."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from functions.assistant.facts import Kind
from functions.assistant.model import vocabulary
from functions.assistant.model.reading import Reading, Token

BEING = frozenset({"is", "was", "are", "were", "be", "being", "been"})
MARKS = frozenset({",", ":", "("})
# The word or mark at once before a slot of each field.
BEFORE: Mapping[str, frozenset[str]] = {
    "value": BEING
    | MARKS
    | {
        *("at", "of", "as", "to", "measured", "with", "measures", "gives", "equals", "equaled"),
        *("reached", "yielded", "gave", "had", "value", "found", "recorded", "showed", "reads"),
        *("averaged",),
    },
    "unit": frozenset({"in", "is"}),
    "range": BEING
    | MARKS
    | vocabulary.RANGE
    | {"of", "spans", "covers", "as", "to", "run", "runs", "extend", "extends"},
    "population": frozenset(
        {*("for", "from", "in", "on", "to", "of", "by", "is", "are", "was", "were", ",", "(", ":")}
    ),
    "position": BEING
    | MARKS
    | {
        *("lies", "lie", "lay", "falls", "fell", "it", "situated", "placed", "located", "stands"),
        *("sits", "as", "also", "which", "ranks", "found"),
    },
    "verdict": BEING
    | {
        ":",
        *(
            "shows",
            "showed",
            "had",
            "has",
            "gives",
            "gave",
            "indicates",
            "as",
            "verdict",
            "shown",
            "reads",
        ),
    },
    "confidence": BEING
    | MARKS
    | {
        *("with", "reports", "states", "as", "rated", "of", "at", "has", "had", "gives"),
        *("carries", "a"),
    },
    "description": frozenset(
        {
            *("(", ":", ",", "as", "is", "describes", "means", "mean", "to", "by", "for"),
            *("describe", "measures", "quantifies"),
        }
    ),
}
# Of these words only such a verb before makes a leading one.
ONLY_AFTER: Mapping[tuple[str, str], frozenset[str]] = {
    ("value", "to"): frozenset({"came", "comes", "amounts", "amounted"}),
    ("description", "to"): frozenset({"refers", "refer", "relates"}),
    ("description", "for"): frozenset({"stands", "stand"}),
}
# The slot of the same measure at once before.
BESIDE: Mapping[str, frozenset[str]] = {
    "value": frozenset({"name"}),
    "unit": frozenset({"value", "range"}),
    "range": frozenset({"position", "name"}),
    "position": frozenset({"name", "unit"}),
    "confidence": frozenset({"name"}),
}
NOT_FIRST = frozenset({"verdict", "unit", "position"})
DESCRIPTION = frozenset({"description"})
# What a noun, or a verb that defines, says of the next slot of a measure.
CALLED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("unit", "units"), frozenset({"unit"})),
    **dict.fromkeys(vocabulary.RANGE, frozenset({"range", "population", "unit"})),
    **dict.fromkeys(("population", "populations"), frozenset({"population"})),
    **dict.fromkeys(("confidence", "certainty"), frozenset({"confidence"})),
    **dict.fromkeys(("verdict", "verdicts"), frozenset({"verdict"})),
    **dict.fromkeys(("description", "describes", "describe", "means"), DESCRIPTION),
    **dict.fromkeys(("definition", "defined", "refers", "refer"), DESCRIPTION),
    **dict.fromkeys(("reason", "reasons"), frozenset({"reason"})),
    **dict.fromkeys(("name", "names"), frozenset[str]()),
    "value": frozenset({"value", "unit", "position", "verdict"}),
}
# Slots that end what a noun calls the next.
TELLING = frozenset({"value", "unit", "range", "confidence", "verdict", "description", "position"})
# What a noun calls a slot ends here; a colon and a bracket lead to the slot.
ENDS = frozenset({",", ".", ";", ")", "and", "but", "while", "because", "which", "so"})
# Where the range of a population has been spoken of.
OF_RANGES = vocabulary.RANGE | vocabulary.GROUPS | {"reference"}
NEAR = 12
# A range that one is told of so is judged by: a position follows.
JUDGED = frozenset({"with", "relative", "judged"})
SAID_OF = frozenset({"description", "population", "verdict", "confidence"})
TO_WHOM = frozenset({"for", "from", "to", "on"})


def _begins(reading: Reading) -> str | None:
    first = reading.text.lstrip()[:1]
    if not (first.isalpha() or first in "{("):
        return "Begin with a word or a slot."
    if reading.tokens and reading.tokens[0].field in NOT_FIRST:
        return "Begin with the measure, not with what is said of it."
    return None


def _leads(reading: Reading) -> str | None:
    """Before a slot stands what leads to its field, and to no other."""
    tokens = (Token(), Token(), *reading.tokens)
    for further, before, token in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.field == "name" and before.slot:
            return "Put a word before {name}."
        if token.field not in BEFORE or reading.fact(token).kind is not Kind.MEASURE:
            continue
        if before != Token() and not _is_led(further, before, token):
            return f"Lead to {{{token.field}}} by its noun or a verb, or by a slot of its own fact."
    return None


def _is_led(further: Token, before: Token, token: Token) -> bool:
    if before.slot:
        return before.key == token.key and before.field in BESIDE.get(token.field, ())
    if token.field == "description" and before.word in {",", "("}:
        return further.field == "name"
    verbs = ONLY_AFTER.get((token.field, before.word))
    return before.word in BEFORE[token.field] and (verbs is None or further.word in verbs)


def _called(reading: Reading) -> str | None:
    """What is called a range, a unit, a confidence is that field."""
    called: frozenset[str] | None = None
    tokens = reading.tokens
    for place, token in enumerate(tokens):
        before, after = tokens[place - 1] if place else Token(), tokens[place + 1 : place + 2]
        if token.word in ENDS:
            is_told_next = token.word == "," and after and after[0].field in BEFORE
            called = called if is_told_next else None
        elif token.word in CALLED:
            if token.word == "value" and called is not None:
                continue  # "the confidence in the value is"
            # "with {F1.confidence} confidence": the slot came first.
            called = None if before.field in CALLED[token.word] else CALLED[token.word]
        elif called is not None and token.field in BEFORE and token.field not in called:
            return "A slot is of the field that it is called."
        elif called == frozenset() and token.field == "name":
            return "A name is the fact's own."
        elif token.field in TELLING:
            called = None
    return None


def _ranges(reading: Reading) -> str | None:
    """A range is called so in its own clause, or is where a position says."""
    for clause in reading.clauses:
        for place, token in enumerate(clause):
            if token.field != "range" or not place or clause[place - 1].word not in BEING:
                continue
            if not any(word.word in vocabulary.RANGE for word in clause[:place]):
                return "Call {range} a range."
    first = reading.clauses[0] if reading.clauses else ()
    is_judged = bool(first) and first[0].word in JUDGED
    is_judged &= any(token.word in vocabulary.RANGE for token in first)
    if is_judged and "position" not in reading.fields:
        return "Judge by {position} alone."
    return None


def _populations(reading: Reading) -> str | None:
    """A population is told of a range, in the words before it or after."""
    for place, token in enumerate(reading.tokens):
        if token.field != "population":
            continue
        near = reading.tokens[max(0, place - NEAR) : place + NEAR]
        before = [*(word for word in reading.tokens[:place]), Token()]
        if not any(word.word in OF_RANGES or word.field == "range" for word in near):
            return "Name {population} with its range."
        if before[-2:-1] and before[-2].word in BEING and not reading.has(vocabulary.GROUPS):
            return "A range is no population."
        if before[-2:-1] and before[-2].word == "(" and before[-3:-2][0].field == "name":
            return "A measure is no population."
    return None


def _itself(reading: Reading) -> str | None:
    """A measure is no other measure, and is not described by its own name."""
    ends = {"and", ";", "but"}
    slots = [token for token in reading.tokens if token.slot or token.word in ends]
    if any(
        token.field == then.field == "name" and token == then for token, then in pairwise(slots)
    ):
        return "A measure is not described by its own name."
    for clause in reading.clauses:
        if len({token.key for token in clause if token.field == "name"}) > 1:
            return "Name one measure in a clause."
    called = {field for word in reading.words for field in CALLED.get(word, ())}
    named = {token.key for token in reading.tokens if token.field == "name"}
    return "Describe one measure." if DESCRIPTION & called and len(named) > 1 else None


def _people(reading: Reading) -> str | None:
    """The name of a measure does not stand where a population would."""
    named: set[str] = set()
    for place, token in enumerate(reading.tokens):
        if token.field != "name":
            continue
        before = reading.tokens[place - 1].word if place else ""
        if token.key in named and _is_whose(before, reading.tokens[place + 1 :]):
            return "A measure is no population."
        named.add(token.key)
    return None


def _is_whose(before: str, rest: Sequence[Token]) -> bool:
    """Whether a name stands where a population would."""
    if before in {",", "("}:
        return not rest or rest[0].word in {",", ")", "("}
    return before in TO_WHOM and not any(word.slot for word in rest)


def _places(reading: Reading) -> str | None:
    """What is no position says nowhere that something lies in a range."""
    for clause in reading.clauses:
        for place, token in enumerate(clause):
            after = clause[place + 1 : place + 2]
            if not token.slot or not _is_range(after):
                continue
            before = clause[place - 1].word if place else ""
            is_of_people = token.field == "population" and before in {"for", "in"}
            if token.field in SAID_OF and not is_of_people:
                return "Say where a value lies by {position} alone."
            if token.field == "name" and not _tells_range(clause[:place], clause[place + 1 :]):
                return "Say where a value lies by {position} alone."
    return None


def _tells_range(before: Sequence[Token], after: Sequence[Token]) -> bool:
    is_after_verb = any(token.word in BEING for token in before[-1:])
    return not is_after_verb and any(
        token.word in BEING | {"spans", "shows", "comparison"} for token in after
    )


def _is_range(after: Sequence[Token]) -> bool:
    determiners = vocabulary.DETERMINERS | vocabulary.RANGE
    return any(token.word in determiners or token.field == "range" for token in after)


CHECKS: tuple[Callable[[Reading], str | None], ...] = (
    *(_begins, _leads, _called, _ranges, _populations, _itself, _people, _places),
)
