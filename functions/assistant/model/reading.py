"""A sentence in free words as its checks read it: slots, words and marks, in clauses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from functions.assistant.facts import Fact, Facts, Kind
from functions.assistant.model.vocabulary import OPENINGS, PHRASES, SYNONYMS
from functions.assistant.slots import SLOT

TOKEN = re.compile(r"\{(F[1-9][0-9]*)\.([a-z]+)\}|([A-Za-z]+(?:'[A-Za-z]+)?)|([,.;:()])")
CLAUSE_ENDS = frozenset(
    {",", ".", ";", ":", "(", ")", "and", "but", "while", "because", "which", "so"}
)


@dataclass(frozen=True)
class Token:
    """A slot, or a word or mark of the text."""

    slot: tuple[str, str] | None = None
    word: str = ""

    @property
    def key(self) -> str:
        return self.slot[0] if self.slot else ""

    @property
    def field(self) -> str:
        return self.slot[1] if self.slot else ""


@dataclass(frozen=True)
class Reading:
    """One sentence; the names of measures that are written out count as their slots."""

    text: str
    facts: Facts

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        told = OPENINGS.sub("", self.text)
        for called, meant in SYNONYMS:
            told = called.sub(meant, told)
        told = PHRASES.sub(
            lambda phrase: phrase[phrase.lastindex] if phrase.lastindex else "", told
        )
        return tuple(_token(match) for match in TOKEN.finditer(_with_names(told, self.facts)))

    @cached_property
    def clauses(self) -> tuple[tuple[Token, ...], ...]:
        clauses: list[list[Token]] = [[]]
        for token in self.tokens:
            if token.word in CLAUSE_ENDS:
                clauses.append([])
            else:
                clauses[-1].append(token)
        return tuple(tuple(clause) for clause in clauses if clause)

    @cached_property
    def words(self) -> list[str]:
        return [token.word for token in self.tokens if token.word.isalpha() or "'" in token.word]

    @cached_property
    def fields(self) -> set[str]:
        return {token.field for token in self.tokens if token.slot}

    @cached_property
    def review(self) -> str:
        (review,) = self.facts.of(Kind.REVIEW)
        return review.code

    def fact(self, token: Token) -> Fact:
        return self.facts.by_key[token.key]

    def slots(self, *kinds: Kind) -> list[Token]:
        """Return the slots of facts of these kinds, or all."""
        slots = [token for token in self.tokens if token.slot]
        return [slot for slot in slots if not kinds or self.fact(slot).kind in kinds]

    def has(self, words: frozenset[str]) -> bool:
        return not words.isdisjoint(self.words)


def _token(match: re.Match[str]) -> Token:
    key, field, word, mark = match.groups()
    if key:
        return Token(slot=(key, field))
    return Token(word=mark or word.lower().removesuffix("'s"))


def _with_names(text: str, facts: Facts) -> str:
    """Write the slot of a measure where its name is written out, the longest names first."""
    for name, key in sorted(_names(facts).items(), key=lambda pair: -len(pair[0])):
        plain = re.compile(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", re.IGNORECASE)
        slots = SLOT.finditer(text)
        written, start = "", 0
        for slot in slots:
            written += plain.sub(f"{{{key}.name}}", text[start : slot.start()]) + slot.group()
            start = slot.end()
        text = written + plain.sub(f"{{{key}.name}}", text[start:])
    return text


def _names(facts: Facts) -> Mapping[str, str]:
    """Return the names and abbreviations of measures that one fact alone has, with its key."""
    told: dict[str, set[str]] = {}
    for fact in facts.of(Kind.MEASURE, Kind.ABSENCE):
        name = fact.slots["name"]
        short = re.fullmatch(r"(.+?) \(([^()]+)\)", name)
        for written in {name, *(short.groups() if short else ())}:
            told.setdefault(written.lower(), set()).add(fact.key)
    return {name: min(keys) for name, keys in told.items() if len(keys) == 1}
