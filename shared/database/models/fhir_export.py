from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import TenantRecord, belongs_to_person, one_of, timestamp

# Whose records an export is limited to: who agreed to research, whom its maker cares for.
EXPORT_GROUPS = ("research", "care-team")


def _json(default: str) -> Any:
    return Field(sa_type=JSONB, sa_column_kwargs={"server_default": text(f"'{default}'")})


class FhirExport(TenantRecord, table=True):
    """A bulk export: what was asked for, how far it is, and the files that it has made."""

    __tablename__ = "fhir_exports"
    __table_args__ = (
        belongs_to_person("created_by"),
        one_of("group_name", EXPORT_GROUPS),
        CheckConstraint("jsonb_typeof(types) = 'array'", name="types_listed"),
        CheckConstraint("jsonb_typeof(files) = 'array'", name="files_listed"),
        CheckConstraint("assessments >= 0", name="assessments_range"),
        CheckConstraint(
            "completed_at IS NULL OR cancelled_at IS NULL", name="completed_at_not_cancelled"
        ),
        Index("ix_fhir_exports_maker", "organization_id", "created_by", "created_at"),
        Index("ix_fhir_exports_expired", "expires_at", postgresql_where=text("freed_at IS NULL")),
    )

    created_by: UUID
    group_name: str | None = Field(default=None, sa_type=Text)
    types: list[Any] = Field(sa_type=JSONB)
    since: datetime | None = timestamp()
    # The address that was asked for; of people it may name none.
    request_url: str = Field(sa_type=Text)
    # What was changed before it is in the export; the next one begins there.
    until: datetime = timestamp(nullable=False)
    # Where reading goes on.
    place: dict[str, Any] = _json("{}")
    assessments: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # Type, number of resources, size and hash of each file, in the order of their numbers.
    files: list[Any] = _json("[]")
    # Until when a request reads a slice: another one only looks on.
    leased_until: datetime | None = timestamp()
    completed_at: datetime | None = timestamp()
    cancelled_at: datetime | None = timestamp()
    expires_at: datetime = timestamp(nullable=False)
    freed_at: datetime | None = timestamp()
