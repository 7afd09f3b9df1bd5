"""Which measures of a record a question names, and which of our own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from functions.assistant.facts import Fact, Facts, Kind
from functions.assistant.language import Language
from functions.assistant.threads.patterns import plain
from shared.words import label

# What a measure is called without: "QT" of "QT interval", "jitter" of "jitter_local".
ENDINGS = re.compile(
    r" (interval|duration|local|mean|sd|max|bazett|fridericia|framingham|probability|index)$"
)


@dataclass(frozen=True)
class Mentions:
    """What a question names: facts of the record, and a term of the language's own."""

    facts: tuple[Fact, ...]
    term: str | None
    # The words that name facts, as the question has them in small letters.
    names: tuple[str, ...]


def mentions_of(question: str, facts: Facts, language: Language) -> Mentions:
    """Find what a question names, the longest names first."""
    asked, named = plain(question), dict[str, Fact]()
    names = []
    for name, bearers in sorted(_names(facts).items(), key=lambda pair: -len(pair[0])):
        if _has(name, asked):
            asked = asked.replace(name, " ")
            named |= bearers
            names.append(name)
    words = language.term_words.items()
    term = next((term for term, called in words if any(_has(word, asked) for word in called)), None)
    in_order = tuple(fact for fact in facts.listed if fact.key in named)
    return Mentions(in_order, term, tuple(names))


def _names(facts: Facts) -> Mapping[str, dict[str, Fact]]:
    """Return what measures are called, in plain words and in the field's, with their facts."""
    called: dict[str, dict[str, Fact]] = {}
    for fact in facts.of(Kind.MEASURE, Kind.SERIES, Kind.ABSENCE):
        names = {fact.slots["name"], label(fact.name), fact.name, fact.name.replace("_", " ")}
        for name in {*names, *filter(None, map(_short, names))}:
            called.setdefault(plain(name), {})[fact.key] = fact
            called.setdefault(ENDINGS.sub("", plain(name)), {})[fact.key] = fact
    return called


def _short(name: str) -> str | None:
    """Return the abbreviation that a name has in parentheses."""
    match = re.search(r"\(([^()]{2,})\)$", name)
    return match[1] if match else None


def _has(word: str, asked: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", asked) is not None
