from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared import examples
from shared.schemas import Answer
from shared.text import Prose

MERGED: dict[str, Any] = {
    "id": "0199b0f4-5c15-7000-8000-000000000031",
    "person_id": "0199b0f4-5c11-7a02-8f3e-6d1b2c3a4e60",
    "into_person_id": examples.PATIENT,
    "reason": "registered twice",
    "assessments": 3,
    "merged_by": examples.CLINICIAN,
    "created_at": "2026-11-27T09:31:12Z",
    "undone_at": None,
    "undone_by": None,
}


class MergeCreate(BaseModel):
    """Who is there twice, whose record stays, and how that is known."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {name: MERGED[name] for name in ("person_id", "into_person_id", "reason")}
        },
    )

    person_id: UUID = Field(description="The duplicate, which points at the other from then on")
    into_person_id: UUID
    reason: Prose = Field(min_length=3, max_length=500)


class MergeRead(Answer):
    """A merge and how many assessments it moved; with `undone_at` they went back."""

    model_config = ConfigDict(json_schema_extra={"example": MERGED})

    id: UUID
    person_id: UUID
    into_person_id: UUID
    reason: str
    assessments: int
    merged_by: UUID
    created_at: datetime
    undone_at: datetime | None
    undone_by: UUID | None


class MergePage(Answer):
    """One page, newest first; without `next_before` it is the last."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [MERGED], "next_before": None}}
    )

    items: list[MergeRead]
    next_before: UUID | None
