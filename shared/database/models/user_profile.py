from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_person,
    timestamp,
    within,
)


class UserProfile(TenantRecord, table=True):
    """What a person tells about themselves."""

    __tablename__ = "user_profiles"
    __table_args__ = (
        belongs_to_person(),
        UniqueConstraint("organization_id", "user_id"),
        within("fitzpatrick_type", 1, 6),
    )

    user_id: UUID
    fitzpatrick_type: int | None = None
    ethnicity: str | None = Field(default=None, sa_type=Text)
    medical_history: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    medications: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    allergies: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    language: str = Field(default="en", sa_type=Text, sa_column_kwargs={"server_default": "en"})
    timezone: str = Field(default="UTC", sa_type=Text, sa_column_kwargs={"server_default": "UTC"})
    updated_at: datetime | None = timestamp()
