from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp


class CareAssignment(TenantRecord, table=True):
    """Who cares for whom, from when until when; where the organization says so, only they see."""

    __tablename__ = "care_assignments"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("clinician_id"),
        belongs_to_person("assigned_by"),
        CheckConstraint("valid_until >= valid_from", name="valid_until_range"),
        # A policy asks whom one clinician cares for, an answer who cares for one person.
        Index("ix_care_assignments_clinician", "organization_id", "clinician_id", "user_id"),
        Index("ix_care_assignments_person", "organization_id", "user_id"),
    )

    user_id: UUID
    clinician_id: UUID
    assigned_by: UUID
    valid_from: datetime = timestamp(default_now=True)
    valid_until: datetime | None = timestamp()
