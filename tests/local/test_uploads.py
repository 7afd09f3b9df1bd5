"""The laptop's own store and queue carry what a request cannot."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.uploads.schemas import SignedRequest
from local import client as client_module
from local.client import DIRECT_BYTES, Client, Refused
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import wfdb_files
from local.storage import DiskStore
from shared import settings
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.recording import RecordingFile
from tests.conftest import Clinic
from tests.local.serving import served
from tests.waiting import PATIENCE_S, wait_until

LATER = {"Prefer": "respond-async"}


@pytest.fixture
def client(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Client, DiskStore]]:
    """A clinician's client of a server on a real port, with a store on disk."""
    with served(tmp_path, monkeypatch) as (url, store):
        headers = {"Authorization": f"Bearer {clinic.token(RoleName.CLINICIAN)}"}
        with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S) as http:
            yield Client(http), store


class TestAnalyze:
    def test_what_no_request_holds_is_uploaded_checked_and_measured(
        self, client: tuple[Client, DiskStore]
    ) -> None:
        caller, store = client
        files = wfdb_files(synthesize([Episode(Rhythm.SINUS, 250, rate_bpm=70)], fs_hz=1000))
        assert len(files[1].content) > DIRECT_BYTES

        assessment = caller.analyze(PipelineName.CARDIOLOGY, files)

        (rate,) = [
            biomarker for biomarker in assessment.biomarkers if biomarker.name == "heart_rate"
        ]
        assert rate.value == pytest.approx(70, abs=2)
        matches = {path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}
        assert matches == {file.content for file in files}

    def test_interrupted_file_goes_on_where_it_was(
        self, client: tuple[Client, DiskStore], sent_parts: list[int]
    ) -> None:
        caller, store = client
        file = RecordingFile("day.dat", bytes(range(256)) * 70_000)
        with pytest.raises(httpx.ConnectError):
            caller.upload(file)
        upload_id = caller.upload(file)

        assert sent_parts == [1, 2, 2, 3]
        (stored,) = [path for path in store.folder.rglob("*") if path.is_file()]
        assert (stored.name, stored.read_bytes()) == (upload_id, file.content)

    @pytest.fixture
    def sent_parts(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """The numbers of the parts that were tried; the second try finds no network."""
        numbers: list[int] = []
        put = client_module._put

        def stumbling(request: SignedRequest, content: bytes) -> None:
            numbers.append(int(re.findall(r"partNumber=(\d+)", request.url)[0]))
            if len(numbers) == 2:
                raise httpx.ConnectError("the network is gone")
            put(request, content)

        monkeypatch.setattr(client_module, "_put", stumbling)
        return numbers

    def test_small_recording_is_sent_with_the_request(
        self, client: tuple[Client, DiskStore]
    ) -> None:
        caller, store = client
        sample = synthesize([Episode(Rhythm.SINUS, 20, rate_bpm=70)], fs_hz=250, leads=("II",))
        caller.analyze(PipelineName.CARDIOLOGY, wfdb_files(sample))

        assert not list(store.folder.iterdir())

    def test_refusal_of_an_upload_is_told(
        self, client: tuple[Client, DiskStore], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caller, _ = client
        monkeypatch.setenv("MEDILENS_MAX_UPLOAD_BYTES", "1000")
        settings.load.cache_clear()
        sample = synthesize([Episode(Rhythm.SINUS, 20, rate_bpm=70)], fs_hz=250, leads=("II",))
        with pytest.raises(Refused, match="1,000 bytes"):
            caller.upload(wfdb_files(sample)[1])


class TestRespondAsync:
    def test_accepted_recording_is_measured_by_the_worker(
        self, client: tuple[Client, DiskStore]
    ) -> None:
        caller, _ = client
        sample = synthesize([Episode(Rhythm.SINUS, 20, rate_bpm=70)], fs_hz=250, leads=("II",))
        files = [("file", (file.name, file.content)) for file in wfdb_files(sample)]
        accepted = caller.http.post("/api/cardiology/analyze", files=files, headers=LATER)
        assert accepted.status_code == 202

        def measured() -> dict[str, Any] | None:
            body: dict[str, Any] = caller.http.get(accepted.headers["location"]).json()
            return None if body["status"] in {"pending", "processing"} else body

        body = wait_until("the worker has measured the recording", measured)
        assert body["status"] == "completed"
        assert body["result"]["heart_rate_bpm"] == pytest.approx(70, abs=2)
