from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp

# Of the organization, whoever it is about: an assessment can move to another person.
ASSESSMENT = ForeignKeyConstraint(
    ["organization_id", "assessment_id"],
    ["assessments.organization_id", "assessments.id"],
    ondelete="RESTRICT",
)


class ChatThread(TenantRecord, table=True):
    """One conversation about one person: about an assessment, or about their history."""

    __tablename__ = "chat_threads"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("created_by"),
        ASSESSMENT,
        UniqueConstraint("organization_id", "user_id", "id"),
        Index("ix_chat_threads_person", "organization_id", "user_id", "last_message_at"),
        Index("ix_chat_threads_author", "organization_id", "created_by", "created_at"),
        Index("ix_chat_threads_assessment", "organization_id", "assessment_id"),
    )

    user_id: UUID
    # Who asks in it; a patient sees no other conversation.
    created_by: UUID | None = None
    assessment_id: UUID | None = None
    title: str | None = Field(default=None, sa_type=Text)
    context: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    updated_at: datetime | None = timestamp()
    last_message_at: datetime | None = timestamp()
    deleted_at: datetime | None = timestamp()
