"""A recording that no request could carry, through what is deployed and a real store."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any

import httpx
import pytest

from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import wfdb_files
from shared.recording import RecordingFile
from shared.settings import ONE_MEGABYTE
from tests.artifacts.conftest import RECORDED_AT, Asked, Start, every_cloud, request
from tests.conftest import Clinic


@cache
def recording() -> Sequence[RecordingFile]:
    return wfdb_files(synthesize([Episode(Rhythm.SINUS, 840, rate_bpm=70)], fs_hz=1000))


def upload(ask: Asked, clinic: Clinic, file: RecordingFile) -> str:
    """Announce, send, complete."""
    announced = {
        "content_type": "application/octet-stream",
        "suffix": file.name[file.name.rindex(".") :],
        "size_bytes": len(file.content),
        "sha256": sha256(file.content).hexdigest(),
    }
    created = ask(request(clinic, "POST", "/api/uploads", json=announced)).json()
    sent = created["request"]
    httpx.put(sent["url"], content=file.content, headers=sent["headers"]).raise_for_status()
    path = f"/api/uploads/{created['upload_id']}/complete"
    completed = ask(request(clinic, "POST", path))
    assert (completed.status, completed.json()["status"]) == (200, "complete"), completed.body
    key: str = created["upload_id"]
    return key


@every_cloud
class TestUpload:
    async def test_20_mb_are_uploaded_checked_and_measured(
        self, on: Any, start: Start, clinic: Clinic
    ) -> None:
        files = recording()
        assert len(files[1].content) > 20 * ONE_MEGABYTE
        ids = [upload(start(on("uploads")), clinic, file) for file in files]
        wanted = {"upload_id": ids, "recorded_at": RECORDED_AT}
        asked = request(clinic, "POST", "/api/cardiology/analyze", data=wanted)
        answer = start(on("cardiology"))(asked)

        assert answer.status == 201, answer.body
        assert answer.json()["result"]["heart_rate_bpm"] == pytest.approx(70, abs=1)
