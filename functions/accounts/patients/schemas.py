from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from functions.accounts.patients.names import is_comparable
from shared import examples
from shared.moment import EARLIEST
from shared.schemas import Answer
from shared.text import EMAIL, Line

MAX_PAGE = 100
MAX_IDENTIFIERS = 16

IDENTIFIER: dict[str, Any] = {"system": "https://clinic.example.org/mrn", "value": "M-1001"}
NEW: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "Byron",
    "date_of_birth": "1975-12-10",
    "sex_at_birth": "female",
    "identifiers": [IDENTIFIER],
}
PATIENT: dict[str, Any] = {
    "id": examples.PATIENT,
    "first_name": "Ada",
    "last_name": "Byron",
    "date_of_birth": "1975-12-10",
    "sex_at_birth": "female",
    "gender": None,
    "email": None,
    "phone": None,
    "address": None,
    "identifiers": [IDENTIFIER],
    "is_active": True,
    "has_login": False,
    "revision": 1,
    "created_at": "2026-11-27T09:31:12Z",
    "updated_at": None,
}


def _born(day: date) -> date:
    """Refuse a day on which nobody whose record is kept was born; tomorrow may be a today."""
    if not EARLIEST.date() < day <= datetime.now(UTC).date():
        raise ValueError(f"lies before {EARLIEST.year} or in the future")
    return day


def _with_words(name: str) -> str:
    """Refuse what every name begins with: nothing that names are compared by."""
    if not is_comparable(name):
        raise ValueError("holds no letter and no digit")
    return name


BirthDate = Annotated[date, AfterValidator(_born)]
NamePart = Annotated[Line, Field(min_length=1, max_length=100, pattern=r"\S")]
Words = Annotated[NamePart, AfterValidator(_with_words)]
SexAtBirth = Literal["female", "male", "intersex", "unknown"]
Gender = Literal["female", "male", "other", "unknown"]


class Identifier(Answer):
    """What a system of the clinic calls a person, such as a medical record number."""

    system: Line = Field(min_length=1, max_length=200, pattern=r"^[^|\s]+$")
    value: Line = Field(min_length=1, max_length=100, pattern=r"^[^|\s](?:[^|]*[^|\s])?$")


class Address(Answer):
    """Where a person lives."""

    lines: list[Annotated[Line, Field(max_length=200)]] = Field(default=[], max_length=4)
    city: Line | None = Field(default=None, max_length=100)
    postal_code: Line | None = Field(default=None, max_length=20)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")


class PatientChange(BaseModel):
    """What of a person changes; what is left out stays, and null clears."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"phone": "+49 30 1"}})

    first_name: NamePart | None = None
    last_name: NamePart | None = None
    date_of_birth: BirthDate | None = None
    sex_at_birth: SexAtBirth | None = None
    gender: Gender | None = None
    email: Line | None = Field(default=None, max_length=254, pattern=EMAIL)
    phone: Line | None = Field(default=None, pattern=r"^[+0-9][0-9 ()/.-]{1,31}$")
    address: Address | None = None
    identifiers: list[Identifier] | None = Field(
        default=None, max_length=MAX_IDENTIFIERS, description="All of them: one left out is removed"
    )
    is_active: bool = True


class PatientCreate(PatientChange):
    """A person whom the organization examines; a name or an identifier has to tell who it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": NEW})

    is_active: Literal[True] = True
    not_duplicate_of: list[UUID] = Field(
        default=[], max_length=MAX_PAGE, description="People that a 409 named and that are others"
    )

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if not (self.last_name or self.identifiers):
            raise ValueError("a last name or an identifier is needed")
        return self


class PatientSearch(BaseModel):
    """Who is looked for: in one of three ways, in the body, for a name must not be in a URL."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"last_name": "Byron", "date_of_birth": "1975-12-10"}},
    )

    identifier: Identifier | None = None
    last_name: Words | None = None
    date_of_birth: BirthDate | None = None
    name_part: Words | None = Field(default=None, description="The beginnings of names")
    include_inactive: bool = False
    limit: int = Field(default=20, ge=1, le=MAX_PAGE)
    after: UUID | None = Field(default=None, description="`next_after` of the page before")

    @model_validator(mode="after")
    def _in_one_way(self) -> Self:
        by_birth = (self.last_name is not None, self.date_of_birth is not None)
        ways = [self.identifier is not None, all(by_birth), self.name_part is not None]
        if sum(ways) != 1 or any(by_birth) != all(by_birth):
            raise ValueError(
                "send `identifier`, or `last_name` with `date_of_birth`, or `name_part`"
            )
        return self


class PatientRead(Answer):
    """A person whom the organization examines; `revision` is what the `ETag` names."""

    model_config = ConfigDict(json_schema_extra={"example": PATIENT})

    id: UUID
    first_name: str | None
    last_name: str | None
    date_of_birth: date | None
    sex_at_birth: str | None
    gender: str | None
    email: str | None
    phone: str | None
    address: Address | None
    identifiers: list[Identifier]
    is_active: bool
    has_login: bool
    revision: int
    created_at: datetime
    updated_at: datetime | None


class PatientPage(Answer):
    """One page in the order of the ids; without `next_after` it is the last."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [PATIENT], "next_after": None}}
    )

    items: list[PatientRead]
    next_after: UUID | None
