"""Announced, sent to the store, checked, analyzed: over HTTP, with real commits."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from functions.uploads import service
from functions.uploads.inspection import inspect
from shared import settings
from shared.aws import storage
from shared.aws.storage import Object
from shared.database.repositories.uploads import Upload
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.uploads.sending import (
    WAV,
    announce,
    announced,
    complete,
    rows,
    send,
    stored,
    uploaded,
)

pytestmark = [pytest.mark.clock, pytest.mark.usefixtures("aws")]


type Late = Callable[[Clinic, str], AbstractAsyncContextManager[asyncio.Task[httpx.Response]]]


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
        request = (await announce(clinic, announced(WAV))).json()["request"]

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
        self, clinic: Clinic, auditor: asyncpg.Connection, sent: bytes, content_type: str, code: str
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

    async def test_while_it_is_checked_it_is_deleted_and_not_complete(
        self, clinic: Clinic, auditor: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        created = (await announce(clinic, announced(WAV))).json()
        send(created["request"], WAV)
        settle = service._settle

        async def late(*asked: Any) -> Upload:
            async with clinic.client(RoleName.CLINICIAN) as client:
                answer = await client.delete(f"/api/uploads/{created['upload_id']}")
            assert answer.status_code == 204
            return await settle(*asked)

        monkeypatch.setattr(service, "_settle", late)
        answer = await complete(clinic, created["upload_id"])
        row = await rows(auditor, created["upload_id"])

        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert (row["status"], row["completed_at"]) == ("pending", None)

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
