"""Which measures a question names, of the record and of others, and which of our own words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

from functions.assistant.facts import Fact, Facts, Kind
from functions.assistant.language import Language, language
from functions.assistant.threads.patterns import plain
from shared.words import label

# What a measure is called without: "QT" of "QT interval", "jitter" of "jitter_local".
ENDINGS = re.compile(
    r" (interval|duration|local|mean|sd|max|bazett|fridericia|framingham|probability|index)$"
)
JOINTS = re.compile(r"[ -]")
# A measure whose name is a word that is said of any record.
GENERIC = frozenset({("findings",), ("named", "findings")})

type Words = tuple[str, ...]


@dataclass(frozen=True)
class Mentions:
    """What a question names: facts of the record, and a term of the language's own."""

    facts: tuple[Fact, ...]
    term: str | None
    # The words that name measures, as the question has them in small letters.
    names: tuple[str, ...]
    # Whether a measure is named that the record says nothing of.
    is_foreign: bool = False


def mentions_of(question: str, facts: Facts, words: Language) -> Mentions:
    """Find what a question names: of names that begin at a word the longest counts."""
    asked, known = plain(question), _known(facts, words.code)
    spoken = list(_spoken(asked, known))
    named = {biomarker for name, _ in spoken for biomarker in known[name]}
    measures = facts.of(Kind.MEASURE, Kind.SERIES, Kind.ABSENCE)
    listed = tuple(fact for fact in measures if fact.name in named)
    has = {fact.name for fact in listed}
    return Mentions(
        facts=listed,
        term=_term(_without(asked, (name for _, name in spoken)), words),
        names=tuple(name for _, name in spoken),
        is_foreign=any(has.isdisjoint(known[name]) for name, _ in spoken),
    )


def _spoken(asked: str, known: Mapping[Words, AbstractSet[str]]) -> Iterator[tuple[Words, str]]:
    """Yield names from left to right, each as words and as the question has it."""
    pieces = list(re.finditer(r"[^ -]+", asked))
    words = [piece[0].removesuffix("'s") for piece in pieces]
    longest, place = max(map(len, known), default=0), 0
    while place < len(words):
        ends = range(min(place + longest, len(words)), place, -1)
        end = next((end for end in ends if tuple(words[place:end]) in known), None)
        if end is not None:
            yield tuple(words[place:end]), asked[pieces[place].start() : pieces[end - 1].end()]
        place = end or place + 1


def _known(facts: Facts, code: str) -> Mapping[Words, AbstractSet[str]]:
    """Return what measures are called, of the record and of any, with those that are called so."""
    known = {words: set(biomarkers) for words, biomarkers in _anywhere(code).items()}
    for fact in facts.of(Kind.MEASURE, Kind.SERIES, Kind.ABSENCE):
        for words in _called(fact.slots["name"], fact.name):
            known.setdefault(words, set()).add(fact.name)
    return known


@cache
def _anywhere(code: str) -> Mapping[Words, AbstractSet[str]]:
    """Return what measures of all pipelines are called, and what none of them measures."""
    known = {_words(name): set(those) for name, those in language(code).called.items()}
    for biomarker, name in language(code).names.items():
        for words in {*_called(name, biomarker)} - GENERIC:
            known.setdefault(words, set()).add(biomarker)
    return known


def _called(name: str, biomarker: str) -> Iterator[Words]:
    """Yield a measure's names, in plain words and in the field's, in full and for short."""
    names = {name, label(biomarker), biomarker, biomarker.replace("_", " ")}
    for form in {*names, *filter(None, map(_short, names))}:
        yield _words(form)
        yield _words(ENDINGS.sub("", " ".join(_words(form))))


def _words(name: str) -> Words:
    return tuple(JOINTS.split(plain(name)))


def _short(name: str) -> str | None:
    """Return the abbreviation that a name has in parentheses."""
    match = re.search(r"\(([^()]{2,})\)$", name)
    return match[1] if match else None


def _term(asked: str, words: Language) -> str | None:
    terms = words.term_words.items()
    return next((term for term, called in terms if any(_has(word, asked) for word in called)), None)


def _has(word: str, asked: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", asked) is not None


def _without(asked: str, names: Iterable[str]) -> str:
    for name in names:
        asked = whole(name).sub(" ", asked)
    return asked


def whole(name: str) -> re.Pattern[str]:
    """Return the pattern of a name that stands as words of their own."""
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
