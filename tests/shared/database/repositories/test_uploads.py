"""Files in storage: begun in parts and gone on with, settled once, kept by their first user."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import transaction
from shared.database.repositories import uploads
from shared.database.repositories.uploads import NewUpload, Upload
from shared.errors import NotFound
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from shared.vocabulary import UploadStatus
from tests.conftest import Clinic
from tests.factories.examinations import stored

LATER = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
async def connection(clinic: Clinic) -> AsyncIterator[AsyncConnection]:
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as opened:
        yield opened


def announced(**columns: Any) -> NewUpload:
    given: dict[str, Any] = {
        "id": uuid7(),
        "content_type": "application/octet-stream",
        "file_size_bytes": 7,
        "sha256": "ab" * 32,
        "suffix": ".dat",
        "status": UploadStatus.PENDING,
        "expires_at": LATER,
    }
    return NewUpload(**given | columns)


async def created(connection: AsyncConnection, **columns: Any) -> Upload:
    return await uploads.create_upload(connection, announced(**columns), subject_id=None)


async def settled(connection: AsyncConnection, upload: Upload) -> Upload | None:
    return await uploads.settle_upload(
        connection, upload.id, UploadStatus.COMPLETE, expires_at=LATER
    )


async def read(connection: AsyncConnection, upload: Upload) -> Upload:
    (known,) = await uploads.get_uploads(connection, [upload.id])
    return known


class TestCreated:
    async def test_it_lies_under_its_organization_and_tells_of_nobody(
        self, connection: AsyncConnection
    ) -> None:
        upload = await created(connection)
        folder, name = upload.storage_key.split("/")
        assert name == str(upload.id)
        assert str(UUID(folder)) == folder

    async def test_of_nobody_within_reach_is_refused(self, clinic: Clinic) -> None:
        nobody, caller = uuid4(), clinic.caller(RoleName.CLINICIAN)
        with pytest.raises(NotFound) as refusal:
            async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
                await uploads.create_upload(connection, announced(), subject_id=nobody)
        assert refusal.value.resource_id == nobody


class TestParts:
    async def test_the_same_file_is_gone_on_with(self, connection: AsyncConnection) -> None:
        upload = await created(connection)
        assert await uploads.begin_parts(connection, upload.id, "parts")
        begun = await uploads.find_begun(connection, announced(), subject_id=None)
        assert begun is not None
        assert (begun.id, begun.multipart_id) == (upload.id, "parts")

    @pytest.mark.parametrize(
        "other",
        [
            {"sha256": "cd" * 32},
            {"file_size_bytes": 8},
            {"content_type": "text/csv"},
            {"suffix": None},
        ],
        ids=lambda other: next(iter(other)),
    )
    async def test_another_file_is_begun_anew(
        self, connection: AsyncConnection, other: dict[str, Any]
    ) -> None:
        await uploads.begin_parts(connection, (await created(connection)).id, "parts")
        wanted = announced(**other)
        assert await uploads.find_begun(connection, wanted, subject_id=None) is None

    async def test_what_has_expired_is_begun_anew(self, connection: AsyncConnection) -> None:
        upload = await created(connection, expires_at=LATER - timedelta(hours=2))
        await uploads.begin_parts(connection, upload.id, "parts")
        assert await uploads.find_begun(connection, announced(), subject_id=None) is None

    async def test_what_came_at_once_has_no_parts(self, connection: AsyncConnection) -> None:
        await created(connection)
        assert await uploads.find_begun(connection, announced(), subject_id=None) is None

    async def test_of_two_requests_one_begins(self, connection: AsyncConnection) -> None:
        upload = await created(connection)
        assert await uploads.begin_parts(connection, upload.id, "first")
        assert not await uploads.begin_parts(connection, upload.id, "second")
        assert (await read(connection, upload)).multipart_id == "first"


class TestSettled:
    async def test_once(self, connection: AsyncConnection) -> None:
        upload = await created(connection)
        complete = await settled(connection, upload)
        assert complete is not None
        assert complete.status is UploadStatus.COMPLETE
        assert await settled(connection, upload) is None

    async def test_not_once_it_is_deleted(self, connection: AsyncConnection) -> None:
        upload = await created(connection)
        assert await uploads.delete_upload(connection, upload.id)
        assert await settled(connection, upload) is None
        assert await uploads.get_uploads(connection, [upload.id]) == []

    async def test_what_is_settled_takes_no_parts(self, connection: AsyncConnection) -> None:
        upload = await created(connection)
        await settled(connection, upload)
        assert not await uploads.begin_parts(connection, upload.id, "parts")


class TestUsed:
    @pytest.fixture
    async def own(self, clinic: Clinic, connection: AsyncConnection) -> Upload:
        """A file of the patient whose assessments the tests store."""
        patient = clinic.person_id(RoleName.PATIENT)
        return await uploads.create_upload(connection, announced(), subject_id=patient)

    async def test_the_first_assessment_keeps_it(
        self, clinic: Clinic, connection: AsyncConnection, own: Upload
    ) -> None:
        first, second = await stored(clinic), await stored(clinic)
        await uploads.use_uploads(connection, [own.id], first)
        await uploads.use_uploads(connection, [own.id], second)
        used = await read(connection, own)
        assert (used.assessment_id, used.expires_at) == (first, None)

    async def test_what_an_assessment_keeps_is_not_deleted(
        self, clinic: Clinic, connection: AsyncConnection, own: Upload
    ) -> None:
        await uploads.use_uploads(connection, [own.id], await stored(clinic))
        assert await uploads.delete_upload(connection, own.id) is None

    async def test_what_was_deleted_is_not_kept(
        self, clinic: Clinic, connection: AsyncConnection, own: Upload
    ) -> None:
        deleted = await uploads.delete_upload(connection, own.id)
        assert deleted is not None
        await uploads.use_uploads(connection, [own.id], await stored(clinic))
        assert await uploads.delete_upload(connection, own.id) is None
        assert await uploads.get_uploads(connection, [own.id]) == []
