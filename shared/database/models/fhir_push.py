from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp


class FhirPush(TenantRecord, table=True):
    """An assessment on its way to the organization's FHIR server: which one, and nothing of it.

    What is sent is read when it is sent, in the name of whoever asked.
    """

    __tablename__ = "fhir_pushes"
    __table_args__ = (
        belongs_to_person("created_by"),
        ForeignKeyConstraint(
            ["organization_id", "assessment_id"],
            ["assessments.organization_id", "assessments.id"],
            ondelete="RESTRICT",
        ),
        CheckConstraint("attempts >= 0", name="attempts_range"),
        CheckConstraint("delivered_at IS NULL OR dead_at IS NULL", name="dead_at_undelivered"),
        Index("ix_fhir_pushes_newest", "organization_id", "created_at"),
        Index("ix_fhir_pushes_assessment", "organization_id", "assessment_id"),
        Index(
            "ix_fhir_pushes_due",
            "organization_id",
            "next_at",
            postgresql_where=text("delivered_at IS NULL AND dead_at IS NULL"),
        ),
        Index("ix_fhir_pushes_created", "created_at"),
    )

    assessment_id: UUID
    created_by: UUID
    # The service key that asked in their name, if one did.
    key_id: UUID | None = None
    # Of our own addresses, as whoever asked wrote them: what is sent refers to them.
    base: str = Field(sa_type=Text)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # When each attempt was made, and how it ended.
    history: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    next_at: datetime = timestamp(nullable=False)
    give_up_at: datetime = timestamp(nullable=False)
    delivered_at: datetime | None = timestamp()
    dead_at: datetime | None = timestamp()
