from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared import examples
from shared.aws.parts import PART_BYTES, Part
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
    "part_size_bytes": PART_BYTES,
    "parts": [],
}
SIGNED: dict[str, Any] = {
    "method": "PUT",
    "url": "https://recordings.s3.eu-central-1.amazonaws.com/...?X-Amz-Signature=...",
    "headers": {
        "content-type": "audio/wav",
        "x-amz-checksum-sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    },
    "expires_at": "2026-11-27T09:45:00Z",
}
PARTS_ASKED_AT_ONCE = 100
PART: dict[str, Any] = {"number": 1, "sha256": SHA256}


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


class UploadedPart(Answer):
    """A part that has arrived; its hash is there where the store tells it."""

    number: int
    size_bytes: int
    sha256: str | None


class UploadRead(Answer):
    """A file in storage; `status` complete means that its bytes are what was announced.

    A file may be sent in parts of `part_size_bytes`, of which the last is smaller. `parts` are
    those that have arrived, until it is complete.
    """

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
    part_size_bytes: int
    parts: list[UploadedPart]

    @classmethod
    def of(cls, upload: Upload, parts: Iterable[Part] = ()) -> Self:
        """Shape an upload in the words of the API."""
        named = {
            "upload_id": upload.id,
            "subject_id": upload.user_id,
            "size_bytes": upload.file_size_bytes,
            "part_size_bytes": PART_BYTES,
            "parts": [UploadedPart.model_validate(part) for part in parts],
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


class PartAsked(BaseModel):
    """A part that is about to be sent; the first is number 1."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": PART})

    number: int = Field(ge=1, le=10_000)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class PartsAsked(BaseModel):
    """Parts that are about to be sent: addresses expire, so ask for the next few."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"parts": [PART]}})

    parts: list[PartAsked] = Field(min_length=1, max_length=PARTS_ASKED_AT_ONCE)


class PartSigned(Answer):
    """A part, and the request that may send it."""

    number: int
    request: SignedRequest


class PartsSigned(Answer):
    """Requests that each send one part, in any order and as often as it takes."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"parts": [{"number": 1, "request": SIGNED}]}}
    )

    parts: list[PartSigned]
