from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared import examples
from shared.schemas import Answer
from shared.text import Prose

HOLD: dict[str, Any] = {
    "id": "0199b0f4-5c0f-7000-8000-0000000000aa",
    "person_id": examples.PATIENT,
    "reason": "Claim 12 of 2026 is before the court",
    "placed_by": examples.CLINICIAN,
    "placed_at": "2026-11-27T09:31:12Z",
    "held_until": None,
    "released_at": None,
    "released_by": None,
}


class HoldCreate(BaseModel):
    """Why nothing of a person may be erased, and until when."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": HOLD["reason"]}}
    )

    reason: Prose = Field(min_length=3, max_length=500)
    held_until: AwareDatetime | None = Field(
        default=None, description="Without one it lasts until it is released"
    )


class HoldRead(Answer):
    """A legal hold, in force or over."""

    model_config = ConfigDict(json_schema_extra={"example": HOLD})

    id: UUID
    person_id: UUID
    reason: str | None
    placed_by: UUID
    placed_at: datetime
    held_until: datetime | None
    released_at: datetime | None
    released_by: UUID | None


class HoldList(Answer):
    """The legal holds on a person, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [HOLD]}})

    items: list[HoldRead]


class ErasureCreate(BaseModel):
    """What is to happen where something keeps the record."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"when_due": False}})

    when_due: bool = Field(
        default=False,
        description="Hide the person now, and let the schedule erase them once nothing keeps them",
    )


class ErasureRead(Answer):
    """What was erased, or when the schedule will."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "person_id": examples.PATIENT,
                "erased_at": "2026-11-27T09:31:12Z",
                "assessments": 12,
                "due_at": None,
            }
        }
    )

    person_id: UUID
    erased_at: datetime | None = None
    assessments: int | None = None
    due_at: datetime | None = None
