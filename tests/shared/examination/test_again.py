"""The recording of an assessment analyzed once more: by the queue, or by the pipeline at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.uploads.sending import upload_recording
from tests.shared.examination.test_deferred import drain, post, queue, read, recording
from tests.sqs import Queue

__all__ = ["queue"]

AGAIN = "/api/{}/assessments/{}/analyze-again"
SCIENCE = ("result", "biomarkers", "risk_points", "warnings", "absent", "quality_score")


async def ask(
    clinic: Clinic,
    key: str | UUID,
    function: str = "records",
    role: RoleName = RoleName.CLINICIAN,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    async with clinic.client(role) as client:
        return await client.post(AGAIN.format(function, key), headers=headers)


async def analyzed(clinic: Clinic, ids: Sequence[str]) -> dict[str, Any]:
    answer = await post(clinic, headers={}, upload_id=ids, sex="female")
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


class TestByTheQueue:
    async def test_the_new_one_names_its_predecessor_and_finds_the_same(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        patient = str(clinic.person_id(RoleName.PATIENT))
        ids = await upload_recording(clinic, recording(), subject_id=patient)
        first = await analyzed(clinic, ids)
        accepted = await ask(clinic, first["id"])
        await drain(queue)
        again = await read(clinic, accepted.json()["id"])
        assert accepted.status_code == 202
        assert accepted.headers["location"] == f"/api/records/assessments/{again['id']}"
        assert again["id"] != first["id"]
        assert (again["predecessor_id"], first["predecessor_id"]) == (first["id"], None)
        assert (again["subject_id"], again["status"]) == (patient, "completed")
        for part in ("recorded_at", "provenance", *SCIENCE):
            assert again[part] == first[part], part

    async def test_an_analysis_that_was_made_later_keeps_its_input_too(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        first = (await post(clinic, recording())).json()["id"]
        unfinished = await ask(clinic, first)
        await drain(queue)
        accepted = await ask(clinic, first)
        await drain(queue)

        assert (unfinished.status_code, unfinished.json()["code"]) == (409, "analysis-unfinished")
        assert (await read(clinic, accepted.json()["id"]))["status"] == "completed"

    async def test_the_same_key_asks_once(self, clinic: Clinic, queue: Queue) -> None:
        first = await analyzed(clinic, await upload_recording(clinic, recording()))
        key = {"Idempotency-Key": uuid4().hex}
        answers = [await ask(clinic, first["id"], headers=key) for _ in range(2)]

        assert answers[0].json()["id"] == answers[1].json()["id"]
        assert await drain(queue) == 2


@pytest.mark.usefixtures("aws")
class TestAtOnce:
    async def test_without_a_queue_the_pipeline_does_it(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        ids = await upload_recording(clinic, recording())
        first = await analyzed(clinic, ids)
        sent_on = await ask(clinic, first["id"])
        answer = await ask(clinic, first["id"], "cardiology")
        whose = "SELECT assessment_id FROM uploaded_files WHERE id = $1"
        value = await auditor.fetchval(whose, UUID(ids[0]))

        assert sent_on.status_code == 307
        assert sent_on.headers["location"] == AGAIN.format("cardiology", first["id"])
        assert (answer.status_code, answer.json()["predecessor_id"]) == (201, first["id"])
        for part in SCIENCE:
            assert answer.json()[part] == first[part], part
        assert str(value) == first["id"], "the first of two assessments keeps its file"

    async def test_another_pipelines_is_none_of_this_one(self, clinic: Clinic) -> None:
        first = await analyzed(clinic, await upload_recording(clinic, recording()))

        assert (await ask(clinic, first["id"], "speech")).status_code == 404


@pytest.mark.usefixtures("aws")
class TestRefusals:
    @pytest.mark.parametrize("function", ["records", "cardiology"])
    async def test_what_was_not_stored_cannot_be_analyzed_again(
        self, clinic: Clinic, function: str
    ) -> None:
        first = (await post(clinic, recording(), headers={})).json()["id"]
        answer = await ask(clinic, first, function)

        assert (answer.status_code, answer.json()["code"]) == (409, "input-not-stored")

    async def test_what_was_deleted_is_gone(self, clinic: Clinic) -> None:
        first = await analyzed(clinic, await upload_recording(clinic, recording()))
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.delete(f"/api/records/assessments/{first['id']}")

        assert (await ask(clinic, first["id"])).status_code == 410

    async def test_a_form_that_has_changed_is_said_by_name(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        first = await analyzed(clinic, await upload_recording(clinic, recording()))
        await auditor.execute("SET session_replication_role = replica")
        await auditor.execute(
            "UPDATE assessments SET provenance ="
            " jsonb_set(provenance, '{fields,shoe_size}', '42') WHERE id = $1",
            UUID(first["id"]),
        )
        await auditor.execute("SET session_replication_role = DEFAULT")
        answer = await ask(clinic, first["id"], "cardiology")

        assert (answer.status_code, answer.json()["code"]) == (409, "fields-changed")
        assert "shoe_size" in answer.json()["detail"]

    async def test_another_patients_is_not_found(self, clinic: Clinic) -> None:
        first = await analyzed(clinic, await upload_recording(clinic, recording()))

        assert (await ask(clinic, first["id"], role=RoleName.PATIENT)).status_code == 404
        assert (
            await ask(clinic, await stored(clinic), role=RoleName.RESEARCHER)
        ).status_code == 403
