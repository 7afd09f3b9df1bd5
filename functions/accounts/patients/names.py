"""People's names: how they are compared and searched. Nothing else looks into a name.

Two spellings of one name are alike where only case, accents, hyphens or a letter differ.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher

from shared.surnames import folded, words

# "Meyer" and "Meier", "Kowalski" and "Kovalski" reach it, "Meyer" and "Maurer" do not.
ALIKE_RATIO = 0.79


@dataclass(frozen=True)
class Name:
    """The name of a person, as far as it is known."""

    first: str | None
    last: str | None

    def has_part(self, part: str) -> bool:
        """Whether every word of `part` begins a word of the name."""
        own = [*words(self.first), *words(self.last)]
        return all(any(word.startswith(wanted) for word in own) for wanted in words(part))

    def has_surname(self, surname: str) -> bool:
        return folded(self.last) == folded(surname)

    def is_like(self, other: "Name") -> bool:
        """Whether both may be one person's: alike, or first and last name in each other's place."""
        straight = _alike(self.last, other.last) and _alike(self.first, other.first)
        return straight or (_alike(self.last, other.first) and _alike(self.first, other.last))


def _alike(name: str | None, other: str | None) -> bool:
    """What is not known contradicts nothing."""
    first, second = folded(name), folded(other)
    if not (first and second):
        return True
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE_RATIO


def is_comparable(name: str) -> bool:
    """Whether anything is left of it once names are compared."""
    return bool(folded(name))
