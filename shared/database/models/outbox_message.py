from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    one_of,
    timestamp,
)
from shared.database.models.webhook import belongs_to_webhook
from shared.vocabulary import EventType


class OutboxMessage(TenantRecord, table=True):
    """One event for one webhook, written in the transaction of the act; its id is `webhook-id`."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        belongs_to_webhook(),
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
