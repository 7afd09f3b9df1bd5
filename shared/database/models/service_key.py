from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp


class ServiceKey(TenantRecord, table=True):
    """What a program signs in with, as whoever made it and with a part of their permissions."""

    __tablename__ = "service_keys"
    __table_args__ = (
        belongs_to_person("created_by"),
        belongs_to_person("revoked_by"),
        UniqueConstraint("key_hash"),
        CheckConstraint("octet_length(key_hash) = 32", name="key_hash_length"),
        Index("ix_service_keys_organization", "organization_id", "id"),
    )

    created_by: UUID
    name: str = Field(sa_type=Text)
    # SHA-256 of the key, which nobody but its holder has.
    key_hash: bytes = Field(sa_type=LargeBinary)
    scopes: list[Any] = Field(sa_type=JSONB)
    # Networks that it may be used from; all where there are none.
    networks: list[Any] = Field(sa_type=JSONB)
    expires_at: datetime | None = timestamp()
    # To the hour.
    last_used_at: datetime | None = timestamp()
    revoked_at: datetime | None = timestamp()
    revoked_by: UUID | None = None
