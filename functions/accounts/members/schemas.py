from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared import examples
from shared.permissions import RoleName
from shared.schemas import Answer
from shared.text import Prose

MAX_PAGE = 100

MEMBER: dict[str, Any] = {
    "id": examples.CLINICIAN,
    "first_name": "Demo",
    "last_name": "Clinician",
    "email": "clinician@example.org",
    "identity_subject": "user_2cd",
    "is_active": True,
    "created_at": "2026-11-27T09:31:12Z",
    "roles": [
        {
            "role": "clinician",
            "granted_at": "2026-11-27T09:31:12Z",
            "granted_by": None,
            "reason": "joined the ward",
        }
    ],
}


class HeldRole(Answer):
    """A role that a member holds; without `granted_by` it came with the organization."""

    role: RoleName
    granted_at: datetime
    granted_by: UUID | None
    reason: str | None


class MemberRead(Answer):
    """Somebody who can sign in, as long as `is_active`."""

    model_config = ConfigDict(json_schema_extra={"example": MEMBER})

    id: UUID
    first_name: str | None
    last_name: str | None
    email: str | None
    identity_subject: str
    is_active: bool
    created_at: datetime
    roles: list[HeldRole]


class MemberPage(Answer):
    """One page in the order of the ids; without `next_after` it is the last."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [MEMBER], "next_after": None}}
    )

    items: list[MemberRead]
    next_after: UUID | None


class MemberQuery(BaseModel):
    """Where a list goes on."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=20, ge=1, le=MAX_PAGE)
    after: UUID | None = Field(default=None, description="`next_after` of the page before")


class Reason(BaseModel):
    """Why a role is taken away."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "left the ward"}}
    )

    reason: Prose = Field(min_length=3, max_length=500, pattern=r"\S")


class RoleGrant(Reason):
    """A role, and why it is given."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"role": "clinician", "reason": "joined the ward"}},
    )

    role: RoleName
