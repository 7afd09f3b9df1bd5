"""A model that only chooses: which sentences of the catalog are said, and in which order."""

from collections.abc import Mapping, Sequence

from functions.assistant.facts import OUTSIDE, Facts, Kind
from functions.assistant.slots import SLOT, Sentence

# Of these kinds every sentence is said, whatever is chosen.
ALWAYS = {Kind.WARNINGS, Kind.ABSENCE}
# So is what says whether something changed.
OF_CHANGE = {"verdict", "unjudged"}


type Paragraph = tuple[Sentence, ...]


def offered(sentences: Sequence[Sentence]) -> Mapping[str, Paragraph]:
    """Number what may be chosen: sentences that follow each other on one fact stay together.

    Of these only the first names its measure: "this value" is what it speaks of wherever it stands.
    """
    paragraphs: list[Paragraph] = []
    for sentence in sentences:
        if paragraphs and _subject(paragraphs[-1]) in sentence.facts:
            paragraphs[-1] += (sentence,)
        else:
            paragraphs.append((sentence,))
    return {f"S{place}": paragraph for place, paragraph in enumerate(paragraphs, start=1)}


def _subject(paragraph: Paragraph) -> str | None:
    return next(iter(paragraph[0].facts), None)


def refusal(chosen: Sequence[str], sentences: Sequence[Sentence], facts: Facts) -> str | None:
    """Return why a choice is refused, or None.

    The template's first and last sentences stay where they are, the opening and the limits; what is
    outside its range, warned of, absent, said of a change or of the review is left out by nobody.
    """
    by_key = offered(sentences)
    if unknown := [key for key in chosen if key not in by_key]:
        return f"There are no sentences {', '.join(sorted(set(unknown)))[:80]}."
    if len(set(chosen)) < len(chosen):
        return "Choose each sentence once."
    required = [
        key
        for key, paragraph in by_key.items()
        if any(_is_required(sentence, facts) for sentence in paragraph)
    ]
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
    tells_change = any(field in OF_CHANGE for _, field in SLOT.findall(sentence.text))
    return tells_change or any(fact.kind in ALWAYS or fact.code in OUTSIDE for fact in spoken)
