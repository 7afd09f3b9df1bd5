import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from functions.accounts.time_zone import TimeZone
from shared.outgoing.addresses import CallableUrl
from shared.permissions import RoleName
from shared.schemas import Answer
from shared.text import Line, Prose

SETTINGS: dict[str, Any] = {
    "visibility": "organization",
    "time_zone": "Europe/Berlin",
    "just_in_time": False,
    "default_role": None,
    "retention_years": {"assessments": 10, "recordings": 10, "conversations": 7},
    "report_head": "Ward 3, Example Clinic",
    "report_logo": None,
    "emergency_text": "In an emergency call 112.",
    "are_explanations_allowed": False,
    "explanations_per_month": 1_000,
    "explanation_tokens_per_month": 5_000_000,
    "models_allowed": None,
    "analyses_per_day": None,
}
SHOWN_SETTINGS: dict[str, Any] = {
    **SETTINGS,
    "fhir_server": {
        "url": "https://fhir.example.org/r4",
        "has_secret": True,
        "changed_at": "2026-11-27T09:31:12Z",
    },
}
ORGANIZATION: dict[str, Any] = {
    "id": "0199b0f4-5c0f-7000-8000-000000000001",
    "name": "Ward 3",
    "type": "clinic",
    "identity_organization": "org_ward",
    "settings": SHOWN_SETTINGS,
}
# As a page shows it at twice its size; larger pictures make every report slow.
MAX_LOGO_CHARACTERS = 65_536
LOGO = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}")


def _logo(written: str) -> str:
    if not LOGO.fullmatch(written):
        raise ValueError("expected a PNG or JPEG picture as a data: address in base64")
    return written


Logo = Annotated[str, Field(max_length=MAX_LOGO_CHARACTERS), AfterValidator(_logo)]
Years = Annotated[int, Field(ge=1, le=100)]
PerDay = Annotated[int, Field(ge=0, le=1_000_000)]


class RetentionYears(BaseModel):
    """How many years after the last encounter a class of records is kept."""

    model_config = ConfigDict(extra="forbid")

    assessments: Years = 7
    recordings: Years = 7
    conversations: Years = 7


class OrganizationSettings(BaseModel):
    """How an organization works; what was never set is as it is here."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": SETTINGS})

    # Whom a clinician reaches: everybody, or who is assigned to them.
    visibility: Literal["organization", "care_team"] = "organization"
    time_zone: TimeZone = "UTC"
    # Whether a verified token of the organization lets somebody new in, and as what.
    just_in_time: bool = False
    default_role: Literal[RoleName.PATIENT, RoleName.CLINICIAN, RoleName.RESEARCHER] | None = None
    retention_years: RetentionYears = RetentionYears()
    report_head: Prose | None = Field(default=None, max_length=500)
    report_logo: Logo | None = None
    emergency_text: Prose | None = Field(default=None, max_length=1_000)
    are_explanations_allowed: bool = False
    # What the operator's language model may be asked for; beyond it the template is served.
    explanations_per_month: int = Field(default=1_000, ge=0, le=10_000_000)
    explanation_tokens_per_month: int = Field(default=5_000_000, ge=0, le=100_000_000_000)
    # The operator's models that may have a say in analyses, by name; null is all of them.
    models_allowed: list[Annotated[Line, Field(max_length=100)]] | None = Field(
        default=None, max_length=16
    )
    # Of the organization's own day; what failed, and what was deleted, counts too.
    analyses_per_day: PerDay | None = None


class FhirServer(Answer):
    """Where the organization's FHIR server is; what MediLens signs in with there is not shown."""

    url: str
    has_secret: bool
    changed_at: datetime


class FhirServerChange(BaseModel):
    """Where the FHIR server is, and the secret for it: neither is changed without the other.

    An address alone could be pointed at whoever wants to know the secret.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"url": "https://fhir.example.org/r4", "secret": "shown to nobody again"}
        },
    )

    url: CallableUrl
    secret: SecretStr | None = Field(default=None, min_length=1, max_length=4_096)


class SettingsRead(OrganizationSettings):
    """The settings, and what is set elsewhere."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": SHOWN_SETTINGS})

    # Changed by a route of its own, for its secret.
    fhir_server: FhirServer | None = None


class OrganizationChange(OrganizationSettings):
    """What of the settings changes; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"visibility": "care_team"}}
    )


class OrganizationRead(Answer):
    """The caller's organization."""

    model_config = ConfigDict(json_schema_extra={"example": ORGANIZATION})

    id: UUID
    name: str
    type: str
    identity_organization: str
    settings: SettingsRead
