"""The parameters that reports and observations are searched by."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from functions.fhir import paging, search
from functions.fhir.answering import Count, Cursor, Format
from functions.fhir.examinations.queries import Place
from functions.fhir.ids import part_of
from functions.fhir.resources.elements import Resource
from functions.fhir.search import Token, Wanted
from shared.errors import InvalidRequest
from shared.text import Line

PatientReference = Annotated[
    str | None, Query(max_length=64, description="Patient/ and an id, or the id alone")
]
Ids = Annotated[Line | None, Query(alias="_id", max_length=4096, description="Ids, by commas")]
Codes = Annotated[list[Line] | None, Query(max_length=16, description="system|code, by commas")]
Dates = Annotated[list[str] | None, Query(max_length=4, description="Such as ge2026-01-01")]
Changed = Annotated[list[str] | None, Query(alias="_lastUpdated", max_length=4)]
Sort = Annotated[
    Literal["date", "-date", "_lastUpdated", "-_lastUpdated"] | None,
    Query(alias="_sort", description="Without it, what was sent last comes first"),
]
Status = Annotated[Line | None, Query(max_length=256, description="Statuses, by commas")]


@dataclass(frozen=True)
class Asked:
    """A search as it was asked for."""

    wanted: Wanted
    ids: tuple[str, ...] | None
    codes: tuple[Token, ...]
    categories: tuple[Token, ...]
    statuses: frozenset[str]
    count: int
    place: Place | None

    def fits(self, resource: Resource) -> bool:
        return (
            (self.ids is None or resource["id"] in self.ids)
            and search.has_code(resource, self.codes)
            and search.has_category(resource, self.categories)
            and (not self.statuses or resource["status"] in self.statuses)
        )


async def asked(
    patient: PatientReference = None,
    subject: PatientReference = None,
    ids: Ids = None,
    code: Codes = None,
    category: Codes = None,
    date: Dates = None,
    status: Status = None,
    last_updated: Changed = None,
    sort: Sort = None,
    count: Count = 20,
    cursor: Cursor = None,
    _format: Format = None,
) -> Asked:
    """Read the parameters of a search.

    Raises
    ------
    InvalidRequest, InvalidCursor
    """
    listed = tuple(filter(None, ids.split(","))) if ids is not None else None
    wanted = Wanted(
        ids=None if listed is None else _assessments(listed),
        subject_id=search.subject(_either(patient, subject)),
        recorded=search.period(date or (), "date"),
        changed=search.period(last_updated or (), "_lastUpdated"),
        order=search.SORTS[sort] if sort else search.NEWEST_FIRST,
    )
    return Asked(
        wanted,
        listed,
        search.tokens(code or (), "code"),
        search.tokens(category or (), "category"),
        frozenset((status or "").split(",")) - {""},
        count,
        paging.read(cursor),
    )


def _either(patient: str | None, subject: str | None) -> str | None:
    if patient and subject and patient != subject:
        raise InvalidRequest("patient: names another person than subject")
    return patient or subject


def _assessments(ids: tuple[str, ...]) -> tuple[UUID, ...]:
    """Return the assessments that ids name, or are of parts of; others name nothing."""
    if len(ids) > search.MOST_VALUES:
        raise InvalidRequest(f"_id: at most {search.MOST_VALUES} ids make a search")
    return tuple(key for key in map(assessment_of, ids) if key)


def assessment_of(written: str) -> UUID | None:
    """Return the assessment that an id names, or is of a part of."""
    if part := part_of(written):
        return part.assessment_id
    try:
        return UUID(written)
    except ValueError:
        return None
