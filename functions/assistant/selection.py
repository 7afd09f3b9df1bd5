"""Rules that choose the sentences of an explanation and put them in order."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from functions.assistant.facts import OUTSIDE, Fact, Facts, Kind
from functions.assistant.histories.selection import history_sentences
from functions.assistant.language import Language, Voice
from functions.assistant.slots import Sentence, about, listed
from shared.biomarkers import BiomarkerStatus

# Measures without a published range say little to a patient; the record has the others.
MOST_UNRANGED = {Voice.PATIENT: 4}
# Of critical values is told first, then of others outside their range, then of those within.
ORDER = (
    (BiomarkerStatus.CRITICAL,),
    (BiomarkerStatus.LOW, BiomarkerStatus.HIGH),
    (BiomarkerStatus.NORMAL,),
)


def selection(facts: Facts, language: Language, voice: Voice) -> list[Sentence]:
    """Return the sentences of an explanation, in order; each is of the language's catalog."""
    return [
        *_opening(facts, language, voice),
        *_measures(facts, language, voice),
        *history_sentences(facts, language, voice),
        *of_absences(facts.of(Kind.ABSENCE), language, voice),
        *of_warnings(facts, language, voice),
        *of_review(facts, language, voice),
        *_limits(facts, language, voice),
    ]


def _opening(facts: Facts, language: Language, voice: Voice) -> Iterator[Sentence]:
    for history in facts.of(Kind.HISTORY):
        yield about("history-opening", language.sentence("history-opening", voice), history)
    for recording in facts.of(Kind.RECORDING):
        form = language.pipelines[recording.name]["opening"][voice]
        yield about(f"{recording.name}-opening", form, recording)
        if not facts.of(Kind.MEASURE):
            yield about("nothing-measured", language.sentence("nothing-measured", voice), recording)


def _measures(facts: Facts, language: Language, voice: Voice) -> Iterator[Sentence]:
    measures = facts.of(Kind.MEASURE)
    for statuses in ORDER:
        for fact in measures:
            if fact.code in statuses:
                yield from of_measure(fact, language, voice)
    unranged = [fact for fact in measures if fact.code == BiomarkerStatus.UNCLASSIFIED]
    for fact in unranged[: MOST_UNRANGED.get(voice)]:
        yield from of_measure(fact, language, voice)
    if unranged:
        name = (
            "more-unranged"
            if len(unranged) > len(unranged[: MOST_UNRANGED.get(voice)])
            else "no-range"
        )
        yield Sentence(name, language.sentence(name, voice))


def of_measure(fact: Fact, language: Language, voice: Voice) -> Iterator[Sentence]:
    """Say what a measure was, where it lies, and what is to be known of it."""
    name = "measure-ranged" if "range" in fact.slots else "measure"
    if fact.code in OUTSIDE:
        name = "measure-critical" if fact.code == BiomarkerStatus.CRITICAL else "measure-outside"
    yield about(name, language.sentence(name, voice), fact)
    if "verdict" in fact.slots:
        yield about("change", language.sentence("change", voice), fact)
    if fact.slots.get("confidence") == language.bands["low"]:
        yield about("low-confidence", language.sentence("low-confidence", voice), fact)


def of_absences(absences: Iterable[Fact], language: Language, voice: Voice) -> Iterator[Sentence]:
    """Name each reason once, with everything that it explains."""
    by_reason = sorted(absences, key=lambda fact: fact.slots["reason"])
    for _, group in groupby(by_reason, key=lambda fact: fact.slots["reason"]):
        members = list(group)
        names = listed(members, "name", language.conjunction)
        yield about("absence", language.sentence("absence", voice), members[0], names=names)


def of_warnings(facts: Facts, language: Language, voice: Voice) -> Iterator[Sentence]:
    """Say how many warnings there are."""
    for fact in facts.of(Kind.WARNINGS):
        yield about("warnings", language.sentence("warnings", voice), fact)


def of_review(facts: Facts, language: Language, voice: Voice) -> Iterator[Sentence]:
    """Say whether somebody has looked at the record."""
    (review,) = facts.of(Kind.REVIEW)
    name = f"review-{review.code}"
    yield Sentence(name, language.sentence(name, voice))


def _limits(facts: Facts, language: Language, voice: Voice) -> Iterator[Sentence]:
    for pipeline in facts.pipelines:
        yield Sentence(f"{pipeline}-limits", language.pipelines[pipeline]["limits"][voice])
