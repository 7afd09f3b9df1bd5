from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, one_of

THREAD = ForeignKeyConstraint(
    ["organization_id", "user_id", "thread_id"],
    ["chat_threads.organization_id", "chat_threads.user_id", "chat_threads.id"],
    ondelete="RESTRICT",
)


class ChatMessage(TenantRecord, table=True):
    """One turn of a conversation."""

    __tablename__ = "chat_messages"
    __table_args__ = (
        THREAD,
        belongs_to_person("created_by"),
        Index("ix_chat_messages_thread", "organization_id", "user_id", "thread_id", "created_at"),
        Index("ix_chat_messages_rests_on", "rests_on", postgresql_using="gin"),
        one_of("role", ("user", "assistant", "system")),
        CheckConstraint("tokens_used >= 0", name="tokens_used_range"),
    )

    user_id: UUID
    thread_id: UUID
    created_by: UUID | None = None
    # The assessments whose facts an answer holds: it goes with the first of them.
    rests_on: list[UUID] = Field(
        default_factory=list,
        sa_type=ARRAY(Uuid),
        sa_column_kwargs={"server_default": text("'{}'")},
    )
    role: str = Field(sa_type=Text)
    content: str = Field(sa_type=Text)
    model_used: str | None = Field(default=None, sa_type=Text)
    tokens_used: int | None = Field(default=None, sa_type=Integer)
    sources: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
