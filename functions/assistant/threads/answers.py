"""Answers: sentences of the catalog, chosen by what a question asks for and names.

Nothing of a question stands in its answer, and what is asked twice is answered alike.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from functions.assistant.facts import OUTSIDE, Fact, Facts, Kind
from functions.assistant.histories.selection import of_series, of_unjudged
from functions.assistant.language import Language, Voice
from functions.assistant.selection import (
    ORDER,
    of_absences,
    of_measure,
    of_review,
    of_warnings,
    selection,
)
from functions.assistant.slots import Sentence, about, listed
from functions.assistant.threads.directions import Direction, direction_of
from functions.assistant.threads.intents import ANSWERED, DECLINED, Intent, hear
from functions.assistant.threads.mentions import Mentions, mentions_of
from functions.assistant.threads.patterns import is_question, plain

# A measure once, or over time.
MEASURES = (Kind.MEASURE, Kind.SERIES)
# Of what can be explained so many are named.
MOST_NAMES = 8
# What is answered of values alone.
OF_MEASURES = (Intent.RANGES, Intent.CHANGES, Intent.ABSENCES)


@dataclass(frozen=True)
class Answer:
    """What a question is answered with; the organization's emergency text is said beside it."""

    intent: Intent
    sentences: tuple[Sentence, ...]
    # Somebody speaks of how they are: an emergency may have been missed.
    is_distressed: bool

    @property
    def is_of_facts(self) -> bool:
        return self.intent in ANSWERED


@dataclass(frozen=True)
class Record:
    """What answers are made of: facts, and the words that they are told in."""

    facts: Facts
    language: Language
    voice: Voice

    def fixed(self, name: str) -> Sentence:
        return Sentence(name, self.language.answers[name][self.voice])

    def naming(self, name: str, facts: Sequence[Fact]) -> Sentence:
        """Return a fixed sentence with the names of facts in it."""
        names = listed(facts, "name", self.language.conjunction)
        return about(name, self.language.answers[name][self.voice], facts[0], names=names)

    def told(self, measures: Iterable[Fact]) -> Iterator[Sentence]:
        for fact in measures:
            if fact.kind is Kind.SERIES:
                yield from of_series(fact, self.facts, self.language, self.voice)
            else:
                yield from of_measure(fact, self.language, self.voice)

    def absent(self, facts: Iterable[Fact]) -> Iterator[Sentence]:
        return of_absences(facts, self.language, self.voice)


def answer(question: str, record: Record) -> Answer:
    """Answer a question in sentences of the catalog.

    Whoever asks of a record beside an emergency is answered, too.
    """
    mentions = mentions_of(question, record.facts, record.language)
    heard = hear(question, names=mentions.names, voice=record.voice)
    told: list[Sentence] = []
    if heard.intent is Intent.EMERGENCY:
        told = [record.fixed("emergency-unwatched")]
    if heard.intent is not Intent.EMERGENCY or heard.asked in ANSWERED:
        told += _sentences(record, heard.asked, mentions, question)
    # "My blood pressure is 220": what no test of ours measures is told of a body.
    is_told = mentions.is_foreign and not is_question(plain(question))
    return Answer(heard.intent, tuple(told), heard.is_distressed or is_told)


def _sentences(
    record: Record, intent: Intent, mentions: Mentions, question: str
) -> Iterator[Sentence]:
    if intent in DECLINED:
        yield from _declined(record, intent)
    elif intent not in ANSWERED:
        yield record.fixed("unknown")
    elif not record.facts.of(*MEASURES) and (intent in OF_MEASURES or mentions.is_foreign):
        yield from _nothing_measured(record)
    elif intent is Intent.REVIEW:
        yield from _review(record)
    else:
        yield from _foreign(record, mentions)
        if mentions.facts or not mentions.is_foreign or mentions.term:
            yield from _of_facts(record, intent, mentions, question)


def _of_facts(
    record: Record, intent: Intent, mentions: Mentions, question: str
) -> Iterator[Sentence]:
    if intent is Intent.RANGES:
        yield from _ranges(record, mentions, direction_of(question))
    else:
        yield from BY_INTENT[intent](record, mentions)


def _nothing_measured(record: Record) -> Iterator[Sentence]:
    """Say so of a recording that gave no value, before anything is said of values."""
    form = record.language.sentence("nothing-measured", record.voice)
    yield Sentence("nothing-measured", form)
    yield from record.absent(record.facts.of(Kind.ABSENCE))
    yield from _review(record)


def _foreign(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    """Say that something is named that the record does not have, and what it has."""
    measures = record.facts.of(*MEASURES)[:MOST_NAMES]
    if not mentions.is_foreign:
        return
    if mentions.facts or mentions.term:
        yield record.fixed("not-all-here")
    else:
        yield record.naming("not-here", measures)


def _declined(record: Record, intent: Intent) -> Iterator[Sentence]:
    """Whoever asks how serious it is learns whether somebody has looked at it."""
    yield record.fixed(f"declined-{intent}")
    if intent is Intent.PROGNOSIS:
        yield from of_review(record.facts, record.language, record.voice)


def _measured(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    if not mentions.facts:
        yield from selection(record.facts, record.language, record.voice)
    yield from record.told(_of(mentions, *MEASURES))
    yield from record.absent(_of(mentions, Kind.ABSENCE))


def _ranges(record: Record, mentions: Mentions, direction: Direction) -> Iterator[Sentence]:
    """Tell of what lies outside its range first, as an explanation does."""
    named = _of(mentions, *MEASURES)
    measures = named if mentions.facts else record.facts.of(*MEASURES)
    ranged = [fact for statuses in ORDER for fact in measures if fact.code in statuses]
    unranged = [fact for fact in measures if fact not in ranged]
    outside = [fact for fact in ranged if fact.code in OUTSIDE]
    if ranged and not mentions.facts:
        yield _opening(record, outside, direction)
    is_brief = not named and (direction.is_of_outside or direction.is_yes_or_no)
    yield from record.told(outside if is_brief else ranged)
    if mentions.facts:
        yield from record.told(unranged)
        yield from record.absent(_of(mentions, Kind.ABSENCE))
    yield from _unranged(record, named, ranged, unranged)


def _opening(record: Record, outside: Sequence[Fact], direction: Direction) -> Sentence:
    """Say which values lie outside, behind "yes" or "no" where it was asked so."""
    place = record.language.positions
    beyond = [
        fact for fact in outside if fact.slots["position"] in map(place.get, direction.positions)
    ]
    opening = record.fixed(f"none-{direction.side}")
    if beyond or (outside and not direction.is_of_outside):
        opening = record.naming("outside", outside)
    if direction.is_yes_or_no:
        said = "yes" if bool(beyond) is direction.is_of_outside else "no"
        text = f"{record.fixed(said).text} {opening.text}"
        return Sentence(f"{said}-{opening.name}", text)
    return opening


def _unranged(
    record: Record, named: Sequence[Fact], ranged: Sequence[Fact], unranged: Sequence[Fact]
) -> Iterator[Sentence]:
    if unranged and named:
        yield record.naming("no-range-of", unranged)
    elif unranged and ranged:
        yield Sentence("no-range", record.language.sentence("no-range", record.voice))
    elif unranged:
        yield record.fixed("no-range-at-all")


def _changes(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    measures = _of(mentions, *MEASURES) if mentions.facts else record.facts.of(*MEASURES)
    series = [fact for fact in measures if fact.kind is Kind.SERIES]
    judged = [fact for fact in measures if "verdict" in fact.slots]
    yield from record.told(series or judged)
    yield from of_unjudged(series, record.language, record.voice)
    unjudged = [fact for fact in measures if fact not in judged]
    if unjudged and not series:
        if mentions.facts:
            yield record.naming("no-verdict-of", unjudged)
        else:
            yield record.fixed("no-verdict-others" if judged else "no-verdict")
    yield from record.absent(_of(mentions, Kind.ABSENCE))


def _absences(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    """Whoever asks why something is absent that was measured is told what was measured."""
    absences = _of(mentions, Kind.ABSENCE)
    if not mentions.facts:
        absences = record.facts.of(Kind.ABSENCE)
    yield from record.absent(absences)
    yield from record.told(_of(mentions, *MEASURES))
    if not absences and not mentions.facts:
        yield record.fixed("nothing-absent")


def _meaning(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    """Explain a measure by its description, and say what it was or why it is absent."""
    for fact in mentions.facts:
        if "description" in fact.slots:
            form = record.language.answers["meaning"][record.voice]
            yield about("meaning", form, fact)
        if fact.kind is not Kind.ABSENCE:
            yield from record.told([fact])
    yield from record.absent(_of(mentions, Kind.ABSENCE))
    if mentions.term:
        yield Sentence(f"term-{mentions.term}", record.language.terms[mentions.term][record.voice])
    elif not mentions.facts:
        yield _nothing_named(record)


def _nothing_named(record: Record) -> Sentence:
    measures = record.facts.of(*MEASURES)[:MOST_NAMES]
    return record.naming("nothing-named", measures) if measures else record.fixed("nothing-to-name")


def _review(record: Record) -> Iterator[Sentence]:
    yield from of_review(record.facts, record.language, record.voice)
    yield from of_warnings(record.facts, record.language, record.voice)


def _of(mentions: Mentions, *kinds: Kind) -> list[Fact]:
    return [fact for fact in mentions.facts if fact.kind in kinds]


BY_INTENT: dict[Intent, Callable[[Record, Mentions], Iterator[Sentence]]] = {
    Intent.MEASURED: _measured,
    Intent.CHANGES: _changes,
    Intent.ABSENCES: _absences,
    Intent.MEANING: _meaning,
}
