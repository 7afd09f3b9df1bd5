from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlmodel import Field, SQLModel

from shared.database.models.base import NOW, Xid8, one_of


class AuditEvent(SQLModel, table=True):
    """Who did what to which record: written by the database, in the transaction of the act.

    No foreign keys, so nothing here can hold up or follow the deletion of anything else.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        PrimaryKeyConstraint("id", "created_at"),
        Index("ix_audit_events_organization", "organization_id", "created_at"),
        Index("ix_audit_events_subject", "organization_id", "subject_id", "created_at"),
        Index("ix_audit_events_xact", "xact", "id"),
        # What a record is held against when it is read.
        Index(
            "ix_audit_events_content",
            "resource_id",
            "created_at",
            postgresql_where=text("content_hash IS NOT NULL"),
        ),
        one_of("action", ("create", "read", "update", "delete", "restore", "execute")),
        one_of("outcome", ("success", "denied")),
        one_of("actor_type", ("user", "system")),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: int = Field(sa_type=BigInteger, sa_column_args=[Identity(always=True)])
    created_at: datetime = Field(
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": NOW},
    )
    organization_id: UUID
    user_id: UUID | None = None
    actor_type: str = Field(sa_type=Text)
    actor_role: str | None = Field(default=None, sa_type=Text)
    actor_ip: str | None = Field(default=None, sa_type=INET)
    user_agent: str | None = Field(default=None, sa_type=Text)
    request_id: str | None = Field(default=None, sa_type=Text)
    session_id: str | None = Field(default=None, sa_type=Text)
    action: str = Field(sa_type=Text)
    resource_type: str = Field(sa_type=Text)
    resource_id: UUID | None = None
    subject_id: UUID | None = None
    outcome: str = Field(sa_type=Text)
    phi_accessed: bool = Field(sa_type=Boolean)
    details: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )
    content_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    # The transaction that wrote the row: what is sealed is older than any that still runs.
    xact: int = Field(
        sa_type=Xid8,
        sa_column_kwargs={"nullable": False, "server_default": text("pg_current_xact_id()")},
    )
