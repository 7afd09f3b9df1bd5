"""A model that only chooses: which sentences of the catalog are said, and in which order."""

from collections.abc import Mapping, Sequence

from functions.assistant.facts import OUTSIDE, Facts, Kind
from functions.assistant.slots import Sentence

# Of these kinds every sentence is said, whatever is chosen.
ALWAYS = {Kind.WARNINGS, Kind.ABSENCE}


def offered(sentences: Sequence[Sentence]) -> Mapping[str, Sentence]:
    """Number the sentences that may be chosen."""
    return {f"S{place}": sentence for place, sentence in enumerate(sentences, start=1)}


def refusal(chosen: Sequence[str], sentences: Sequence[Sentence], facts: Facts) -> str | None:
    """Return why a choice is refused, or None.

    The template's first and last sentences stay where they are, the opening and the limits; what is
    outside its range, warned of, absent or said of the review is left out by nobody.
    """
    by_key = offered(sentences)
    if unknown := [key for key in chosen if key not in by_key]:
        return f"There are no sentences {', '.join(sorted(set(unknown)))[:80]}."
    if len(set(chosen)) < len(chosen):
        return "Choose each sentence once."
    required = [key for key, sentence in by_key.items() if _is_required(sentence, facts)]
    first, last = next(iter(by_key)), list(by_key)[-1]
    if missing := sorted({first, last, *required} - set(chosen)):
        return f"These sentences are always said: {', '.join(missing)}."
    if (chosen[0], chosen[-1]) != (first, last):
        return f"Begin with {first} and end with {last}."
    return None


def _is_required(sentence: Sentence, facts: Facts) -> bool:
    if not sentence.facts:
        return True  # of the review, of ranges that there are not, of limits
    spoken = [facts.by_key[key] for key in sentence.facts]
    return any(fact.kind in ALWAYS or fact.code in OUTSIDE for fact in spoken)
