from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from shared.database.models.base import TenantRecord, belongs_to_person, one_of, timestamp
from shared.permissions import Scope


class Role(SQLModel, table=True):
    """What a person may do, and on whose records; seeded by a migration, the same everywhere."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("name"), one_of("scope", Scope))

    id: int = Field(
        primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False}
    )
    name: str = Field(sa_type=Text)
    description: str = Field(sa_type=Text)
    scope: str = Field(sa_type=Text)
    permissions: list[str] = Field(sa_type=JSONB)
    created_at: datetime = timestamp(default_now=True)


class UserRole(TenantRecord, table=True):
    """A role that a person holds in an organization."""

    __tablename__ = "user_roles"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("granted_by"),
        belongs_to_person("revoked_by"),
        ForeignKeyConstraint(["role_id"], ["roles.id"], ondelete="RESTRICT"),
        # Who was granted a role again after it was revoked has a row for each time.
        Index(
            "uq_user_roles_in_force",
            "organization_id",
            "user_id",
            "role_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    user_id: UUID
    role_id: int = Field(sa_type=SmallInteger)
    granted_by: UUID | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    revoked_at: datetime | None = timestamp()
    revoked_by: UUID | None = None
    revocation_reason: str | None = Field(default=None, sa_type=Text)
