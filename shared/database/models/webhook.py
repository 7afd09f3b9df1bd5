from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_organization,
    belongs_to_person,
    one_of,
    timestamp,
)
from shared.vocabulary import EventType


def _belongs_to_webhook() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "webhook_id"],
        ["webhooks.organization_id", "webhooks.id"],
        ondelete="RESTRICT",
    )


class Webhook(TenantRecord, table=True):
    """An address of an organization that is told of events."""

    __tablename__ = "webhooks"
    __table_args__ = (
        belongs_to_person("created_by"),
        UniqueConstraint("organization_id", "id"),
        CheckConstraint(r"url ~ '^https://[!-~]+$' AND length(url) <= 500", name="url_https"),
        CheckConstraint("length(description) <= 200", name="description_length"),
        CheckConstraint("jsonb_typeof(events) = 'array'", name="events_listed"),
    )

    created_by: UUID
    url: str = Field(sa_type=Text)
    description: str | None = Field(default=None, sa_type=Text)
    events: list[Any] = Field(sa_type=JSONB)
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    updated_at: datetime | None = timestamp()
    deleted_at: datetime | None = timestamp()


class OutgoingSecret(TenantRecord, table=True):
    """What outgoing calls are signed with or sign in with; the newest of its purpose counts.

    Added and never changed, and read by nobody but the sender: no request sees one again.
    """

    __tablename__ = "outgoing_secrets"
    __table_args__ = (
        belongs_to_organization(),
        belongs_to_person("created_by"),
        _belongs_to_webhook(),
        Index("ix_outgoing_secrets_newest", "organization_id", "webhook_id", "created_at"),
        CheckConstraint("overlap_until >= created_at", name="overlap_until_range"),
    )

    # Without one it is the secret of the organization's FHIR server.
    webhook_id: UUID | None = None
    created_by: UUID
    secret: str = Field(sa_type=Text)
    # Until when the secret before it is good too.
    overlap_until: datetime | None = timestamp()


class OutboxMessage(TenantRecord, table=True):
    """One event for one webhook, written in the transaction of the act; its id is `webhook-id`."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        _belongs_to_webhook(),
        one_of("event_type", EventType),
        CheckConstraint("attempts >= 0", name="attempts_range"),
        CheckConstraint("delivered_at IS NULL OR dead_at IS NULL", name="dead_at_undelivered"),
        Index("ix_outbox_messages_webhook", "organization_id", "webhook_id", "created_at"),
        Index(
            "ix_outbox_messages_due",
            "webhook_id",
            "next_at",
            postgresql_where=text("delivered_at IS NULL AND dead_at IS NULL"),
        ),
        Index("ix_outbox_messages_created", "created_at"),
    )

    webhook_id: UUID
    event_type: str = Field(sa_type=Text)
    # The bytes that are signed and sent, the same at each attempt.
    body: str = Field(sa_type=Text)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # When each attempt was made, and how it ended.
    history: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    next_at: datetime = timestamp(nullable=False)
    give_up_at: datetime = timestamp(nullable=False)
    delivered_at: datetime | None = timestamp()
    dead_at: datetime | None = timestamp()
