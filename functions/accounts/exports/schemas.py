from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from shared import examples
from shared.schemas import Answer

ARCHIVE: dict[str, Any] = {
    "name": "record-1.zip",
    "size_bytes": 48_210_933,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "address": "https://recordings.s3.eu-central-1.amazonaws.com/exports/…",
}


class ArchiveRead(Answer):
    """A zip of an export, complete in itself; unpacked in one folder they make up the whole."""

    model_config = ConfigDict(json_schema_extra={"example": ARCHIVE})

    name: str
    size_bytes: int
    sha256: str
    address: str | None = Field(
        description="Once the export has ended: hands the archive over for fifteen minutes"
    )


class ExportRead(Answer):
    """How far an export of a person is, and where its archives are fetched."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "0199b0f4-5c0f-7000-8000-0000000000ab",
                "person_id": examples.PATIENT,
                "is_finished": True,
                "reading": None,
                "archives": [ARCHIVE],
                "began_at": "2026-11-27T09:31:12Z",
                "expires_at": "2026-11-28T09:31:12Z",
            }
        }
    )

    id: UUID
    person_id: UUID
    is_finished: bool
    reading: str | None = Field(description="The table that is read next, or `recordings`")
    archives: list[ArchiveRead]
    began_at: datetime
    expires_at: datetime
