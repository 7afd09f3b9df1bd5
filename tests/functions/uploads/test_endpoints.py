"""Announced, sent to the store, checked, analyzed: over HTTP, with real commits."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from functions.uploads import service
from functions.uploads.inspection import inspect
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import wfdb_files
from shared import settings
from shared.aws import storage
from shared.aws.requests import NotThere
from shared.aws.storage import Object
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


type Late = Callable[[Clinic, str], AbstractAsyncContextManager[asyncio.Task[httpx.Response]]]


def stored(key: str) -> bool:
    try:
        return bool(storage.get(key))
    except NotThere:
        return False


class TestCreate:
    async def test_signed_request_names_size_type_and_hash_and_no_file(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        answer = await announce(clinic, announced(WAV))
        body = answer.json()
        row = await rows(auditor, body["upload_id"])

        assert answer.status_code == 201
        assert body["status"] == "pending"
        assert (
            "content-length%3Bcontent-type%3Bhost%3Bx-amz-checksum-sha256"
            in (body["request"]["url"])
        )
        assert row["storage_key"] == f"{row['organization_id']}/{row['id']}"

    async def test_key_of_the_settings_encrypts(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_STORAGE_KMS_KEY", "arn:aws:kms:us-east-1:1:key/k")
        settings.load.cache_clear()
        try:
            request = (await announce(clinic, announced(WAV))).json()["request"]
        finally:
            monkeypatch.undo()
            settings.load.cache_clear()

        assert request["headers"]["x-amz-server-side-encryption"] == "aws:kms"
        assert "x-amz-server-side-encryption-aws-kms-key-id" in request["url"]

    @pytest.mark.parametrize(
        "change",
        [
            {"size_bytes": 0},
            {"size_bytes": -1},
            {"sha256": "A" * 64},
            {"sha256": "0" * 63},
            {"content_type": "text/html"},
            {"content_type": "audio/wav\r\nx-amz-acl: public-read"},
            {"suffix": ".exe"},
            {"suffix": "/../x"},
            {"file_name": "Jane Doe.wav"},
            {"subject_id": "somebody"},
        ],
    )
    async def test_nonsense_is_422(self, clinic: Clinic, change: dict[str, Any]) -> None:
        assert (await announce(clinic, announced(WAV) | change)).status_code == 422

    async def test_ten_gigabytes_are_413(self, clinic: Clinic) -> None:
        answer = await announce(clinic, announced(WAV) | {"size_bytes": 10**10})

        assert answer.status_code == 413
        assert answer.json()["code"] == "upload-too-large"

    async def test_person_of_another_clinic_is_404(self, clinic: Clinic, elsewhere: Clinic) -> None:
        stranger = str(elsewhere.person_id(RoleName.PATIENT))
        assert (await announce(clinic, announced(WAV, subject_id=stranger))).status_code == 404

    async def test_patient_only_for_themselves(self, clinic: Clinic) -> None:
        other = str(clinic.person_id(RoleName.CLINICIAN))
        own = await announce(clinic, announced(WAV), RoleName.PATIENT)
        others = await announce(clinic, announced(WAV, subject_id=other), RoleName.PATIENT)

        assert own.json()["subject_id"] == str(clinic.person_id(RoleName.PATIENT))
        assert others.status_code == 404

    @pytest.mark.parametrize(("role", "status"), [(RoleName.RESEARCHER, 403), (None, 401)])
    async def test_whoever_adds_no_assessments_uploads_nothing(
        self, clinic: Clinic, role: RoleName | None, status: int
    ) -> None:
        assert (await announce(clinic, announced(WAV), role)).status_code == status


class TestComplete:
    async def test_what_was_announced_is_complete_and_stays_so(self, clinic: Clinic) -> None:
        upload_id = await uploaded(clinic, WAV)
        again = (await complete(clinic, upload_id)).json()

        assert again["status"] == "complete"
        assert again["assessment_id"] is None

    async def test_nothing_sent_is_409_and_may_still_come(self, clinic: Clinic) -> None:
        created = (await announce(clinic, announced(WAV))).json()
        early = await complete(clinic, created["upload_id"])
        send(created["request"], WAV)

        assert early.status_code == 409
        assert early.json()["code"] == "upload-not-arrived"
        assert (await complete(clinic, created["upload_id"])).status_code == 200

    # This store, unlike S3, keeps whatever comes: so the check itself is seen at work.
    @pytest.mark.parametrize(
        ("sent", "content_type", "code"),
        [
            (WAV + b"!", "audio/wav", "upload-size-differs"),
            (WAV[:-1], "audio/wav", "upload-size-differs"),
            (WAV[:-1] + b"!", "audio/wav", "upload-hash-differs"),
            (WAV, "application/dicom", "upload-type-differs"),
            (WAV, "image/png", "upload-type-differs"),
        ],
    )
    async def test_anything_else_is_rejected_and_removed(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        sent: bytes,
        content_type: str,
        code: str,
    ) -> None:
        created = (await announce(clinic, announced(WAV, content_type))).json()
        send(created["request"], sent)
        answer = await complete(clinic, created["upload_id"])
        row = await rows(auditor, created["upload_id"])

        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert row["status"] == "rejected"
        assert not stored(row["storage_key"])
        assert (await complete(clinic, created["upload_id"])).json()["code"] == "upload-closed"

    async def test_two_at_once_agree_on_what_the_first_of_them_settled(
        self, clinic: Clinic, auditor: asyncpg.Connection, late: Late
    ) -> None:
        created = (await announce(clinic, announced(WAV))).json()
        upload_id = created["upload_id"]
        key = (await rows(auditor, upload_id))["storage_key"]

        send(created["request"], WAV[:-1])
        async with late(clinic, upload_id) as second:
            send(created["request"], WAV)
            assert (await complete(clinic, upload_id)).json()["status"] == "complete"

        assert (await second).json()["code"] == "upload-size-differs"
        assert (await rows(auditor, upload_id))["status"] == "complete"
        assert storage.get(key) == WAV

    async def test_two_at_once_agree_on_a_rejection_too(self, clinic: Clinic, late: Late) -> None:
        created = (await announce(clinic, announced(WAV))).json()
        upload_id = created["upload_id"]

        send(created["request"], WAV)
        async with late(clinic, upload_id) as second:
            send(created["request"], WAV[:-1])
            assert (await complete(clinic, upload_id)).status_code == 422

        assert (await second).json()["code"] == "upload-closed"

    @pytest.fixture
    def late(self, monkeypatch: pytest.MonkeyPatch) -> Late:
        """A request that has looked at the file, and goes on once the block has ended."""

        @asynccontextmanager
        async def held(
            clinic: Clinic, upload_id: str
        ) -> AsyncIterator[asyncio.Task[httpx.Response]]:
            inspected, released = threading.Event(), threading.Event()

            def inspect_and_wait(announced: Object) -> None:
                monkeypatch.setattr(service, "inspect", inspect)
                try:
                    inspect(announced)
                finally:
                    inspected.set()
                    released.wait()

            monkeypatch.setattr(service, "inspect", inspect_and_wait)
            request = asyncio.create_task(complete(clinic, upload_id))
            await asyncio.to_thread(inspected.wait)
            try:
                yield request
            finally:
                released.set()

        return held

    async def test_expired_is_closed(self, clinic: Clinic, auditor: asyncpg.Connection) -> None:
        created = (await announce(clinic, announced(WAV))).json()
        send(created["request"], WAV)
        await auditor.execute(
            "UPDATE uploaded_files SET expires_at = now() - interval '1 second' WHERE id = $1",
            UUID(created["upload_id"]),
        )

        assert (await complete(clinic, created["upload_id"])).json()["code"] == "upload-closed"

    async def test_other_tenants_is_404_with_a_denied_row(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        created = (await announce(clinic, announced(WAV))).json()
        send(created["request"], WAV)
        answer = await complete(elsewhere, created["upload_id"])
        denied = await auditor.fetch(
            "SELECT * FROM audit_events WHERE resource_id = $1 AND outcome = 'denied'",
            UUID(created["upload_id"]),
        )

        assert answer.status_code == 404
        assert [entry["user_id"] for entry in denied] == [elsewhere.person_id(RoleName.CLINICIAN)]
        assert denied[0]["resource_type"] == "uploaded_files"


class TestGet:
    async def test_colleague_sees_it_the_patient_of_another_does_not(self, clinic: Clinic) -> None:
        upload_id = await uploaded(clinic, WAV)
        async with clinic.client(RoleName.ADMIN) as client:
            answer = await client.get(f"/api/uploads/{upload_id}")
        async with clinic.client(RoleName.PATIENT) as client:
            hidden = await client.get(f"/api/uploads/{upload_id}")

        assert answer.json()["sha256"] == sha256(WAV).hexdigest()
        assert hidden.status_code == 404


class TestDelete:
    async def test_unused_is_gone_from_table_and_store(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await uploaded(clinic, WAV)
        key = (await rows(auditor, upload_id))["storage_key"]
        assert stored(key)
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.delete(f"/api/uploads/{upload_id}")).status_code == 204
            assert (await client.get(f"/api/uploads/{upload_id}")).status_code == 404
            assert (await client.delete(f"/api/uploads/{upload_id}")).status_code == 404

        assert not stored(key)

    @pytest.mark.parametrize("role", [RoleName.ADMIN, RoleName.PATIENT])
    async def test_somebody_elses_stays_even_if_it_is_about_the_caller(
        self, clinic: Clinic, auditor: asyncpg.Connection, role: RoleName
    ) -> None:
        patient = str(clinic.person_id(RoleName.PATIENT))
        created = (await announce(clinic, announced(WAV, subject_id=patient))).json()
        async with clinic.client(role) as client:
            answer = await client.delete(f"/api/uploads/{created['upload_id']}")

        assert (answer.status_code, answer.json()["code"]) == (403, "not-your-upload")
        assert (await rows(auditor, created["upload_id"]))["deleted_at"] is None
        assert await auditor.fetchval(
            "SELECT actor_role FROM audit_events WHERE resource_id = $1 AND outcome = 'denied'",
            UUID(created["upload_id"]),
        ) == str(role)

    async def test_a_deletion_is_called_so(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await uploaded(clinic, WAV)
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.delete(f"/api/uploads/{upload_id}")
        action = await auditor.fetchval(
            "SELECT action FROM audit_events WHERE resource_id = $1 ORDER BY id DESC LIMIT 1",
            UUID(upload_id),
        )
        assert action == "delete"

    async def test_other_tenants_stays(self, clinic: Clinic, elsewhere: Clinic) -> None:
        upload_id = await uploaded(clinic, WAV)
        async with elsewhere.client(RoleName.ADMIN) as client:
            assert (await client.delete(f"/api/uploads/{upload_id}")).status_code == 404
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.get(f"/api/uploads/{upload_id}")).status_code == 200


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
