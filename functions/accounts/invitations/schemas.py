from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared import examples
from shared.permissions import RoleName
from shared.schemas import Answer
from shared.text import EMAIL, Line

INVITATION: dict[str, Any] = {
    "id": "0199b0f4-5c12-7000-8000-000000000007",
    "email": "eve@example.org",
    "identity_subject": None,
    "person_id": None,
    "role": "researcher",
    "invited_by": examples.CLINICIAN,
    "created_at": "2026-11-27T09:31:12Z",
    "expires_at": "2026-12-11T09:31:12Z",
    "accepted_at": None,
    "accepted_by": None,
}


class InvitationCreate(BaseModel):
    """Who is invited, by a verified e-mail or by the identity provider's subject, and as what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"email": "eve@example.org", "role": "researcher"}},
    )

    email: Line | None = Field(default=None, max_length=254, pattern=EMAIL)
    identity_subject: Line | None = Field(default=None, min_length=1, max_length=255)
    role: RoleName
    person_id: UUID | None = Field(
        default=None, description="The patient, known here already, who will sign in"
    )
    days: int = Field(default=14, ge=1, le=90, description="How long it holds")

    @model_validator(mode="after")
    def _is_of_somebody(self) -> Self:
        if (self.email is None) == (self.identity_subject is None):
            raise ValueError("send `email` or `identity_subject`")
        if self.person_id and self.role != RoleName.PATIENT:
            raise ValueError("a patient who gets a login gets the role `patient`")
        return self


class InvitationRead(Answer):
    """An invitation; whoever signs in as its addressee accepts it by that."""

    model_config = ConfigDict(json_schema_extra={"example": INVITATION})

    id: UUID
    email: str | None
    identity_subject: str | None
    person_id: UUID | None
    role: RoleName
    invited_by: UUID
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    accepted_by: UUID | None


class InvitationList(Answer):
    """The newest first, at most a hundred; withdrawn invitations are left out."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [INVITATION]}})

    items: list[InvitationRead]
