from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_person,
    one_of,
    timestamp,
    within,
)
from shared.pipelines import PipelineName
from shared.vocabulary import AssessmentStatus, RiskLevel


class Assessment(TenantRecord, table=True):
    """One run of one pipeline on one recording of one person."""

    __tablename__ = "assessments"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("created_by"),
        belongs_to_person("reviewed_by"),
        belongs_to_person("deleted_by"),
        ForeignKeyConstraint(
            ["organization_id", "user_id", "predecessor_id"],
            ["assessments.organization_id", "assessments.user_id", "assessments.id"],
            ondelete="RESTRICT",
        ),
        UniqueConstraint("organization_id", "id"),
        # What the composite keys of its parts point at.
        UniqueConstraint("organization_id", "user_id", "id"),
        UniqueConstraint("organization_id", "created_by", "idempotency_key"),
        one_of("pipeline", PipelineName),
        one_of("status", AssessmentStatus),
        one_of("risk_level", RiskLevel),
        within("risk_score", 0, 100),
        within("confidence", 0, 1),
        within("quality_score", 0, 1),
        CheckConstraint("processing_time_ms >= 0", name="processing_time_ms_range"),
        CheckConstraint("revision >= 1", name="revision_range"),
        CheckConstraint("length(session_id) BETWEEN 1 AND 64", name="session_id_length"),
        CheckConstraint("length(idempotency_key) BETWEEN 1 AND 255", name="idempotency_key_length"),
        CheckConstraint(
            "(reviewed_at IS NULL) = (reviewed_by IS NULL)", name="reviewed_by_someone"
        ),
        # A person's list, newest first, and the list of an organization.
        Index("ix_assessments_person", "organization_id", "user_id", "created_at", "id"),
        Index("ix_assessments_organization", "organization_id", "created_at", "id"),
        Index(
            "ix_assessments_review_queue",
            "organization_id",
            "created_at",
            postgresql_where=text("requires_review AND reviewed_at IS NULL AND deleted_at IS NULL"),
        ),
        # Small, so that a history can leave out what was deleted at the cost of one page.
        Index(
            "ix_assessments_deleted",
            "organization_id",
            "user_id",
            "id",
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
        # What a worker has yet to finish.
        Index(
            "ix_assessments_unfinished",
            "created_at",
            postgresql_where=text("status IN ('pending', 'processing')"),
        ),
    )

    user_id: UUID
    created_by: UUID
    session_id: str = Field(sa_type=Text)
    pipeline: str = Field(sa_type=Text)
    pipeline_version: str = Field(sa_type=Text)
    status: str = Field(default=AssessmentStatus.PENDING, sa_type=Text)
    risk_score: float | None = Field(default=None, sa_type=Float)
    risk_level: str | None = Field(default=None, sa_type=Text)
    risk_points: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    confidence: float | None = Field(default=None, sa_type=Float)
    quality_score: float | None = Field(default=None, sa_type=Float)
    requires_review: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    review_reason: str | None = Field(default=None, sa_type=Text)
    # The latest sign-off, for lists and the queue; `sign_offs` holds them all.
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = timestamp()
    review_note: str | None = Field(default=None, sa_type=Text)
    # What could not be measured: its name, a code, a sentence.
    absent: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    # The words behind the citation keys of the values, as they were on the day.
    citations: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )
    warnings: list[Any] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    # Input hash, code version, models and parameters: what it takes to measure the same again.
    provenance: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )
    # Of the same recording, by earlier code.
    predecessor_id: UUID | None = None
    idempotency_key: str | None = Field(default=None, sa_type=Text)
    processing_time_ms: int | None = Field(default=None, sa_type=Integer)
    recorded_at: datetime = timestamp(default_now=True)
    completed_at: datetime | None = timestamp()
    updated_at: datetime | None = timestamp()
    deleted_at: datetime | None = timestamp()
    # When what it found went, with the parts; the row stays as the tombstone.
    purged_at: datetime | None = timestamp()
    deleted_by: UUID | None = None
    # How often it was changed, counted by the database: what ETag names.
    revision: int = Field(default=1, sa_type=Integer, sa_column_kwargs={"server_default": "1"})
