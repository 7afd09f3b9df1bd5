from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import Record, one_of, timestamp


class Organization(Record, table=True):
    """A clinic or research group: the tenant."""

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("identity_organization"),
        one_of("type", ("clinic", "hospital", "research", "individual")),
    )

    name: str = Field(sa_type=Text)
    type: str = Field(default="clinic", sa_type=Text)
    # What the identity provider calls this organization in its tokens.
    identity_organization: str = Field(sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    phone: str | None = Field(default=None, sa_type=Text)
    address: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    settings: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    updated_at: datetime | None = timestamp()
    deleted_at: datetime | None = timestamp()

    @property
    def organization_id(self) -> UUID:
        return self.id
