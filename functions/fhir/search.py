"""What clients search by, as FHIR writes it, and what that asks the database for."""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from functions.fhir.codes import BIOMARKERS
from functions.fhir.resources.elements import BIOMARKER, Resource
from shared.errors import InvalidRequest
from shared.moment import parse_moment

DATE = re.compile(r"(eq|ge|gt|le|lt|sa|eb)?(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
PREFIX = re.compile(r"(eq|ge|gt|le|lt|sa|eb)?(.+)", re.DOTALL)
PATIENT = re.compile(r"(?:Patient/)?([0-9a-fA-F-]{36})")
# Codes of one search; more make no search that anybody means.
MOST_VALUES = 64


@dataclass(frozen=True)
class Period:
    """From `start`, before `end`; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def within(self, other: "Period") -> "Period":
        starts = [moment for moment in (self.start, other.start) if moment]
        ends = [moment for moment in (self.end, other.end) if moment]
        return Period(max(starts, default=None), min(ends, default=None))


ALWAYS = Period()


@dataclass(frozen=True)
class Token:
    """A code with its system, or in any system; a system alone has no code."""

    system: str | None
    code: str | None

    def fits(self, system: str | None, code: str | None) -> bool:
        return self.system in (None, system) and self.code in (None, code)


# What a list is ordered by: when an assessment was sent, recorded, or changed last.
SENT, RECORDED, CHANGED = "created_at", "recorded_at", "changed_at"


@dataclass(frozen=True)
class Order:
    """What a list is ordered by, the newest first or last."""

    by: str = SENT
    is_descending: bool = True


NEWEST_FIRST = Order()
SORTS: Mapping[str, Order] = MappingProxyType(
    {
        "date": Order(RECORDED, is_descending=False),
        "-date": Order(RECORDED),
        "_lastUpdated": Order(CHANGED, is_descending=False),
        "-_lastUpdated": Order(CHANGED),
    }
)


@dataclass(frozen=True)
class Wanted:
    """Which assessments a search may be about; None leaves a filter out."""

    ids: tuple[UUID, ...] | None = None
    subject_id: UUID | None = None
    pipeline: str | None = None
    measured: tuple[str, ...] | None = None
    recorded: Period = ALWAYS
    changed: Period = ALWAYS
    # Whose records: of people who agreed to research, or whom the caller cares for.
    group: str | None = None
    is_deleted: bool = False
    order: Order = NEWEST_FIRST

    def conditions(self) -> tuple[str, ...]:
        """Return the names of the query's filters, those that take no value among them."""
        group = (self.group,) if self.group else ()
        return (*sorted(self.parameters()), *group, "deleted" if self.is_deleted else "stored")

    def parameters(self) -> dict[str, Any]:
        """Return what is asked for, by the names of the query's filters."""
        told = {
            "ids": self.ids,
            "subject_id": self.subject_id,
            "pipeline": self.pipeline,
            "measured": self.measured,
            "recorded_from": self.recorded.start,
            "recorded_before": self.recorded.end,
            "changed_from": self.changed.start,
            "changed_before": self.changed.end,
        }
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in told.items()
            if value is not None
        }


def period(given: Iterable[str], name: str) -> Period:
    """Read a date that was searched by, repeated where both ends are given.

    Raises
    ------
    InvalidRequest

    Examples
    --------
    >>> period(["ge2024-01-01", "lt2024-02"], "date").end
    datetime.datetime(2024, 2, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    within = Period()
    for words in given:
        within = within.within(_period(words, name))
    return within


def _period(words: str, name: str) -> Period:
    match = PREFIX.fullmatch(words)
    prefix, written = (match[1] or "eq", match[2]) if match else ("eq", "")
    try:
        start, end = _span(written)
    except (ValueError, OverflowError):
        raise InvalidRequest(
            f"{name}: expected a date or a moment with its offset, such as ge2024-01-15"
        ) from None
    bounds = {
        "eq": Period(start, end),
        "ge": Period(start, None),
        "gt": Period(end, None),
        "sa": Period(end, None),
        "le": Period(None, end),
        "lt": Period(None, start),
        "eb": Period(None, start),
    }
    return bounds[prefix]


def _span(written: str) -> tuple[datetime, datetime]:
    """Return what a date stands for: a year, a month, a day, or the moment itself."""
    match = DATE.fullmatch(written)
    if match is None or match[1]:
        moment = parse_moment(written)
        return moment, moment + timedelta(microseconds=1)
    year, month, day = int(match[2]), int(match[3] or 1), int(match[4] or 1)
    start = parse_moment(datetime(year, month, day, tzinfo=UTC))
    if match[4]:
        return start, start + timedelta(days=1)
    if match[3]:
        return start, start + timedelta(days=monthrange(year, month)[1])
    return start, datetime(year + 1, 1, 1, tzinfo=UTC)


def tokens(given: Sequence[str], name: str) -> tuple[Token, ...]:
    """Read codes that were searched by, separated by commas.

    Raises
    ------
    InvalidRequest
    """
    words = [word for part in given for word in part.split(",") if word]
    if len(words) > MOST_VALUES:
        raise InvalidRequest(f"{name}: at most {MOST_VALUES} codes make a search")
    return tuple(map(_token, words))


def _token(word: str) -> Token:
    if "|" not in word:
        return Token(None, word)
    system, _, code = word.partition("|")
    return Token(system, code or None)


def measured(wanted: Sequence[Token]) -> tuple[str, ...] | None:
    """Return the biomarkers that codes stand for, or None where one may be something else."""
    names: list[str] = []
    for token in wanted:
        own = [token.code] if token.system in (None, BIOMARKER) and token.code else []
        others = [
            name
            for name, codes in BIOMARKERS.items()
            if any(token.fits(code.system, code.code) for code in codes)
        ]
        if token.code is None or not (own or others) or token.code in {"rhythm", "risk_score"}:
            return None
        names += [*own, *others]
    return tuple(names) if wanted else None


def subject(given: str | None) -> UUID | None:
    """Read a reference to a patient.

    Raises
    ------
    InvalidRequest
    """
    if given is None:
        return None
    match = PATIENT.fullmatch(given)
    try:
        return UUID(match[1] if match else "")
    except ValueError:
        raise InvalidRequest("patient: expected Patient/ and the id of a person") from None


def has_code(resource: Resource, wanted: Sequence[Token]) -> bool:
    """Whether a resource's `code` is among these; any fits where none is wanted."""
    return not wanted or _fits([resource.get("code", {})], wanted)


def has_category(resource: Resource, wanted: Sequence[Token]) -> bool:
    return not wanted or _fits(resource.get("category", ()), wanted)


def _fits(concepts: Iterable[Resource], wanted: Sequence[Token]) -> bool:
    return any(
        token.fits(coding["system"], coding["code"])
        for concept in concepts
        for coding in concept.get("coding", ())
        for token in wanted
    )


def uuid_or_none(written: str) -> UUID | None:
    """Return the id that is written, or None where it is none of ours."""
    try:
        return UUID(written)
    except ValueError:
        return None
