"""Answers: sentences of the catalog, chosen by what a question asks for and names.

Nothing of a question stands in its answer, and what is asked twice is answered alike.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from functions.assistant.facts import Fact, Facts, Kind
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
from functions.assistant.threads.intents import ANSWERED, DECLINED, Intent, intent_of, is_distressed
from functions.assistant.threads.mentions import Mentions, mentions_of

# A measure once, or over time.
MEASURES = (Kind.MEASURE, Kind.SERIES)
# Of what can be explained so many are named.
MOST_NAMES = 8


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

    def told(self, measures: Iterable[Fact]) -> Iterator[Sentence]:
        for fact in measures:
            if fact.kind is Kind.SERIES:
                yield from of_series(fact, self.facts, self.language, self.voice)
            else:
                yield from of_measure(fact, self.language, self.voice)


def answer(question: str, record: Record) -> Answer:
    """Answer a question in sentences of the catalog."""
    mentions = mentions_of(question, record.facts, record.language)
    intent = intent_of(question, names=mentions.names, voice=record.voice)
    return Answer(intent, tuple(_sentences(record, intent, mentions)), is_distressed(question))


def _sentences(record: Record, intent: Intent, mentions: Mentions) -> Iterator[Sentence]:
    if intent in BY_INTENT:
        yield from BY_INTENT[intent](record, mentions)
    elif intent in DECLINED:
        yield from _declined(record, intent)
    else:
        name = "emergency-unwatched" if intent is Intent.EMERGENCY else "unknown"
        yield record.fixed(name)


def _declined(record: Record, intent: Intent) -> Iterator[Sentence]:
    """Whoever asks how serious it is learns whether somebody has looked at it."""
    yield record.fixed(f"declined-{intent}")
    if intent is Intent.PROGNOSIS:
        yield from of_review(record.facts, record.language, record.voice)


def _measured(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    if not mentions.facts:
        yield from selection(record.facts, record.language, record.voice)
    yield from record.told(_of(mentions, *MEASURES))
    yield from of_absences(_of(mentions, Kind.ABSENCE), record.language, record.voice)


def _ranges(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    """Tell of what lies outside its range first, as an explanation does."""
    measures = _of(mentions, *MEASURES) or record.facts.of(*MEASURES)
    ranged = [fact for statuses in ORDER for fact in measures if fact.code in statuses]
    yield from record.told(ranged)
    if mentions.facts:
        yield from record.told(fact for fact in measures if fact not in ranged)
        yield from of_absences(_of(mentions, Kind.ABSENCE), record.language, record.voice)
    if len(ranged) < len(measures) or not measures:
        yield Sentence("no-range", record.language.sentence("no-range", record.voice))


def _changes(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    measures = _of(mentions, *MEASURES) or record.facts.of(*MEASURES)
    series = [fact for fact in measures if fact.kind is Kind.SERIES]
    judged = [fact for fact in measures if "verdict" in fact.slots]
    yield from record.told(series or judged)
    yield from of_unjudged(series, record.language, record.voice)
    if not series and (len(judged) < len(measures) or not judged):
        yield record.fixed("no-verdict")


def _absences(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    """Whoever asks why something is absent that was measured is told what was measured."""
    absences = _of(mentions, Kind.ABSENCE)
    if not mentions.facts:
        absences = record.facts.of(Kind.ABSENCE)
    yield from of_absences(absences, record.language, record.voice)
    yield from record.told(_of(mentions, *MEASURES))
    if not absences and not mentions.facts:
        yield record.fixed("nothing-absent")


def _meaning(record: Record, mentions: Mentions) -> Iterator[Sentence]:
    """Explain a measure by the registry's description, and say what it was."""
    for fact in _of(mentions, *MEASURES):
        form = record.language.answers["meaning"][record.voice]
        yield about("meaning", form, fact)
        yield from record.told([fact])
    yield from of_absences(_of(mentions, Kind.ABSENCE), record.language, record.voice)
    if mentions.term:
        yield Sentence(f"term-{mentions.term}", record.language.terms[mentions.term][record.voice])
    elif not mentions.facts:
        yield _nothing_named(record)


def _nothing_named(record: Record) -> Sentence:
    measures = record.facts.of(*MEASURES)[:MOST_NAMES]
    if not measures:
        return record.fixed("nothing-to-name")
    form = record.language.answers["nothing-named"][record.voice]
    names = listed(measures, "name", record.language.conjunction)
    return about("nothing-named", form, measures[0], names=names)


def _review(record: Record, _: Mentions) -> Iterator[Sentence]:
    yield from of_review(record.facts, record.language, record.voice)
    yield from of_warnings(record.facts, record.language, record.voice)


def _of(mentions: Mentions, *kinds: Kind) -> list[Fact]:
    return [fact for fact in mentions.facts if fact.kind in kinds]


BY_INTENT: dict[Intent, Callable[[Record, Mentions], Iterator[Sentence]]] = {
    Intent.MEASURED: _measured,
    Intent.RANGES: _ranges,
    Intent.CHANGES: _changes,
    Intent.ABSENCES: _absences,
    Intent.MEANING: _meaning,
    Intent.REVIEW: _review,
}
