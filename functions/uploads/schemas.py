from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared import examples
from shared.database.repositories.uploads import Upload
from shared.examination.file_types import KEPT_SUFFIXES, KINDS
from shared.schemas import Answer

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ANNOUNCED: dict[str, Any] = {
    "content_type": "audio/wav",
    "size_bytes": 1_920_044,
    "sha256": SHA256,
    "subject_id": examples.PATIENT,
}
UPLOAD: dict[str, Any] = {
    **ANNOUNCED,
    "upload_id": "0199b0f4-9b01-7f20-a1c2-3d4e5f607182",
    "status": "pending",
    "suffix": None,
    "assessment_id": None,
    "created_at": "2026-11-27T09:30:00Z",
    "completed_at": None,
    "expires_at": "2026-11-28T09:30:00Z",
}
SIGNED: dict[str, Any] = {
    "method": "PUT",
    "url": "https://recordings.s3.eu-central-1.amazonaws.com/...?X-Amz-Signature=...",
    "headers": {"content-type": "audio/wav"},
    "expires_at": "2026-11-27T09:45:00Z",
}


class UploadCreate(BaseModel):
    """What a file is going to be. Its name is not asked for: names hold patients' names."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": ANNOUNCED})

    content_type: str = Field(
        max_length=64, description="Content type of the file, such as audio/wav"
    )
    size_bytes: int = Field(ge=1, le=2**53 - 1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    subject_id: UUID | None = Field(
        default=None, description="The person examined; by default the caller"
    )
    suffix: str | None = Field(
        default=None, description="Suffix of the file's name, for the files of one WFDB record"
    )

    @field_validator("content_type")
    @classmethod
    def _known(cls, content_type: str) -> str:
        if content_type not in KINDS:
            raise ValueError(f"not a supported content type; supported are: {', '.join(KINDS)}")
        return content_type

    @field_validator("suffix")
    @classmethod
    def _kept(cls, suffix: str | None) -> str | None:
        if suffix not in {None, *KEPT_SUFFIXES}:
            raise ValueError(f"not a supported suffix; supported are: {', '.join(KEPT_SUFFIXES)}")
        return suffix


class UploadRead(Answer):
    """A file in storage; `status` complete means that its bytes are what was announced."""

    model_config = ConfigDict(json_schema_extra={"example": UPLOAD})

    upload_id: UUID
    subject_id: UUID
    status: str
    content_type: str
    size_bytes: int
    sha256: str
    suffix: str | None
    assessment_id: UUID | None
    created_at: datetime
    completed_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, upload: Upload) -> Self:
        """Shape an upload in the words of the API."""
        named = {
            "upload_id": upload.id,
            "subject_id": upload.user_id,
            "size_bytes": upload.file_size_bytes,
        }
        known = {name: value for name, value in vars(upload).items() if name in cls.model_fields}
        return cls.model_validate(named | known)


class SignedRequest(Answer):
    """One request that sends the file: this method, to this address, with exactly these headers."""

    method: Literal["PUT"]
    url: str
    headers: dict[str, str]
    expires_at: datetime


class UploadCreated(UploadRead):
    """An announced file, and the request that may send it."""

    model_config = ConfigDict(json_schema_extra={"example": UPLOAD | {"request": SIGNED}})

    request: SignedRequest
