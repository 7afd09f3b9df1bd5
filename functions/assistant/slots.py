"""Sentences with slots, and the one renderer that fills them: numbers come from nowhere else."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.assistant.facts import Fact

SLOT = re.compile(r"\{(F[1-9][0-9]*)\.([a-z]+)\}")


class UnknownSlot(ValueError):
    """A sentence names a fact that there is not, or a field that the fact does not have."""

    def __init__(self, slot: str) -> None:
        super().__init__(f"No fact has '{slot}'. Use a slot of the facts that were given.")
        self.slot = slot


@dataclass(frozen=True)
class Sentence:
    """A sentence with slots, and the catalog's name of it; free wording has none."""

    name: str | None
    text: str

    @property
    def facts(self) -> list[str]:
        """The facts it speaks of, each once."""
        return list(dict.fromkeys(key for key, _ in SLOT.findall(self.text)))


@dataclass(frozen=True)
class Rendered:
    """A sentence as it is read, the form that it was made of, and its facts."""

    name: str | None
    form: str
    text: str
    facts: tuple[str, ...]


def about(name: str, form: str, fact: Fact, **lists: str) -> Sentence:
    """Make a catalog's form, such as "{name} was {value}", a sentence about one fact."""
    slots = {field: f"{{{fact.key}.{field}}}" for field in fact.slots} | lists
    return Sentence(name, form.format_map(slots))


def listed(facts: Iterable[Fact], field: str, conjunction: str) -> str:
    """Return slots of several facts as an enumeration."""
    slots = [f"{{{fact.key}.{field}}}" for fact in facts]
    if len(slots) == 1:
        return slots[0]
    return f"{', '.join(slots[:-1])} {conjunction} {slots[-1]}"


def render(sentence: Sentence, facts: Mapping[str, Fact]) -> Rendered:
    """Fill the slots of a sentence.

    Raises
    ------
    UnknownSlot
    """

    def filled(slot: re.Match[str]) -> str:
        key, field = slot.groups()
        fact = facts.get(key)
        if fact is None or field not in fact.slots:
            raise UnknownSlot(slot.group())
        return fact.slots[field]

    text = _tidy(SLOT.sub(filled, sentence.text))
    return Rendered(sentence.name, sentence.text, text, tuple(sentence.facts))


def _tidy(text: str) -> str:
    """Close the gap that an empty unit leaves, and begin with a capital letter."""
    closed = (
        re.sub(r" +", " ", text).replace(" .", ".").replace(" ,", ",").replace(" %", "%").strip()
    )
    return closed[:1].upper() + closed[1:]
