from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from shared.database.models.base import TenantRecord, timestamp


def _json(default: str) -> Any:
    return Field(sa_type=JSONB, sa_column_kwargs={"server_default": text(f"'{default}'")})


class Export(TenantRecord):
    """What every export has: how far it is, the files that it has made, until when they lie."""

    created_by: UUID
    # Where reading goes on.
    place: dict[str, Any] = _json("{}")
    # Size and hash of each file, in the order of their numbers.
    files: list[Any] = _json("[]")
    # How many names of objects were given out, whether something was stored under them or not.
    objects: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # Until when a request reads a slice: another one only looks on.
    leased_until: datetime | None = timestamp()
    completed_at: datetime | None = timestamp()
    cancelled_at: datetime | None = timestamp()
    expires_at: datetime = timestamp(nullable=False)
    freed_at: datetime | None = timestamp()


def export_constraints() -> tuple[CheckConstraint, CheckConstraint]:
    return (
        CheckConstraint("jsonb_typeof(files) = 'array'", name="files_listed"),
        CheckConstraint(
            "completed_at IS NULL OR cancelled_at IS NULL", name="completed_at_not_cancelled"
        ),
    )
