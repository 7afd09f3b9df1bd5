from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_person,
    timestamp,
)


def belongs_to_webhook() -> ForeignKeyConstraint:
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
