"""Which sentences tell of a person's history, in which order."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from functions.assistant.facts import OUTSIDE, Fact, Facts, Kind
from functions.assistant.language import Language, Voice
from functions.assistant.slots import Sentence, about, listed
from shared.biomarkers import BiomarkerStatus

# Each single value is for those who work with numbers.
POINTS_FOR = {Voice.CLINICIAN, Voice.RESEARCHER}
# A series of two values is told by its first and its last.
FEWEST_POINTS = 3
# Of critical last values is told first, then of others outside their range.
ORDER = {
    BiomarkerStatus.CRITICAL: 0,
    BiomarkerStatus.LOW: 1,
    BiomarkerStatus.HIGH: 1,
    BiomarkerStatus.NORMAL: 2,
    BiomarkerStatus.UNCLASSIFIED: 3,
}


def history_sentences(facts: Facts, language: Language, voice: Voice) -> Iterator[Sentence]:
    """Yield the sentences on each series, and on changes that nobody can judge."""
    measured = sorted(facts.of(Kind.SERIES), key=lambda fact: ORDER[BiomarkerStatus(fact.code)])
    for fact in measured:
        yield from of_series(fact, facts, language, voice)
    yield from of_unjudged(measured, language, voice)


def of_series(fact: Fact, facts: Facts, language: Language, voice: Voice) -> Iterator[Sentence]:
    """Say how often a measure was measured, what it was first and last, and how it changed."""
    name = "series-single" if fact.slots["count"] == "1" else "series"
    yield about(name, language.sentence(name, voice), fact)
    if "range" in fact.slots:
        name = "series-ranged"
        if fact.code in OUTSIDE:
            is_critical = fact.code == BiomarkerStatus.CRITICAL
            name = "series-critical" if is_critical else "series-outside"
        yield about(name, language.sentence(name, voice), fact)
    if "verdict" in fact.slots:
        yield about("change", language.sentence("change", voice), fact)
    if fact.slots.get("confidence") == language.bands["low"]:
        yield about("low-confidence", language.sentence("low-confidence", voice), fact)
    if voice in POINTS_FOR:
        yield from _points(fact, facts, language, voice)


def _points(series: Fact, facts: Facts, language: Language, voice: Voice) -> Iterator[Sentence]:
    points = [fact for fact in facts.of(Kind.POINT) if fact.name == series.name]
    if len(points) >= FEWEST_POINTS:
        told = ", ".join(f"{{{fact.key}.value}} ({{{fact.key}.when}})" for fact in points)
        form = language.sentence("series-points", voice)
        yield about("series-points", form, series, points=told)


def of_unjudged(series: Iterable[Fact], language: Language, voice: Voice) -> Iterator[Sentence]:
    """Name each reason once, with every measure that it holds for."""
    told = sorted(
        (fact for fact in series if "unjudged" in fact.slots),
        key=lambda fact: fact.slots["unjudged"],
    )
    for _, group in groupby(told, key=lambda fact: fact.slots["unjudged"]):
        members = list(group)
        names = listed(members, "name", language.conjunction)
        form = language.sentence("change-unjudged", voice)
        yield about("change-unjudged", form, members[0], names=names)
