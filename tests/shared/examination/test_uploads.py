"""Which uploads a recording may be made of, and whose it then is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.aws import storage
from shared.aws.requests import NotThere
from shared.database.repositories.uploads import Upload
from shared.errors import InvalidRequest
from shared.examination.request import AnalysisRequest
from shared.examination.uploads import (
    StoredFile,
    UploadChanged,
    UploadNotComplete,
    complete_uploads,
    fetch_uploads,
)
from shared.recording import RecordingFile
from shared.vocabulary import UploadStatus

PATIENT, SOMEBODY_ELSE = uuid4(), uuid4()
NOW = datetime.now(UTC)
FILE = RecordingFile(".dat", b"samples")


def upload(**columns: Any) -> Upload:
    given: dict[str, Any] = {
        "id": uuid4(),
        "content_type": "application/octet-stream",
        "file_size_bytes": 7,
        "sha256": FILE.sha256,
        "suffix": ".dat",
        "status": UploadStatus.COMPLETE,
        "expires_at": None,
        "user_id": PATIENT,
        "storage_key": "organization/key",
        "multipart_id": None,
        "created_at": NOW,
        "completed_at": NOW,
        "assessment_id": None,
    }
    return Upload(**given | columns)


def completed(
    *announced: Upload, subject_id: UUID | None = None
) -> tuple[AnalysisRequest, tuple[StoredFile, ...]]:
    ids = tuple(upload.id for upload in announced)
    requested = AnalysisRequest(subject_id, None, NOW, None, ids)
    return complete_uploads(requested, {upload.id: upload for upload in announced})


class TestComplete:
    @pytest.mark.parametrize("subject_id", [None, PATIENT])
    def test_the_recording_is_of_whomever_the_file_is(self, subject_id: UUID | None) -> None:
        requested, (file,) = completed(upload(), subject_id=subject_id)
        assert requested.subject_id == PATIENT
        assert (file.key, file.suffix, file.sha256) == ("organization/key", ".dat", FILE.sha256)

    def test_files_keep_the_order_of_the_request(self) -> None:
        header, signals = upload(suffix=".hea"), upload(suffix=None)
        _, files = completed(signals, header)
        assert [file.suffix for file in files] == ["", ".hea"]

    @pytest.mark.parametrize(
        "status", [UploadStatus.PENDING, UploadStatus.REJECTED, UploadStatus.EXPIRED]
    )
    def test_what_was_not_checked_is_not_analyzed(self, status: UploadStatus) -> None:
        waiting = upload(status=status)
        with pytest.raises(UploadNotComplete, match=f"/api/uploads/{waiting.id}/complete"):
            completed(upload(), waiting)

    def test_what_has_expired_is_not_analyzed(self) -> None:
        with pytest.raises(UploadNotComplete):
            completed(upload(expires_at=NOW - timedelta(seconds=1)))

    def test_what_expires_later_is(self) -> None:
        _, (file,) = completed(upload(expires_at=NOW + timedelta(hours=1)))
        assert file.sha256 == FILE.sha256

    def test_files_of_two_people_are_no_recording(self) -> None:
        with pytest.raises(InvalidRequest, match="different people"):
            completed(upload(), upload(user_id=SOMEBODY_ELSE))

    def test_a_file_of_somebody_else_is_refused(self) -> None:
        with pytest.raises(InvalidRequest, match="another person"):
            completed(upload(), subject_id=SOMEBODY_ELSE)


class TestFetch:
    STORED = StoredFile(uuid4(), "organization/key", ".dat", FILE.sha256)

    async def test_what_was_checked_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(storage, "get", {self.STORED.key: FILE.content}.__getitem__)
        assert await fetch_uploads([self.STORED]) == (FILE,)

    async def test_other_bytes_than_those_that_were_checked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storage, "get", lambda _: b"other samples")
        with pytest.raises(UploadChanged, match=str(self.STORED.id)):
            await fetch_uploads([self.STORED])

    async def test_bytes_that_are_gone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def get(_: str) -> bytes:
            raise NotThere("no such key")

        monkeypatch.setattr(storage, "get", get)
        with pytest.raises(UploadChanged, match=str(self.STORED.id)):
            await fetch_uploads([self.STORED])
