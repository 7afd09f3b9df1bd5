from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared import examples
from shared.moment import Moment
from shared.outgoing.addresses import CallableUrl
from shared.schemas import Answer
from shared.text import Line
from shared.vocabulary import EventType

SECRET = "whsec_c2hvd24gb25jZSBhbmQgbmV2ZXIgYWdhaW4gLi4uIC4="  # noqa: S105  # of no webhook
WEBHOOK: dict[str, Any] = {
    "id": "0199b0f4-5c15-7000-8000-000000000010",
    "url": "https://hooks.example.org/medilens",
    "description": "Electronic health record",
    "events": ["assessment.completed", "break_glass.opened"],
    "is_active": True,
    "created_by": examples.CLINICIAN,
    "created_at": "2026-11-27T09:31:12Z",
    "updated_at": None,
}
DELIVERY: dict[str, Any] = {
    "id": "0199b0f4-5c16-7000-8000-000000000011",
    "event_type": "assessment.completed",
    "state": "pending",
    "created_at": "2026-11-27T09:31:12Z",
    "next_at": "2026-11-27T09:31:44Z",
    "give_up_at": "2026-11-30T09:31:12Z",
    "delivered_at": None,
    "dead_at": None,
    "body": '{"data": {"subject_id": "..."}, "type": "assessment.completed"}',
    "attempts": [
        {
            "at": "2026-11-27T09:31:12Z",
            "outcome": "refused",
            "status": 503,
            "duration_ms": 41,
        }
    ],
}
MAX_OVERLAP_HOURS = 7 * 24


def _subscribed(events: list[EventType]) -> list[EventType]:
    if EventType.WEBHOOK_TEST in events:
        raise ValueError(f"{EventType.WEBHOOK_TEST} is sent when it is asked for")
    return list(dict.fromkeys(events))


Events = Annotated[
    list[EventType],
    Field(min_length=1, max_length=len(EventType)),
    AfterValidator(_subscribed),
]
Description = Annotated[Line, Field(min_length=1, max_length=200)]


class WebhookCreate(BaseModel):
    """An address, and the events that it is told of."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"url": WEBHOOK["url"], "events": WEBHOOK["events"]}},
    )

    url: CallableUrl
    events: Events
    description: Description | None = None


class WebhookChange(BaseModel):
    """What of a webhook changes; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_active": False}})

    # Nothing of these can be taken away, only replaced.
    url: CallableUrl = WEBHOOK["url"]
    events: Events = Field(default=WEBHOOK["events"])
    description: Description | None = None
    is_active: bool = True

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("names nothing to change")
        return self


class WebhookRead(Answer):
    """A webhook; its secret is shown when it is made, and never again."""

    model_config = ConfigDict(json_schema_extra={"example": WEBHOOK})

    id: UUID
    url: str
    description: str | None
    events: list[str]
    is_active: bool
    created_by: UUID
    created_at: datetime
    updated_at: datetime | None


class WebhookCreated(WebhookRead):
    """A new webhook; `secret` is shown this once."""

    model_config = ConfigDict(json_schema_extra={"example": WEBHOOK | {"secret": SECRET}})

    secret: str


class WebhookList(Answer):
    model_config = ConfigDict(json_schema_extra={"example": {"items": [WEBHOOK]}})

    items: list[WebhookRead]


class SecretRotation(BaseModel):
    """For how long deliveries are signed by the former secret too."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"overlap_hours": 24}})

    overlap_hours: int = Field(default=24, ge=0, le=MAX_OVERLAP_HOURS)


class SecretRotated(Answer):
    """The new secret, shown this once."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"secret": SECRET, "overlap_until": "2026-11-28T09:31:12Z"}}
    )

    secret: str
    overlap_until: datetime


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up after three days, or because the receiver said that it is gone


class DeliveryQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: DeliveryState | None = None
    before: Moment | None = None


class AttemptRead(Answer):
    """How one attempt ended: `status` is what the receiver answered, if it did."""

    at: datetime
    outcome: str
    status: int | None
    duration_ms: int


class DeliveryRead(Answer):
    """One event for one webhook; `id` is what it is sent under (`webhook-id`)."""

    model_config = ConfigDict(json_schema_extra={"example": DELIVERY})

    id: UUID
    event_type: str
    state: DeliveryState
    created_at: datetime
    next_at: datetime | None
    give_up_at: datetime
    delivered_at: datetime | None
    dead_at: datetime | None
    body: str
    attempts: list[AttemptRead]


class DeliveryList(Answer):
    """The newest first, at most a hundred; those older than the last are asked for by `before`."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [DELIVERY]}})

    items: list[DeliveryRead]
