"""A file on its way: announced, sent, completed."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import wfdb_files
from shared.aws import storage
from shared.aws.requests import NotThere
from shared.permissions import RoleName
from shared.recording import RecordingFile
from tests.conftest import Clinic

pytestmark = [pytest.mark.clock, pytest.mark.usefixtures("aws")]


WAV = b"RIFF\x24\0\0\0WAVEfmt " + bytes(1000)


def announced(content: bytes, content_type: str = "audio/wav", **more: Any) -> dict[str, Any]:
    return {
        "content_type": content_type,
        "size_bytes": len(content),
        "sha256": sha256(content).hexdigest(),
        **more,
    }


async def announce(
    clinic: Clinic, body: Mapping[str, Any], role: RoleName | None = RoleName.CLINICIAN
) -> httpx.Response:
    async with clinic.client(role) as client:
        return await client.post("/api/uploads", json=body)


def send(request: Mapping[str, Any], content: bytes) -> None:
    """Send it as a browser would, to the real socket of the store."""
    httpx.request(
        request["method"], request["url"], headers=request["headers"], content=content
    ).raise_for_status()


async def complete(
    clinic: Clinic, upload_id: str, role: RoleName = RoleName.CLINICIAN
) -> httpx.Response:
    async with clinic.client(role) as client:
        return await client.post(f"/api/uploads/{upload_id}/complete")


async def uploaded(clinic: Clinic, content: bytes, **more: Any) -> str:
    """Upload a file as the clinician, and return its id."""
    created = (await announce(clinic, announced(content, **more))).json()
    send(created["request"], content)
    answer = await complete(clinic, created["upload_id"])
    assert answer.status_code == 200, answer.text
    return str(created["upload_id"])


async def rows(auditor: asyncpg.Connection, upload_id: str) -> asyncpg.Record:
    row: asyncpg.Record = await auditor.fetchrow(
        "SELECT * FROM uploaded_files WHERE id = $1", UUID(upload_id)
    )
    return row


def stored(key: str) -> bool:
    try:
        return bool(storage.get(key))
    except NotThere:
        return False


@cache
def recording() -> tuple[RecordingFile, ...]:
    """A WFDB record, whose files are told apart by their names."""
    episode = Episode(Rhythm.SINUS, 20, rate_bpm=70)
    return wfdb_files(synthesize([episode], fs_hz=250, leads=("II",)))


async def upload_recording(
    clinic: Clinic, files: tuple[RecordingFile, ...], **more: Any
) -> list[str]:
    ids = []
    for file in files:
        suffix = file.name[file.name.rindex(".") :]
        ids.append(
            await uploaded(
                clinic, file.content, content_type="application/octet-stream", suffix=suffix, **more
            )
        )
    return ids


async def analyze(clinic: Clinic, **request: Any) -> httpx.Response:
    async with clinic.client(RoleName.CLINICIAN) as client:
        return await client.post("/api/cardiology/analyze", **request)
