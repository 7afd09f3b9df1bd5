from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
)
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_organization,
    belongs_to_person,
    timestamp,
)


class Invitation(TenantRecord, table=True):
    """Whom an organization waits for, by e-mail or subject, and the role that they will get."""

    __tablename__ = "invitations"
    __table_args__ = (
        belongs_to_organization(),
        belongs_to_person("person_id"),
        belongs_to_person("invited_by"),
        belongs_to_person("accepted_by"),
        ForeignKeyConstraint(["role_id"], ["roles.id"], ondelete="RESTRICT"),
        CheckConstraint("num_nonnulls(email, identity_subject) = 1", name="addressee"),
        Index("ix_invitations_organization", "organization_id", "id"),
        Index("ix_invitations_email", "organization_id", "email_token"),
    )

    email: str | None = Field(default=None, sa_type=Text)
    # Equal for equal addresses of the organization: what the token's own is compared with.
    email_token: bytes | None = Field(default=None, sa_type=LargeBinary)
    identity_subject: str | None = Field(default=None, sa_type=Text)
    # A patient who was examined before they could sign in.
    person_id: UUID | None = None
    role_id: int = Field(sa_type=SmallInteger)
    invited_by: UUID
    expires_at: datetime = timestamp(nullable=False)
    accepted_at: datetime | None = timestamp()
    accepted_by: UUID | None = None
    deleted_at: datetime | None = timestamp()
