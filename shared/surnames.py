"""What two spellings of a name have in common, by which people are compared and looked up.

A token of it lies in the database: what changes here leaves the tokens of before behind, so its
kind changes along, and `medilens keys encrypt` makes them anew.
"""

import unicodedata
from collections.abc import Sequence


def words(name: str | None) -> Sequence[str]:
    """Return the words of a name without case, accents and forms of compatibility."""
    decomposed = unicodedata.normalize("NFKD", name or "").casefold()
    plain = "".join(
        character if character.isalnum() else " "
        for character in decomposed
        if not unicodedata.combining(character)
    )
    return plain.split()


def folded(name: str | None) -> str:
    """Return a name as it is compared: its words, joined."""
    return "".join(words(name))
