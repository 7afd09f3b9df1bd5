from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp


class AuditQuestion(TenantRecord, table=True):
    """What a person asks about an entry of their access log, and what the organization answers."""

    __tablename__ = "audit_questions"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("asked_by"),
        belongs_to_person("answered_by"),
        CheckConstraint(
            "(answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL)",
            name="answer_by_someone",
        ),
        CheckConstraint("length(question) <= 10800", name="question_length"),
        CheckConstraint("length(answer) <= 21400", name="answer_length"),
        Index("ix_audit_questions_person", "organization_id", "user_id"),
    )

    user_id: UUID
    asked_by: UUID
    event_id: int = Field(sa_type=BigInteger)
    question: str = Field(sa_type=Text)
    answer: str | None = Field(default=None, sa_type=Text)
    answered_by: UUID | None = None
    answered_at: datetime | None = timestamp()
