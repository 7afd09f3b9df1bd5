"""Who is examined: the person that a request names, and what is known of them already."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, get_args

from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import people
from shared.database.repositories.terms import Terms
from shared.errors import NotFound
from shared.examination.request import AnalysisRequest
from shared.permissions import Permission
from shared.record import Json
from shared.vocabulary import Sex

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# The sexes that reference ranges are given by, and the ages that forms take.
SEXES = frozenset(get_args(Sex))
AGES_YEARS = range(131)


async def identified(caller: Caller, requested: AnalysisRequest) -> AnalysisRequest:
    """Return the request with the person's id in place of the clinic's identifier.

    Raises
    ------
    NotFound, Forbidden, Unavailable
    """
    if requested.subject_identifier is None:
        return requested
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        person = await people.find_by_identifier(connection, *requested.subject_identifier)
        if person is None:
            raise NotFound("There is no such person.", resource_type="users")
    return replace(requested, subject_id=person, subject_identifier=None)


def from_person(
    terms: Terms, recorded_at: datetime, fields: "DataclassInstance"
) -> Mapping[str, Json]:
    """Return `sex` and `age_years` of a person, where the form has them and they were left out."""
    missing = {name for name in ("sex", "age_years") if getattr(fields, name, ...) is None}
    return {name: value for name, value in _told(terms, recorded_at).items() if name in missing}


def _told(terms: Terms, recorded_at: datetime) -> Mapping[str, Json]:
    told: dict[str, Json] = {}
    if terms.sex_at_birth in SEXES:
        told["sex"] = terms.sex_at_birth
    if terms.date_of_birth:
        age_years = age_on(recorded_at.astimezone(terms.time_zone).date(), terms.date_of_birth)
        if age_years in AGES_YEARS:
            told["age_years"] = age_years
    return told


def age_on(day: date, born: date) -> int:
    """Return completed years on a day; negative before the birth."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
