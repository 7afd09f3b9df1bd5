from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import belongs_to_person, one_of, timestamp
from shared.database.models.export import Export, export_constraints

# Whose records an export is limited to: who agreed to research, whom its maker cares for.
EXPORT_GROUPS = ("research", "care-team")


class FhirExport(Export, table=True):
    """A bulk export: what was asked for, how far it is, and the files that it has made."""

    __tablename__ = "fhir_exports"
    __table_args__ = (
        belongs_to_person("created_by"),
        one_of("group_name", EXPORT_GROUPS),
        CheckConstraint("jsonb_typeof(types) = 'array'", name="types_listed"),
        CheckConstraint("assessments >= 0", name="assessments_range"),
        *export_constraints(),
        Index("ix_fhir_exports_maker", "organization_id", "created_by", "created_at"),
        Index("ix_fhir_exports_expired", "expires_at", postgresql_where=text("freed_at IS NULL")),
    )

    group_name: str | None = Field(default=None, sa_type=Text)
    types: list[Any] = Field(sa_type=JSONB)
    since: datetime | None = timestamp()
    # The address that was asked for; of people it may name none.
    request_url: str = Field(sa_type=Text)
    # What was changed before it is in the export; the next one begins there.
    until: datetime = timestamp(nullable=False)
    assessments: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
