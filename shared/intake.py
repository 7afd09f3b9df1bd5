"""What comes in with a recording: its files, whose it is, and what the caller calls the visit."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import Depends, File, Form, Header, UploadFile
from pydantic import AwareDatetime

from shared.errors import InvalidRequest
from shared.upload import RecordingFile

# Clocks of devices run ahead.
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Order:
    """Whose recording this is, and how the caller will refer to it."""

    subject_id: UUID | None
    session_id: str | None
    recorded_at: datetime
    idempotency_key: str | None


async def order(
    subject_id: Annotated[
        UUID | None, Form(description="The person examined; the caller if left out")
    ] = None,
    session_id: Annotated[
        str | None,
        Form(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Groups the recordings of one visit"),
    ] = None,
    recorded_at: Annotated[
        AwareDatetime | None, Form(description="When the recording was made; now if left out")
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=255, description="Send it again to be sure, stored once"),
    ] = None,
) -> Order:
    now = datetime.now(UTC)
    if recorded_at and recorded_at > now + CLOCK_SKEW:
        raise InvalidRequest("recorded_at: lies in the future")
    return Order(subject_id, session_id, recorded_at or now, idempotency_key)


async def recording_files(
    file: Annotated[
        list[UploadFile], File(description="The recording; repeat it where a format has several")
    ],
) -> tuple[RecordingFile, ...]:
    return tuple([RecordingFile(one.filename or "", await one.read()) for one in file])


def input_sha256(files: tuple[RecordingFile, ...]) -> str:
    """Hash what came in: the file's own hash, or the hash of all files' sorted hashes."""
    digests = sorted(sha256(file.content).hexdigest() for file in files)
    return digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()


CurrentOrder = Annotated[Order, Depends(order)]
RecordingFiles = Annotated[tuple[RecordingFile, ...], Depends(recording_files)]
