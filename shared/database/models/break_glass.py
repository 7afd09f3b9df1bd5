from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, timestamp


class BreakGlassGrant(TenantRecord, table=True):
    """An emergency: who reaches which person for how long, why, and what a reviewer says of it."""

    __tablename__ = "break_glass_grants"
    __table_args__ = (
        belongs_to_person(),
        *(belongs_to_person(key) for key in ("opened_by", "ended_by", "reviewed_by")),
        CheckConstraint("opened_by <> user_id", name="opened_by_other"),
        CheckConstraint("reviewed_by <> opened_by", name="reviewed_by_other"),
        CheckConstraint("length(reason) BETWEEN 15 AND 2800", name="reason_length"),
        CheckConstraint(
            "expires_at > created_at AND expires_at <= created_at + interval '60 minutes'",
            name="expires_at_range",
        ),
        CheckConstraint(
            "(reviewed_at IS NULL) = (reviewed_by IS NULL)"
            " AND (reviewed_at IS NULL) = (is_justified IS NULL)",
            name="reviewed_whole",
        ),
        CheckConstraint("length(review_note) <= 2800", name="review_note_length"),
        # Nobody has two open at once. Those that have expired are ended with the next.
        Index(
            "uq_break_glass_grants_open",
            "organization_id",
            "opened_by",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_break_glass_grants_opened", "organization_id", "opened_by", "created_at"),
        Index(
            "ix_break_glass_grants_unreviewed",
            "created_at",
            postgresql_where=text("reviewed_at IS NULL"),
        ),
    )

    user_id: UUID
    opened_by: UUID
    reason: str = Field(sa_type=Text)
    expires_at: datetime = timestamp(nullable=False)
    ended_at: datetime | None = timestamp()
    ended_by: UUID | None = None
    reminded_at: datetime | None = timestamp()
    reviewed_at: datetime | None = timestamp()
    reviewed_by: UUID | None = None
    is_justified: bool | None = None
    review_note: str | None = Field(default=None, sa_type=Text)
