"""Uploads that nobody used are cleared away; all others stay."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from functions.maintenance import service
from functions.maintenance.service import Job
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.uploads.sending import (
    WAV,
    analyze,
    announce,
    announced,
    recording,
    rows,
    send,
    stored,
    upload_recording,
    uploaded,
)

pytestmark = [pytest.mark.clock, pytest.mark.usefixtures("aws")]
CHANGES = "SELECT * FROM audit_events WHERE resource_id = $1 AND action = 'update' ORDER BY id DESC"


async def age(auditor: asyncpg.Connection, upload_id: str) -> None:
    """Let a file's time run out two hours ago, if it has any."""
    await auditor.execute(
        "UPDATE uploaded_files SET expires_at = least(expires_at, now()) - interval '2 hours'"
        " WHERE id = $1 AND expires_at IS NOT NULL",
        UUID(upload_id),
    )


class TestExpireUploads:
    async def test_pending_and_unused_go_once(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        pending = (await announce(clinic, announced(WAV))).json()["upload_id"]
        unused = await uploaded(clinic, WAV)
        for item in (pending, unused):
            await age(auditor, item)
        first, second = [(await service.run(Job.UPLOADS)).changed for _ in range(2)]

        assert {pending, unused} <= set(first)
        assert {pending, unused}.isdisjoint(second)

    async def test_unused_is_in_no_store_and_no_view_and_the_trail_says_why(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        unused = await uploaded(clinic, WAV)
        await age(auditor, unused)
        await service.run(Job.UPLOADS)
        row = await rows(auditor, unused)

        assert (row["status"], stored(row["storage_key"])) == ("expired", False)
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.get(f"/api/uploads/{unused}")).status_code == 404
        assert (await auditor.fetchrow(CHANGES, UUID(unused)))["actor_type"] == "system"

    async def test_fresh_and_used_stay(self, clinic: Clinic, auditor: asyncpg.Connection) -> None:
        fresh = await uploaded(clinic, WAV)
        used = await upload_recording(clinic, recording())
        assert (await analyze(clinic, data={"upload_id": used})).status_code == 201
        for entry in used:
            await age(auditor, entry)

        changed = set((await service.run(Job.UPLOADS)).changed)

        assert not changed & {fresh, *used}
        assert stored((await rows(auditor, used[0]))["storage_key"])

    async def test_bytes_that_come_after_their_deletion_are_removed_once(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        created = (await announce(clinic, announced(WAV))).json()
        upload_id = created["upload_id"]
        key = (await rows(auditor, upload_id))["storage_key"]
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.delete(f"/api/uploads/{upload_id}")).status_code == 204
        send(created["request"], WAV)
        assert upload_id not in (await service.run(Job.UPLOADS)).changed  # more may be coming
        assert stored(key)

        await auditor.execute(
            "UPDATE uploaded_files SET deleted_at = deleted_at - interval '25 hours' WHERE id = $1",
            UUID(upload_id),
        )
        deleted_at = (await rows(auditor, upload_id))["deleted_at"]
        reports = [(await service.run(Job.UPLOADS)).changed for _ in range(2)]
        row = await rows(auditor, upload_id)

        assert not stored(key)
        assert [upload_id in changed for changed in reports] == [True, False]
        assert (row["status"], row["deleted_at"]) == ("expired", deleted_at)

    async def test_two_at_once_do_no_harm(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        unused = await uploaded(clinic, WAV)
        await age(auditor, unused)
        await asyncio.gather(*(service.run(Job.UPLOADS) for _ in range(2)))

        assert (await rows(auditor, unused))["status"] == "expired"
