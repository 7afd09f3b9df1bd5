from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared import examples
from shared.schemas import Answer
from shared.vocabulary import ConsentKind

GIVEN: dict[str, Any] = {
    "kind": "research",
    "text_version": "2026-03",
    "given_at": "2026-11-27T09:31:12Z",
    "given_by": examples.PATIENT,
    "withdrawn_at": None,
    "withdrawn_by": None,
}


class ConsentCreate(BaseModel):
    """What is agreed to, in the words of which version of its text."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"kind": "research", "text_version": "2026-03"}},
    )

    kind: ConsentKind
    text_version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class ConsentRead(Answer):
    """A consent; whoever is not the person themselves has recorded it for them."""

    model_config = ConfigDict(json_schema_extra={"example": GIVEN})

    kind: ConsentKind
    text_version: str
    given_at: datetime
    given_by: UUID
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None


class Consents(Answer):
    """What a person has agreed to, and has withdrawn, newest first."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"person_id": examples.PATIENT, "items": [GIVEN]}}
    )

    person_id: UUID
    items: list[ConsentRead]
