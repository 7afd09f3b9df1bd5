from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared import examples
from shared.schemas import Answer
from shared.text import Prose

LONGEST_MINUTES = 60
MIN_REASON_CHARACTERS = 15
GRANT: dict[str, Any] = {
    "id": "0199b0f4-5c17-7000-8000-000000000012",
    "person_id": examples.PATIENT,
    "opened_by": examples.CLINICIAN,
    "reason": "Unconscious in the emergency room, no one of the team is there",
    "opened_at": "2026-11-27T09:31:12Z",
    "expires_at": "2026-11-27T10:31:12Z",
    "ended_at": None,
    "is_open": True,
    "review_due_at": "2026-11-30T09:31:12Z",
    "reviewed_at": None,
    "reviewed_by": None,
    "is_justified": None,
    "review_note": None,
}


def _reason(written: str) -> str:
    reason = written.strip()
    if len(reason) < MIN_REASON_CHARACTERS:
        raise ValueError(f"a reason has at least {MIN_REASON_CHARACTERS} characters")
    return reason


class BreakGlassOpen(BaseModel):
    """Whom the caller has to reach in an emergency, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"person_id": examples.PATIENT, "reason": GRANT["reason"], "minutes": 30}
        },
    )

    person_id: UUID
    reason: Annotated[Prose, AfterValidator(_reason)] = Field(
        min_length=MIN_REASON_CHARACTERS, max_length=500
    )
    minutes: int = Field(default=LONGEST_MINUTES, ge=1, le=LONGEST_MINUTES)


class GrantRead(Answer):
    """One emergency: who reached whom, from when until when, why, and what a reviewer says."""

    model_config = ConfigDict(json_schema_extra={"example": GRANT})

    id: UUID
    person_id: UUID
    opened_by: UUID
    reason: str
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    is_open: bool
    review_due_at: datetime
    reviewed_at: datetime | None
    reviewed_by: UUID | None
    is_justified: bool | None
    review_note: str | None


class GrantList(Answer):
    """At most a hundred."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [GRANT]}})

    items: list[GrantRead]


class ReviewState(StrEnum):
    DUE = "due"  # the longest open first
    DONE = "done"  # the latest first


class ReviewQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: ReviewState = ReviewState.DUE


class ReviewCreate(BaseModel):
    """What a reviewer says of an emergency."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"is_justified": True, "note": "Seen with the ward"}},
    )

    is_justified: bool
    note: Prose | None = Field(default=None, min_length=1, max_length=500)
