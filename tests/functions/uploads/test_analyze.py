"""What was uploaded is analyzed by its identifiers, as if it had come with the request."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.aws import storage
from shared.aws.storage import Object
from shared.examination import examine
from shared.examination.uploads import StoredFile, fetch_uploads
from shared.permissions import RoleName
from shared.recording import RecordingFile
from tests.conftest import Clinic
from tests.functions.uploads.sending import (
    WAV,
    analyze,
    announce,
    announced,
    recording,
    rows,
    upload_recording,
    uploaded,
)

pytestmark = [pytest.mark.clock, pytest.mark.usefixtures("aws")]


class TestAnalyze:
    """What is uploaded is measured as what is sent with the request."""

    async def test_same_result_as_sent_directly_and_kept_with_the_assessment(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        files = recording()
        patient = str(clinic.person_id(RoleName.PATIENT))
        ids = await upload_recording(clinic, files, subject_id=patient)
        direct = await analyze(
            clinic, files=[("file", (file.name, file.content)) for file in files]
        )
        answer = await analyze(clinic, data={"upload_id": ids})
        body = answer.json()

        assert answer.status_code == 201, answer.text
        assert body["result"] == direct.json()["result"]
        assert body["warnings"] == direct.json()["warnings"]
        assert body["provenance"]["input_sha256"] == direct.json()["provenance"]["input_sha256"]
        assert body["subject_id"] == patient
        used = await rows(auditor, ids[0])
        assert str(used["assessment_id"]) == body["id"]
        assert used["expires_at"] is None
        async with clinic.client(RoleName.CLINICIAN) as client:
            outcome = await client.delete(f"/api/uploads/{ids[0]}")
        assert outcome.json()["code"] == "upload-in-use"

    async def test_deleted_while_it_is_analyzed_it_is_not_kept(
        self, clinic: Clinic, auditor: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, *others = await upload_recording(clinic, recording())

        async def late(stored: Sequence[StoredFile]) -> tuple[RecordingFile, ...]:
            files = await fetch_uploads(stored)
            async with clinic.client(RoleName.CLINICIAN) as client:
                assert (await client.delete(f"/api/uploads/{first}")).status_code == 204
            return files

        monkeypatch.setattr(examine, "fetch_uploads", late)
        answer = await analyze(clinic, data={"upload_id": [first, *others]})

        assert answer.status_code == 201, answer.text
        assert (await rows(auditor, first))["assessment_id"] is None
        assert str((await rows(auditor, others[0]))["assessment_id"]) == answer.json()["id"]

    async def test_used_again_is_measured_again_and_the_key_replays(self, clinic: Clinic) -> None:
        ids = await upload_recording(clinic, recording())
        key = {"Idempotency-Key": uuid4().hex}
        first = await analyze(clinic, data={"upload_id": ids}, headers=key)
        replayed = await analyze(clinic, data={"upload_id": ids}, headers=key)
        second = await analyze(clinic, data={"upload_id": ids})

        assert replayed.json()["id"] == first.json()["id"]
        assert second.json()["id"] != first.json()["id"]

    async def test_pending_is_409(self, clinic: Clinic) -> None:
        created = (await announce(clinic, announced(WAV))).json()
        answer = await analyze(clinic, data={"upload_id": created["upload_id"]})

        assert (answer.status_code, answer.json()["code"]) == (409, "upload-not-complete")

    async def test_unknown_and_other_tenants_are_404_with_a_denied_row(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await uploaded(clinic, WAV)
        unknown = await analyze(elsewhere, data={"upload_id": str(uuid4())})
        others = await analyze(elsewhere, data={"upload_id": upload_id})

        assert (unknown.status_code, others.status_code) == (404, 404)
        assert unknown.json()["detail"] == others.json()["detail"]
        assert await auditor.fetchval(
            "SELECT count(*) FROM audit_events WHERE resource_id = $1 AND outcome = 'denied'",
            UUID(upload_id),
        )

    async def test_bytes_changed_in_the_store_are_409(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await uploaded(clinic, WAV)
        key = (await rows(auditor, upload_id))["storage_key"]
        other = b"something else"
        storage.put(Object(key, "audio/wav", len(other), sha256(other).hexdigest()), other)
        answer = await analyze(clinic, data={"upload_id": upload_id})

        assert (answer.status_code, answer.json()["code"]) == (409, "upload-changed")

    async def test_of_two_people_or_another_person_is_422(self, clinic: Clinic) -> None:
        patient = str(clinic.person_id(RoleName.PATIENT))
        mine = await uploaded(clinic, WAV)
        theirs = await uploaded(clinic, WAV, subject_id=patient)
        mixed = await analyze(clinic, data={"upload_id": [mine, theirs]})
        other = await analyze(clinic, data={"upload_id": mine, "subject_id": patient})

        assert (mixed.status_code, other.status_code) == (422, 422)

    async def test_both_or_neither_is_422(self, clinic: Clinic) -> None:
        neither = await analyze(clinic, data={"fs_hz": "360"})
        both = await analyze(
            clinic, data={"upload_id": str(uuid4())}, files=[("file", ("a", b"1,2"))]
        )

        assert (neither.status_code, both.status_code) == (422, 422)
        assert "upload_id" in neither.json()["detail"]

    async def test_too_many_is_422(self, clinic: Clinic) -> None:
        ids = [str(uuid4()) for _ in range(33)]
        assert (await analyze(clinic, data={"upload_id": ids})).status_code == 422

    async def test_too_large_a_request_points_here(self, clinic: Clinic) -> None:
        answer = await analyze(clinic, files=[("file", ("a.dat", bytes(6_000_001)))])

        assert answer.status_code == 413
        assert "/api/uploads" in answer.json()["detail"]
