from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Text, text
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, one_of, timestamp
from shared.vocabulary import ConsentKind


class Consent(TenantRecord, table=True):
    """What a person agreed to, by which text; closed where it was withdrawn, never removed."""

    __tablename__ = "consents"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("given_by"),
        belongs_to_person("withdrawn_by"),
        ForeignKeyConstraint(
            ["organization_id", "merge_id"],
            ["merges.organization_id", "merges.id"],
            ondelete="RESTRICT",
        ),
        one_of("kind", ConsentKind),
        # A policy asks for all who consented, an answer for what one person did.
        Index(
            "uq_consents_in_force",
            "organization_id",
            "kind",
            "user_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_consents_person", "organization_id", "user_id"),
        Index(
            "ix_consents_merge",
            "organization_id",
            "merge_id",
            postgresql_where=text("merge_id IS NOT NULL"),
        ),
    )

    user_id: UUID
    kind: str = Field(sa_type=Text)
    text_version: str = Field(sa_type=Text)
    # The person, or whoever recorded what the person said.
    given_by: UUID
    withdrawn_at: datetime | None = timestamp()
    withdrawn_by: UUID | None = None
    # The merge that handed it over from a duplicate, until that is undone.
    merge_id: UUID | None = None
