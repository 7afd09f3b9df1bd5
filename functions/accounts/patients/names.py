"""People's names: how they are compared and searched. Nothing else looks into a name.

Two spellings of one name are alike where only case, accents, hyphens or a letter differ.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

# "Meyer" and "Meier", "Kowalski" and "Kovalski" reach it, "Meyer" and "Maurer" do not.
ALIKE_RATIO = 0.79


@dataclass(frozen=True)
class Name:
    """The name of a person, as far as it is known."""

    first: str | None
    last: str | None

    def has_part(self, part: str) -> bool:
        """Whether every word of `part` begins a word of the name."""
        words = [*_words(self.first), *_words(self.last)]
        return all(any(word.startswith(wanted) for word in words) for wanted in _words(part))

    def has_surname(self, surname: str) -> bool:
        return _folded(self.last) == _folded(surname)

    def is_like(self, other: "Name") -> bool:
        """Whether both may be one person's: alike, or first and last name in each other's place."""
        straight = _alike(self.last, other.last) and _alike(self.first, other.first)
        return straight or (_alike(self.last, other.first) and _alike(self.first, other.last))


def _alike(name: str | None, other: str | None) -> bool:
    """What is not known contradicts nothing."""
    first, second = _folded(name), _folded(other)
    if not (first and second):
        return True
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE_RATIO


def is_comparable(words: str) -> bool:
    """Whether anything is left of it once names are compared."""
    return bool(_folded(words))


def _folded(name: str | None) -> str:
    return "".join(_words(name))


def _words(name: str | None) -> Iterable[str]:
    """Return the words of a name without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name or "").casefold()
    plain = "".join(
        character if character.isalnum() else " "
        for character in decomposed
        if not unicodedata.combining(character)
    )
    return plain.split()
