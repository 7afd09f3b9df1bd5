from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared import examples
from shared.schemas import Answer
from shared.text import Prose

MOVED: dict[str, Any] = {
    "id": "0199b0f4-5c15-7000-8000-000000000021",
    "assessment_id": examples.ASSESSMENT,
    "from_person_id": "0199b0f4-5c11-7a02-8f3e-6d1b2c3a4e60",
    "to_person_id": examples.PATIENT,
    "reason": "recorded under the neighbor's name",
    "moved_by": examples.CLINICIAN,
    "created_at": "2026-11-27T09:31:12Z",
    "undone_at": None,
    "undone_by": None,
}


class MoveCreate(BaseModel):
    """Which assessment stands under the wrong person, whose it is, and how that is known."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {name: MOVED[name] for name in ("assessment_id", "to_person_id", "reason")}
        },
    )

    assessment_id: UUID
    to_person_id: UUID
    reason: Prose = Field(min_length=3, max_length=500)


MAX_PAGE = 100


class ChangeQuery(BaseModel):
    """Whose moves or merges, and where the list goes on."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID | None = Field(
        default=None, description="Only of this person, whichever of the two they are"
    )
    limit: int = Field(default=20, ge=1, le=MAX_PAGE)
    before: UUID | None = Field(default=None, description="`next_before` of the page before")


class MoveQuery(ChangeQuery):
    """Which moves, and where the list goes on."""

    assessment_id: UUID | None = Field(default=None, description="Only of this assessment")


class MoveRead(Answer):
    """A move; with `undone_at` the assessment went back."""

    model_config = ConfigDict(json_schema_extra={"example": MOVED})

    id: UUID
    assessment_id: UUID
    from_person_id: UUID
    to_person_id: UUID
    reason: str
    moved_by: UUID
    created_at: datetime
    undone_at: datetime | None
    undone_by: UUID | None


class MovePage(Answer):
    """One page, newest first; without `next_before` it is the last."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [MOVED], "next_before": None}}
    )

    items: list[MoveRead]
    next_before: UUID | None
