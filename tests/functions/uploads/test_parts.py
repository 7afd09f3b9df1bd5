"""A large file in parts: what arrived before an interruption is not sent a second time."""

import asyncio
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from annotated_types import Le

from functions.maintenance import service as maintenance
from functions.maintenance.service import Job
from shared import settings
from shared.aws import multipart, requests, storage
from shared.aws.parts import PART_BYTES, part_sizes
from shared.aws.requests import NotThere
from shared.permissions import RoleName
from shared.settings import StorageSettings
from tests.conftest import Clinic
from tests.functions.uploads.sending import (
    WAV,
    announce,
    announced,
    complete,
    rows,
    send,
    stored,
)

pytestmark = [pytest.mark.clock, pytest.mark.usefixtures("aws")]

LARGE = WAV + bytes(2 * PART_BYTES)
SIZES = part_sizes(len(LARGE))
LISTED_AT_ONCE = 1000
EXPIRED = "UPDATE uploaded_files SET expires_at = now() - interval '2 hours' WHERE id = $1"


def part_of(content: bytes, number: int) -> bytes:
    return content[(number - 1) * PART_BYTES : number * PART_BYTES]


async def sign(
    clinic: Clinic,
    upload_id: str,
    content: bytes,
    *numbers: int,
    role: RoleName = RoleName.CLINICIAN,
) -> httpx.Response:
    asked = [
        {"number": number, "sha256": sha256(part_of(content, number)).hexdigest()}
        for number in numbers
    ]
    async with clinic.client(role) as client:
        return await client.post(f"/api/uploads/{upload_id}/parts", json={"parts": asked})


async def send_parts(clinic: Clinic, upload_id: str, content: bytes, *numbers: int) -> None:
    answer = await sign(clinic, upload_id, content, *numbers)
    assert answer.status_code == 200, answer.text
    for part in answer.json()["parts"]:
        send(part["request"], part_of(content, part["number"]))


async def begun(clinic: Clinic, *numbers: int) -> str:
    """A large file of which some parts have arrived."""
    upload_id = str((await announce(clinic, announced(LARGE))).json()["upload_id"])
    await send_parts(clinic, upload_id, LARGE, *numbers)
    return upload_id


async def seen(clinic: Clinic, upload_id: str) -> dict[str, Any]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        upload: dict[str, Any] = (await client.get(f"/api/uploads/{upload_id}")).json()
    return upload


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def numbers_of(upload: Mapping[str, Any]) -> list[tuple[int, int]]:
    return [(part["number"], part["size_bytes"]) for part in upload["parts"]]


class TestInterrupted:
    async def test_what_is_missing_is_sent_and_the_file_is_whole(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await begun(clinic, 3, 1)
        again = (await announce(clinic, announced(LARGE))).json()
        early = await complete(clinic, upload_id)
        shown = await seen(clinic, upload_id)
        await send_parts(clinic, upload_id, LARGE, 2)
        done = await complete(clinic, upload_id)
        row = await rows(auditor, upload_id)

        assert again["upload_id"] == upload_id
        assert numbers_of(again) == numbers_of(shown) == [(1, SIZES[1]), (3, SIZES[3])]
        assert told(early) == (409, "upload-parts-missing")
        assert "1 parts have not arrived: 2." in early.json()["detail"]
        assert (done.status_code, done.json()["status"]) == (200, "complete")
        assert sha256(storage.get(row["storage_key"])).hexdigest() == row["sha256"]
        assert (await announce(clinic, announced(LARGE))).json()["status"] == "complete"

    async def test_file_that_is_sent_at_once_after_all_is_complete(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await begun(clinic, 1)
        again = (await announce(clinic, announced(LARGE))).json()
        send(again["request"], LARGE)
        done = await complete(clinic, upload_id)

        assert again["upload_id"] == upload_id
        assert (done.status_code, done.json()["status"]) == (200, "complete")
        assert no_parts(await rows(auditor, upload_id))

    async def test_join_that_nobody_learned_of_is_not_repeated(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await begun(clinic, *SIZES)
        row = await rows(auditor, upload_id)
        key, together = row["storage_key"], row["multipart_id"]
        multipart.join(key, together, multipart.arrived(key, together))

        again = (await announce(clinic, announced(LARGE))).json()
        assert (again["upload_id"], numbers_of(again)) == (upload_id, list(SIZES.items()))
        assert (await complete(clinic, upload_id)).status_code == 200

    async def test_parts_that_are_gone_are_begun_anew(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await begun(clinic, 1)
        row = await rows(auditor, upload_id)
        multipart.abort(row["storage_key"], row["multipart_id"])

        assert (await seen(clinic, upload_id))["parts"] == []
        assert told(await complete(clinic, upload_id)) == (409, "upload-not-arrived")
        assert (await announce(clinic, announced(LARGE))).json()["upload_id"] != upload_id

    @pytest.mark.parametrize(
        "other",
        [
            announced(LARGE[:-1] + b"!"),
            announced(LARGE + b"!"),
            announced(LARGE, "application/octet-stream"),
            announced(LARGE, suffix=".dat"),
            announced(LARGE, subject_id=str(RoleName.PATIENT)),
        ],
        ids=["bytes", "size", "type", "suffix", "person"],
    )
    async def test_another_file_is_another_upload(
        self, clinic: Clinic, other: dict[str, Any]
    ) -> None:
        upload_id = await begun(clinic, 1)
        if "subject_id" in other:
            other = other | {"subject_id": str(clinic.person_id(RoleName.PATIENT))}
        answer = (await announce(clinic, other)).json()

        assert (answer["upload_id"] != upload_id, answer["parts"]) == (True, [])

    async def test_a_colleague_begins_with_their_own(self, clinic: Clinic) -> None:
        patient = str(clinic.person_id(RoleName.PATIENT))
        body = announced(LARGE, subject_id=patient)
        upload_id = (await announce(clinic, body)).json()["upload_id"]
        await send_parts(clinic, upload_id, LARGE, 1)
        others = [
            (await announce(clinic, body, role)).json()
            for role in (RoleName.ADMIN, RoleName.PATIENT)
        ]

        assert upload_id not in {other["upload_id"] for other in others}
        assert [other["parts"] for other in others] == [[], []]


class TestSign:
    async def test_two_at_once_send_the_parts_of_one_file(self, clinic: Clinic) -> None:
        upload_id = (await announce(clinic, announced(LARGE))).json()["upload_id"]
        await asyncio.gather(*(send_parts(clinic, upload_id, LARGE, number) for number in SIZES))

        assert (await complete(clinic, upload_id)).status_code == 200

    @pytest.mark.parametrize(
        "parts",
        [
            [],
            [{"number": 0, "sha256": "0" * 64}],
            [{"number": 4, "sha256": "0" * 64}],
            [{"number": 1, "sha256": "A" * 64}],
            [{"number": 1, "sha256": "0" * 64, "size_bytes": 1}],
        ],
    )
    async def test_no_part_of_the_file_is_422(
        self, clinic: Clinic, parts: list[dict[str, Any]]
    ) -> None:
        upload_id = (await announce(clinic, announced(LARGE))).json()["upload_id"]
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(f"/api/uploads/{upload_id}/parts", json={"parts": parts})

        assert told(answer) == (422, "invalid-request")

    @pytest.mark.parametrize(
        ("role", "refusal"),
        [
            (RoleName.ADMIN, (403, "not-your-upload")),
            (RoleName.PATIENT, (404, "not-found")),
            (RoleName.RESEARCHER, (403, "forbidden")),
        ],
    )
    async def test_nobody_else_is_given_an_address(
        self, clinic: Clinic, role: RoleName, refusal: tuple[int, str]
    ) -> None:
        upload_id = await begun(clinic, 1)
        assert told(await sign(clinic, upload_id, LARGE, 2, role=role)) == refusal

    async def test_other_tenants_is_404(self, clinic: Clinic, elsewhere: Clinic) -> None:
        upload_id = await begun(clinic, 1)
        assert told(await sign(elsewhere, upload_id, LARGE, 2)) == (404, "not-found")
        assert (await announce(elsewhere, announced(LARGE))).json()["parts"] == []

    async def test_key_of_the_settings_encrypts_the_parts_together(
        self, clinic: Clinic, auditor: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_STORAGE_KMS_KEY", "arn:aws:kms:us-east-1:1:key/k")
        settings.load.cache_clear()
        upload_id = await begun(clinic, *SIZES)
        await complete(clinic, upload_id)
        key = (await rows(auditor, upload_id))["storage_key"]
        with requests.call("s3", "HEAD", storage.address_of(key), {}) as answer:
            assert answer.headers["x-amz-server-side-encryption"] == "aws:kms"


class TestRemoved:
    # This store, unlike S3, takes a part with other bytes: so the check of the whole is at work.
    async def test_other_bytes_are_rejected_and_removed(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        other = LARGE[:-1] + b"!"
        upload_id = await begun(clinic, 1, 2)
        await send_parts(clinic, upload_id, other, 3)
        answer = await complete(clinic, upload_id)
        row = await rows(auditor, upload_id)

        assert told(answer) == (422, "upload-hash-differs")
        assert (row["status"], stored(row["storage_key"])) == ("rejected", False)
        assert told(await sign(clinic, upload_id, LARGE, 3)) == (409, "upload-closed")
        assert (await announce(clinic, announced(LARGE))).json()["upload_id"] != upload_id

    async def test_deleted_takes_its_parts_along(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await begun(clinic, 1)
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.delete(f"/api/uploads/{upload_id}")).status_code == 204

        assert no_parts(await rows(auditor, upload_id))

    async def test_expired_takes_its_parts_along(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        upload_id = await begun(clinic, 1)
        await auditor.execute(EXPIRED, UUID(upload_id))
        resumed = (await announce(clinic, announced(LARGE))).json()
        closed = await sign(clinic, upload_id, LARGE, 2)

        assert upload_id in (await maintenance.run(Job.UPLOADS)).changed
        assert no_parts(await rows(auditor, upload_id))
        assert resumed["upload_id"] != upload_id
        assert told(closed) == (409, "upload-closed")


def no_parts(row: asyncpg.Record) -> bool:
    try:
        return not multipart.arrived(row["storage_key"], row["multipart_id"])
    except NotThere:
        return True


class TestSizes:
    def test_largest_file_has_no_more_parts_than_a_store_lists(self) -> None:
        limits = StorageSettings.model_fields["max_upload_bytes"].metadata
        (largest,) = [int(str(limit.le)) for limit in limits if isinstance(limit, Le)]
        assert len(part_sizes(largest)) <= LISTED_AT_ONCE

    @pytest.mark.parametrize(
        ("size_bytes", "sizes"),
        [
            (1, [1]),
            (PART_BYTES, [PART_BYTES]),
            (PART_BYTES + 1, [PART_BYTES, 1]),
        ],
    )
    def test_parts_are_equal_but_the_last(self, size_bytes: int, sizes: Iterable[int]) -> None:
        assert list(part_sizes(size_bytes).values()) == sizes
