from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared import examples
from shared.moment import Moment
from shared.schemas import Answer
from shared.text import Line, Prose

EVENT: dict[str, Any] = {
    "id": 4711,
    "created_at": "2026-11-27T09:31:12Z",
    "seq": 4012,
    "user_id": examples.CLINICIAN,
    "actor_type": "user",
    "actor_role": "clinician",
    "actor_ip": "192.0.2.7",
    "user_agent": "Mozilla/5.0",
    "request_id": "0199b0f4-8a6e-7c35-9d1e-2f6a40c8b713",
    "session_id": None,
    "action": "read",
    "resource_type": "assessments",
    "resource_id": examples.ASSESSMENT,
    "subject_id": examples.PATIENT,
    "outcome": "success",
    "phi_accessed": True,
    "details": {"rows": 1},
}
ENTRY: dict[str, Any] = {
    "id": 4711,
    "at": "2026-11-27T09:31:12Z",
    "who": "Ada Byron, a clinician",
    "person_id": examples.CLINICIAN,
    "role": "clinician",
    "what": "looked at one of your assessments",
    "why": None,
    "outcome": "success",
    "record_type": "assessments",
    "record_id": examples.ASSESSMENT,
}
QUESTION: dict[str, Any] = {
    "id": "0199b0f4-5c14-7000-8000-000000000021",
    "created_at": "2026-11-27T10:00:00Z",
    "subject_id": examples.PATIENT,
    "asked_by": examples.PATIENT,
    "event_id": 4711,
    "question": "I do not know this clinician. Why did they look at my record?",
    "answer": None,
    "answered_by": None,
    "answered_at": None,
}
VERIFICATION: dict[str, Any] = {
    "organization_id": "0199b0f4-5c0f-7000-8000-000000000001",
    "is_intact": True,
    "fault": None,
    "verified_to": 4012,
    "is_complete": True,
    "unsealed": 3,
    "unsealed_since": "2026-11-27T09:31:12Z",
    "checkpoint": {
        "number": 1204,
        "made_at": "2026-11-27T09:31:01Z",
        "seq": 4009,
        "is_signed": True,
        "fault": None,
        "breaks": [],
    },
}


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


class EventQuery(BaseModel):
    """Which events are shown; a filter that is not known is refused, not left out."""

    model_config = ConfigDict(extra="forbid")

    user_id: UUID | None = Field(default=None, description="Who did it")
    subject_id: UUID | None = Field(default=None, description="Whose record it was")
    action: Literal["create", "read", "update", "delete", "restore", "execute"] | None = None
    resource_type: str | None = Field(default=None, pattern=r"^[a-z][a-z_]{0,62}$")
    resource_id: UUID | None = None
    outcome: Literal["success", "denied"] | None = None
    request_id: Line | None = Field(default=None, min_length=1, max_length=256)
    created_from: Moment | None = None
    created_to: Moment | None = None
    limit: int = Field(default=100, ge=1, le=1000)
    cursor: str | None = Field(default=None, max_length=512)
    format: Format = Field(
        default=Format.JSON,
        description="CSV and NDJSON name the next page in the header `Link` (rel=next)",
    )


class EventRead(Answer):
    """A row of the trail; without `seq` it waits for its seal."""

    model_config = ConfigDict(json_schema_extra={"example": EVENT})

    id: int
    created_at: datetime
    seq: int | None
    user_id: UUID | None
    actor_type: str
    actor_role: str | None
    actor_ip: str | None
    user_agent: str | None
    request_id: str | None
    session_id: str | None
    action: str
    resource_type: str
    resource_id: UUID | None
    subject_id: UUID | None
    outcome: str
    phi_accessed: bool
    details: dict[str, Any]


class EventPage(Answer):
    """One page of the trail, newest first; without `next_cursor` it is the last."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [EVENT], "next_cursor": None}}
    )

    items: list[EventRead]
    next_cursor: str | None


class LogQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subject_id: UUID | None = Field(default=None, description="The person; by default the caller")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=512)


class LogEntry(Answer):
    """Who looked at what of a person's, or changed it, in words; `id` is what to ask about."""

    model_config = ConfigDict(json_schema_extra={"example": ENTRY})

    id: int
    at: datetime
    who: str
    person_id: UUID | None
    role: str | None
    what: str
    why: str | None
    outcome: str
    record_type: str
    record_id: UUID | None


class AccessLog(Answer):
    """Whatever touched a person's record, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"subject_id": examples.PATIENT, "items": [ENTRY], "next_cursor": None}
        }
    )

    subject_id: UUID
    items: list[LogEntry]
    next_cursor: str | None


class QuestionCreate(BaseModel):
    """What somebody wants to know about an entry of their access log."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"event_id": QUESTION["event_id"], "question": QUESTION["question"]}
        },
    )

    event_id: int = Field(ge=1, lt=2**63)
    question: Prose = Field(min_length=3, max_length=2000)
    subject_id: UUID | None = Field(default=None, description="Whose log; by default the caller's")


class AnswerCreate(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"answer": "She stood in for your clinician that week."}},
    )

    answer: Prose = Field(min_length=3, max_length=4000)


class QuestionRead(Answer):
    """A question about an entry of an access log, and the organization's answer."""

    model_config = ConfigDict(json_schema_extra={"example": QUESTION})

    id: UUID
    created_at: datetime
    subject_id: UUID
    asked_by: UUID
    event_id: int
    question: str
    answer: str | None
    answered_by: UUID | None
    answered_at: datetime | None


class Questions(Answer):
    """Questions within reach, the newest 200 first."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [QUESTION]}})

    items: list[QuestionRead]


class Fault(Answer):
    """What is not as it was sealed: `seq` is the first row of it, `rows` how many there are."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "rows-missing",
                "seq": 17,
                "event_id": 4711,
                "event_at": "2026-11-27T09:31:12Z",
                "rows": 12,
            }
        }
    )

    code: str
    seq: int | None
    event_id: int | None
    event_at: datetime | None
    rows: int


class CheckpointRead(Answer):
    """What the latest checkpoint says of the organization's chain."""

    model_config = ConfigDict(json_schema_extra={"example": VERIFICATION["checkpoint"]})

    number: int
    made_at: datetime
    seq: int | None
    is_signed: bool
    fault: str | None
    breaks: list[dict[str, Any]]


class Verification(Answer):
    """Whether the trail is as it was sealed, and how much of it is not sealed yet."""

    model_config = ConfigDict(json_schema_extra={"example": VERIFICATION})

    organization_id: UUID
    is_intact: bool
    fault: Fault | None
    verified_to: int
    is_complete: bool
    unsealed: int
    unsealed_since: datetime | None
    checkpoint: CheckpointRead | None
