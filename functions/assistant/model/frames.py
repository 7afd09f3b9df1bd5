"""What may stand beside a name, a value, a range: lists, for any other word makes a claim."""

from collections.abc import Callable, Sequence

from functions.assistant.facts import Kind
from functions.assistant.model import vocabulary
from functions.assistant.model.claims import MEASURING
from functions.assistant.model.reading import CLAUSE_ENDS, Reading, Token

# What is "of" a measure where its value is told.
HEADS = frozenset(
    {
        *(
            "value",
            "values",
            "measurement",
            "measurements",
            "result",
            "results",
            "measure",
            "range",
        ),
        *(
            "position",
            "ranges",
            "limits",
            "confidence",
            "certainty",
            "reliability",
            "change",
            "comparison",
        ),
        *("reading", "estimate", "estimation", "reason", "description", "recording", "reference"),
        *("mean", "calculation", "analysis", "report", "determination", "unit", "verdict", "name"),
    }
)
# What stands before a measure's name without changing which measure it is.
BEFORE_NAME = frozenset(
    {
        *("the", "a", "an", "this", "that", "its", "your", "patient", "participant", "person"),
        *("for", "of", "in", "with", "from", "to", "on", "by", "at", "as", "and", "while", "where"),
        *("measured", "recorded", "calculated", "computed", "derived", "reported", "mean", "value"),
        *("measure", "biomarker", "parameter", "measurement", "gave", "yielded", "shows", "show"),
        *(
            "reports",
            "lists",
            "states",
            "measured",
            "include",
            "includes",
            "given",
            "named",
            "what",
        ),
        *(
            "was",
            "were",
            "is",
            "are",
            "but",
            "because",
            "so",
            "which",
            "also",
            "here",
            "than",
            "no",
        ),
        *("gives", "had", "showed", "present", "places", "placed", "stated", "assessment"),
        *("description", "range", "since", "obtained", "concerning", "regarding", "determined"),
        *("observed", "returned", "reached"),
    }
)
# What follows a value or its unit.
AFTER_VALUE = frozenset(
    {
        *("is", "was", "for", "with", "in", "from", "on", "which", "as", "during", "at", "by"),
        *("here", "that", "while", "because", "being", "lies", "has", "had", "of", "against"),
        *("stands", "according", "sits", "through", "came", "comes", "respectively", "measured"),
        *(
            "applies",
            "alone",
            "recorded",
            "reported",
            "without",
            "relative",
            "are",
            "were",
            "described",
        ),
    }
)
THINGS_MEASURED = frozenset({"recording", "signal", "session", "ecg", "electrocardiogram", "file"})
BEFORE_RANGE = (CLAUSE_ENDS - {"which", "so", "because"}) | {
    *("no", "without", "has", "have", "with", "against", "to"),
}
AFTER_RANGE = frozenset(
    {
        *("of", "for", "in", "is", "are", "was", "from", "applies", "to", "comes", "spans", "and"),
        *("given", "the", "a", "its", "your", "used", "published", "available", "stated", "cited"),
        *(
            "reference",
            "derived",
            "taken",
            "based",
            "on",
            "catalog",
            "measures",
            "measure",
            "which",
        ),
        *("run", "runs", "extend", "extends", "were", "used", "studies", "literature", "source"),
        *("has", "been", "it", "there", "that", "exists", "quoted", "listed", "applicable"),
        *("while", "described", "only", "with", "confidence", "not", "here", "this", "recording"),
    }
)


# How a sentence begins that goes on about the measure that the one before it named.
OPENING_NOUNS = frozenset({"the", "this", "that", "its", "confidence", "change"})
BEFORE_NOUN = (
    OPENING_NOUNS - {"confidence", "change"} | vocabulary.RANGE_KINDS | {"measured", "reported"}
)
NOUNS = vocabulary.GENERIC | vocabulary.RANGE | {"confidence", "change", "verdict"}
TELLING_VALUE = frozenset({"the", "its", "value", "result", "measurement", "is", "was"})


def _kinds(reading: Reading) -> str | None:
    """Words such as "normal" belong to the range that follows at once."""
    for place, token in enumerate(reading.tokens):
        if token.word not in vocabulary.JUDGING_KINDS:
            continue
        after = [
            word for word in reading.tokens[place + 1 :] if word.word not in vocabulary.RANGE_KINDS
        ]
        if not after or after[0].word not in vocabulary.RANGE:
            return "Call nothing but a range normal, usual or expected."
    return None


def _names(reading: Reading) -> str | None:
    """What is said of a measure is said with its name, and of that name alone."""
    measures = reading.slots(Kind.MEASURE)
    if measures and not any(slot.field == "name" for slot in measures) and not _is_of_one(reading):
        return "Name the measure with {name}."
    for place, token in enumerate(reading.tokens):
        if token.field != "name" or reading.fact(token).kind is not Kind.MEASURE:
            continue
        before = reading.tokens[max(0, place - 3) : place]
        if before and before[-1].word.isalpha() and before[-1].word not in BEFORE_NAME:
            return f"Write no '{before[-1].word}' before a measure's name."
        if _is_of_another(before):
            return "Speak of the value or the range of a measure alone."
    return None


def _is_of_one(reading: Reading) -> bool:
    """Whether a sentence goes on about the measure that was named before: "its range is ..."."""
    if (
        len({slot.key for slot in reading.slots(Kind.MEASURE)}) > 1
        or "description" in reading.fields
    ):
        return False
    words = [token.word for token in reading.tokens]
    nouns = [word for word in words[:4] if word not in BEFORE_NOUN]
    if words[0] not in OPENING_NOUNS or not nouns or nouns[0] not in NOUNS:
        return False
    if "population" in reading.fields and nouns[0] not in vocabulary.RANGE:
        return False
    after = dict(zip(reading.tokens, reading.tokens[1:], strict=False))
    return all(
        not reading.fact(slot).slots["unit"] or after.get(slot, Token()).field == "unit"
        for slot in reading.slots(Kind.MEASURE)
        if slot.field == "value"
    )


def _is_of_another(before: Sequence[Token]) -> bool:
    words = [token.word for token in before if token.word not in {"the", "your", "its"}]
    if not words[1:] or words[-1] not in {"of", "in"}:
        return False
    return words[-2].isalpha() and words[-2] not in HEADS


def _values(reading: Reading) -> str | None:
    """After a value comes its unit, or what leads on from it."""
    for place, token in enumerate(reading.tokens):
        if token.field not in {"value", "unit"}:
            continue
        after = reading.tokens[place + 1 : place + 5]
        if not after or after[0].key == token.key or after[0].word in CLAUSE_ENDS:
            continue
        if after[0].slot or after[0].word not in AFTER_VALUE | vocabulary.CHANGE:
            return "After a value comes its unit, a mark or a verb."
        if after[0].word in {"in", "of", "from", "during"} and not _is_of_recording(after[1:]):
            return "Say of a value that it is of this recording alone."
    return None


def _is_of_recording(after: Sequence[Token]) -> bool:
    words = {token.word for token in after}
    return bool(words & (THINGS_MEASURED | vocabulary.RANGE | {"detected"})) or any(
        token.field in {"population", "name"} for token in after
    )


def _range_slots(reading: Reading) -> str | None:
    """Between the word and the slot of a range nothing is placed and no measure is begun."""
    for place, token in enumerate(reading.tokens):
        if token.field != "range":
            continue
        words = [at for at in range(place) if reading.tokens[at].word in vocabulary.RANGE]
        between = reading.tokens[words[-1] + 1 : place] if words else ()
        marks = [at for at, word in enumerate(between) if word.word in {",", ";", ":"}]
        begun = any(word.field == "name" for word in between[marks[0] :]) if marks else False
        if begun or any(word.word in {"lies", "sits", "at", *MEASURING} for word in between):
            return "Write {range} at once after the word."
    return None


def _range_phrases(reading: Reading) -> str | None:
    """Where no position says how a measure lies, its range is told and nothing else."""
    if "position" in reading.fields or not reading.slots(Kind.MEASURE):
        return None
    if not reading.has(vocabulary.RANGE):
        return None
    place = next(at for at, token in enumerate(reading.tokens) if token.word in vocabulary.RANGE)
    before = [token for token in reading.tokens[:place] if token.word not in vocabulary.DETERMINERS]
    told = not before or before[-1].slot or before[-1].word in BEFORE_RANGE
    rest = reading.tokens[place + 1 :]
    if _ends_with_value(rest):
        rest = rest[: [token.word for token in rest].index(";")]
    after = [token.word for token in rest if token.word.isalpha()]
    if not told or any(word not in AFTER_RANGE for word in after):
        return "Tell a range by itself, or say by {position} how the value lies."
    return None


def _ends_with_value(rest: Sequence[Token]) -> bool:
    """Whether the words after a semicolon only tell the value."""
    words = [token.word for token in rest]
    if ";" not in words:
        return False
    told = rest[words.index(";") + 1 :]
    others = {token.word for token in told if not token.slot}
    return others <= TELLING_VALUE and any(token.field == "value" for token in told)


def _populations(reading: Reading) -> str | None:
    """A population is that of a range, told in its clause or by itself."""
    is_ranged = reading.has(vocabulary.RANGE) or "reference" in reading.words
    if reading.has(vocabulary.GROUPS) and not is_ranged:
        return "Name a population with its range."
    for clause in reading.clauses:
        fields = [token.field for token in clause if token.slot]
        ranged = not (vocabulary.RANGE | vocabulary.GROUPS).isdisjoint(
            token.word for token in clause
        )
        if "population" in fields and not ranged and len(fields) > 1 and "unit" not in fields:
            return "Name {population} with its range."
    return None


CHECKS: tuple[Callable[[Reading], str | None], ...] = (
    *(_kinds, _names, _values, _range_slots, _range_phrases, _populations),
)
