"""Recordings as they were sent: told of while they are stored, given to whoever may see them."""

from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from httpx import AsyncClient

from functions.fhir.examinations import binary
from functions.fhir.ids import part_id
from shared.aws import storage
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.fhir.judges import complaints
from tests.functions.fhir.test_fhir import ask, resources
from tests.functions.uploads.sending import WAV, rows, uploaded

pytestmark = pytest.mark.usefixtures("aws")
FILE_READS = (
    "SELECT resource_type, resource_id FROM audit_events WHERE request_id = $1"
    " AND resource_type = 'uploaded_files'"
)


async def recorded(clinic: Clinic) -> tuple[Any, str]:
    """Store an assessment with its recording; return their ids."""
    upload = await uploaded(clinic, WAV, subject_id=str(clinic.person_id(RoleName.PATIENT)))
    return await stored(clinic, provenance={"upload_ids": [upload]}), upload


async def listed(client: AsyncClient) -> list[Any]:
    documents = resources(await ask(client, "DocumentReference"))
    return [document for document in documents if document["type"].get("text") == "Recording"]


async def change(auditor: asyncpg.Connection, upload: str, what: str) -> None:
    await auditor.execute(f"UPDATE uploaded_files SET {what} WHERE id = $1", UUID(upload))


class TestRecording:
    @pytest.mark.parametrize("role", [RoleName.PATIENT, RoleName.CLINICIAN])
    async def test_it_is_told_of(self, clinic: Clinic, role: RoleName) -> None:
        await recorded(clinic)
        async with clinic.client(role) as client:
            (document,) = await listed(client)
        assert complaints(document) == []
        assert document["content"][0]["attachment"]["size"] == len(WAV)

    @pytest.mark.parametrize("role", [RoleName.PATIENT, RoleName.CLINICIAN])
    async def test_it_is_given_byte_for_byte(
        self, clinic: Clinic, auditor: asyncpg.Connection, role: RoleName
    ) -> None:
        _, upload = await recorded(clinic)
        async with clinic.client(role) as client:
            (document,) = await listed(client)
            answer = await client.get(document["content"][0]["attachment"]["url"])
        assert answer.content == WAV
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.headers["content-disposition"].startswith("attachment")
        row = await auditor.fetchrow(FILE_READS, answer.headers["x-request-id"])
        assert str(row["resource_id"]) == upload

    async def test_a_large_one_is_at_an_address_of_the_store(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key, _ = await recorded(clinic)
        monkeypatch.setattr(binary, "MOST_BYTES", 1)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(f"/api/fhir/Binary/{part_id(key, 'recording.1')}")
        assert answer.status_code == 307
        async with httpx.AsyncClient() as anybody:
            assert (await anybody.get(answer.headers["location"])).content == WAV

    async def test_what_is_not_stored_any_more_is_not_told_of(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key, upload = await recorded(clinic)
        path = f"/api/fhir/Binary/{part_id(key, 'recording.1')}"
        async with clinic.client(RoleName.CLINICIAN) as client:
            storage.delete((await rows(auditor, upload))["storage_key"])
            assert (await client.get(path)).status_code == 404
            await change(auditor, upload, "deleted_at = now()")
            assert await listed(client) == []
            for name in ("recording.1", "recording.2", "recording.0", "recording.x", "recording."):
                answer = await client.get(f"/api/fhir/Binary/{part_id(key, name)}")
                assert answer.status_code == 404, name

    async def test_other_bytes_than_were_sent_are_not_given(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key, upload = await recorded(clinic)
        await change(auditor, upload, "sha256 = repeat('0', 64)")
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(f"/api/fhir/Binary/{part_id(key, 'recording.1')}")
        assert answer.status_code == 503

    async def test_neither_research_nor_another_tenant_gets_it(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        key, _ = await recorded(clinic)
        path = f"/api/fhir/Binary/{part_id(key, 'recording.1')}"
        for opened in (clinic.client(RoleName.RESEARCHER), elsewhere.client(RoleName.ADMIN)):
            async with opened as client:
                assert await listed(client) == []
                assert (await client.get(path)).status_code == 404
