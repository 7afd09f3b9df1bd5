from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_organization,
    belongs_to_person,
    timestamp,
)
from shared.database.models.webhook import belongs_to_webhook


class OutgoingSecret(TenantRecord, table=True):
    """What outgoing calls are signed with or sign in with; the newest of its purpose counts.

    Added and never changed, and read by nobody but the sender: no request sees one again.
    """

    __tablename__ = "outgoing_secrets"
    __table_args__ = (
        belongs_to_organization(),
        belongs_to_person("created_by"),
        belongs_to_webhook(),
        Index("ix_outgoing_secrets_newest", "organization_id", "webhook_id", "created_at"),
        CheckConstraint("overlap_until >= created_at", name="overlap_until_range"),
    )

    # Without one it is the secret of the organization's FHIR server.
    webhook_id: UUID | None = None
    created_by: UUID
    secret: str = Field(sa_type=Text)
    # Until when the secret before it is good too.
    overlap_until: datetime | None = timestamp()
