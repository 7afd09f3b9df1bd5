from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from functions.accounts.consents.schemas import ConsentRead
from functions.accounts.time_zone import TimeZone
from shared import examples
from shared.schemas import Answer
from shared.text import Line

ME: dict[str, Any] = {
    "id": examples.CLINICIAN,
    "email": "clinician@example.org",
    "first_name": "Demo",
    "last_name": "Clinician",
    "date_of_birth": None,
    "sex_at_birth": None,
    "gender": None,
    "phone": None,
    "created_at": "2026-11-27T09:31:12Z",
    "organization": {
        "id": "0199b0f4-5c0f-7000-8000-000000000001",
        "name": "Demo clinic",
        "type": "clinic",
        "time_zone": "Europe/Berlin",
        "emergency_text": "In an emergency call 112.",
    },
    "roles": ["clinician"],
    "permissions": ["create_assessment", "view_assessments"],
    "profile": {
        "language": "en",
        "timezone": "Europe/Berlin",
        "fitzpatrick_type": None,
        "ethnicity": None,
    },
    "consents": [],
    "other_organizations": [],
}


class OwnOrganization(Answer):
    """Where the caller is; `emergency_text` is for whoever shows results to people."""

    id: UUID
    name: str
    type: str
    time_zone: str
    emergency_text: str | None


class OtherOrganization(Answer):
    """An organization that a token would have to name for the caller to act in it."""

    name: str
    identity_organization: str


class ProfileRead(Answer):
    language: str
    timezone: str
    fitzpatrick_type: int | None
    ethnicity: str | None


class MeRead(Answer):
    """The caller: the person, the organization of their token, what they may do."""

    model_config = ConfigDict(json_schema_extra={"example": ME})

    id: UUID
    email: str | None
    first_name: str | None
    last_name: str | None
    date_of_birth: date | None
    sex_at_birth: str | None
    gender: str | None
    phone: str | None
    created_at: datetime
    organization: OwnOrganization
    roles: list[str]
    permissions: list[str]
    profile: ProfileRead | None
    consents: list[ConsentRead]
    other_organizations: list[OtherOrganization]


class ProfileChange(BaseModel):
    """What a person may change of their own profile; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"language": "de"}})

    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)
    timezone: TimeZone = "UTC"
    fitzpatrick_type: int | None = Field(default=None, ge=1, le=6)
    ethnicity: Line | None = Field(default=None, max_length=200)
