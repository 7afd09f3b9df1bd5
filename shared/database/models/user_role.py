from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, SmallInteger, Text, text
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp


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
