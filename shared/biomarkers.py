"""What a biomarker is, and where a value of it lies."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class BiomarkerStatus(StrEnum):
    """Where a value lies against its reference range."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"
    UNCLASSIFIED = "unclassified"  # no honest range exists for this person or recording


@dataclass(frozen=True)
class Biomarker:
    """An entry of a catalog: its unit (UCUM), the group it is shown in, one line about it."""

    name: str
    unit: str
    category: str
    description: str


def catalog[B: Biomarker](entries: Iterable[B]) -> dict[str, B]:
    """Return the entries by name; a name that stands twice is a mistake of the catalog."""
    listed = list(entries)
    named = {entry.name: entry for entry in listed}
    assert len(named) == len(listed), "a biomarker is declared twice"
    return named
