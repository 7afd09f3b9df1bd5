from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.moment import Moment
from shared.schemas import Answer

PUSH: dict[str, Any] = {
    "id": "0199b0f4-5c21-7000-8000-000000000041",
    "assessment_id": "0199b0f4-5c10-7d4c-9b21-0a1f2e3d4c5b",
    "state": "delivered",
    "created_at": "2026-11-27T09:31:12Z",
    "next_at": None,
    "give_up_at": "2026-11-30T09:31:12Z",
    "delivered_at": "2026-11-27T09:31:13Z",
    "dead_at": None,
    "attempts": [
        {
            "at": "2026-11-27T09:31:12Z",
            "outcome": "delivered",
            "status": 200,
            "duration_ms": 212,
        }
    ],
}


class Job(StrEnum):
    PUSHES = "pushes"


class PushState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up after three days, or because whoever asked may not send it any more


class PushQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: PushState | None = None
    assessment_id: UUID | None = None
    before: Moment | None = None


class PushAttempt(Answer):
    """How one attempt ended: `status` is what the server answered, if it did."""

    at: datetime
    outcome: str
    status: int | None
    duration_ms: int


class PushRead(Answer):
    """One assessment on its way to the organization's FHIR server, with every attempt."""

    model_config = ConfigDict(json_schema_extra={"example": PUSH})

    id: UUID
    assessment_id: UUID
    state: PushState
    created_at: datetime
    next_at: datetime | None
    give_up_at: datetime
    delivered_at: datetime | None
    dead_at: datetime | None
    attempts: list[PushAttempt]


class PushList(Answer):
    """The newest first, at most a hundred; those older than the last are asked for by `before`."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [PUSH]}})

    items: list[PushRead]
