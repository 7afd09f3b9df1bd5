"""The ids of resources: what a part of an assessment is called, and which part an id names.

FHIR gives an id 64 characters of a narrow alphabet. A part's id begins with its assessment's UUID
in base 36 and ends with the part's own name, hyphens in the place of underscores, so that it is
read without a table of ids.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
PLACES = 25  # of base 36, that 128 bits take
MOST_BITS = 128
FIRST_MOMENT, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
MAX_BIGINT = 2**63
# A moment in microseconds, some of the next millennium among them, and the number of a row.
ENTRY = re.compile(r"([0-9]{1,17})-([0-9]{1,19})")
PART = re.compile(rf"([0-9a-z]{{{PLACES}}})-([a-z0-9.-]{{1,38}})")


@dataclass(frozen=True)
class Part:
    """A part of an assessment: a biomarker, a picture, a sign-off."""

    assessment_id: UUID
    name: str


def part_id(assessment_id: UUID, name: str) -> str:
    """Return the id of a part of an assessment.

    Examples
    --------
    >>> part_id(UUID(int=36), "heart_rate")
    '0000000000000000000000010-heart-rate'
    """
    number, written = assessment_id.int, ""
    for _ in range(PLACES):
        number, digit = divmod(number, len(DIGITS))
        written = DIGITS[digit] + written
    return f"{written}-{name.replace('_', '-')}"


def part_of(written: str) -> Part | None:
    """Return the part that an id names, or None where it is the id of none.

    Examples
    --------
    >>> part_of("0000000000000000000000010-heart-rate")
    Part(assessment_id=UUID('00000000-0000-0000-0000-000000000024'), name='heart_rate')
    >>> part_of("heart-rate")
    """
    match = PART.fullmatch(written)
    number = int(match[1], len(DIGITS)) if match else -1
    if match is None or number.bit_length() > MOST_BITS:
        return None
    return Part(UUID(int=number), match[2].replace("-", "_"))


@dataclass(frozen=True)
class Entry:
    """An entry of the trail: when it was written, and its number."""

    created_at: datetime
    number: int


def entry_id(created_at: datetime, number: int) -> str:
    """Return the id of an entry of the trail, whose moment says where it is stored.

    Examples
    --------
    >>> entry_id(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), 4711)
    '1000000-4711'
    """
    return f"{(created_at - FIRST_MOMENT) // MICROSECOND}-{number}"


def entry_of(written: str) -> Entry | None:
    """Return the entry that an id names, or None where it is the id of none.

    Examples
    --------
    >>> entry_of("1000000-4711").number
    4711
    >>> entry_of("4711")
    """
    told = ENTRY.fullmatch(written)
    if told is None or int(told[2]) >= MAX_BIGINT - 1:
        return None
    return Entry(FIRST_MOMENT + int(told[1]) * MICROSECOND, int(told[2]))
