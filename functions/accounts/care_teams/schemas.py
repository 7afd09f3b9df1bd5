from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared import examples
from shared.moment import Moment
from shared.schemas import Answer

ASSIGNED: dict[str, Any] = {
    "id": "0199b0f4-5c14-7000-8000-000000000009",
    "clinician_id": examples.CLINICIAN,
    "assigned_by": examples.CLINICIAN,
    "valid_from": "2026-11-27T09:31:12Z",
    "valid_until": None,
}


class AssignmentCreate(BaseModel):
    """Who cares for the person, from now on, and perhaps until when."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"clinician_id": examples.CLINICIAN}}
    )

    clinician_id: UUID
    valid_until: Moment | None = None


class AssignmentRead(Answer):
    """One clinician's care for one person; without `valid_until` it goes on."""

    model_config = ConfigDict(json_schema_extra={"example": ASSIGNED})

    id: UUID
    clinician_id: UUID
    assigned_by: UUID
    valid_from: datetime
    valid_until: datetime | None


class CareTeam(Answer):
    """Who cares for a person, and who did, newest first."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"person_id": examples.PATIENT, "items": [ASSIGNED]}}
    )

    person_id: UUID
    items: list[AssignmentRead]
