"""What no caller waits for, as it is deployed: the workers of the queues, and the schedule."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from functions.accounts.exports.service import ExportMessage
from functions.maintenance.service import Job
from local.samples.catalog import Sample
from shared.aws import storage
from shared.http.worker import MAX_TRIES
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.recording import RecordingFile
from tests.artifacts.conftest import (
    EVENTS,
    Answer,
    Start,
    analysis,
    lasting,
    local_answer,
    on_aws,
    request,
    sample,
)
from tests.conftest import Clinic
from tests.functions.accounts.test_exports import begun, sent, unpacked
from tests.functions.accounts.test_lifecycle import add
from tests.functions.uploads.sending import send, stored
from tests.sqs import Queue

# Names of files are not kept, so what a name tells has to be said.
FIELDS = {PipelineName.COGNITIVE: {"task": "stroop"}}
SAME_LATER = ("result", "biomarkers", "risk_points", "warnings", "requires_review")
BYTES = "application/octet-stream"
EXPIRED = "UPDATE uploaded_files SET expires_at = now() - interval '1 day' WHERE id = $1"


def messages(records: list[dict[str, Any]]) -> dict[str, Any]:
    """What waits in the queue, in an event as Lambda was seen to make one."""
    recorded = json.loads((EVENTS / "sqs.json").read_text())["Records"][0]
    return {"Records": [recorded | record for record in records]}


def work(start: Start, function: str, event: dict[str, Any]) -> list[str]:
    """Return which messages the deployed worker wants to see again."""
    outcome = start(on_aws(f"{function}Worker")).api.invoke(event)
    assert outcome.ok, outcome.value
    return [item["itemIdentifier"] for item in outcome.value["batchItemFailures"]]


async def read(clinic: Clinic, key: str) -> dict[str, Any]:
    answer = await local_answer(clinic, request(clinic, "GET", f"/api/records/assessments/{key}"))
    assessment: dict[str, Any] = answer.json()
    return assessment


def told(pipeline: PipelineName) -> Sample:
    outcome = sample(pipeline)
    return replace(outcome, fields={**outcome.fields, **FIELDS.get(pipeline, {})})


def accepted(start: Start, pipeline: PipelineName, clinic: Clinic, **more: Any) -> Answer:
    asked = analysis(clinic, replace(told(pipeline), **more), prefer="respond-async")
    answer = start(on_aws(pipeline))(asked)
    assert answer.status == 202, answer.body
    return answer


@pytest.mark.parametrize("pipeline", PipelineName)
class TestWorkers:
    async def test_delivered_twice_makes_the_one_assessment_that_was_accepted(
        self,
        pipeline: PipelineName,
        start: Start,
        clinic: Clinic,
        queue: Queue,
        auditor: asyncpg.Connection,
    ) -> None:
        here = await local_answer(clinic, analysis(clinic, told(pipeline)))
        answer = accepted(start, pipeline, clinic)
        key = answer.json()["id"]
        (record,) = queue.receive()
        twice = [work(start, pipeline, messages([record])) for _ in range(2)]
        queue.delete(record)
        done = lasting(await read(clinic, key))

        assert answer.json()["status"] == "pending"
        assert answer.headers["location"] == f"/api/records/assessments/{key}"
        assert twice == [[], []]
        assert done["status"] == "completed", done["stages"]
        for part in SAME_LATER:
            assert done[part] == lasting(here.json())[part], part
        assert await auditor.fetchval(
            f"SELECT count(*) FROM {pipeline}_results WHERE assessment_id = $1", UUID(key)
        )

    async def test_unusable_recording_is_failed_and_does_not_come_again(
        self, pipeline: PipelineName, start: Start, clinic: Clinic, queue: Queue
    ) -> None:
        noise = [RecordingFile("note.bin", b"not a recording at all")]
        key = accepted(start, pipeline, clinic, make=lambda: noise).json()["id"]
        (record,) = queue.receive()
        assert work(start, pipeline, messages([record])) == []
        queue.delete(record)

        assert (await read(clinic, key))["status"] == "failed"

    async def test_poisoned_is_failed_and_a_dead_letter_in_the_end(
        self,
        pipeline: PipelineName,
        start: Start,
        clinic: Clinic,
        queue: Queue,
        auditor: asyncpg.Connection,
    ) -> None:
        """Its recording is lost in the store, which no second try brings back."""
        key = accepted(start, pipeline, clinic).json()["id"]
        for row in await auditor.fetch(
            "SELECT storage_key FROM uploaded_files WHERE assessment_id = $1", UUID(key)
        ):
            await asyncio.to_thread(storage.delete, row["storage_key"])
        tries = []
        for _ in range(MAX_TRIES):
            (record,) = queue.receive()
            assert work(start, pipeline, messages([record])) == [record["messageId"]]
            tries.append((await read(clinic, key))["status"])
        assert queue.receive() == []
        (dead,) = [
            entry
            for entry in queue.receive(queue.dead)
            if json.loads(entry["body"])["assessment_id"] == key
        ]

        assert tries == ["processing"] * (MAX_TRIES - 1) + ["failed"]
        assert dead["messageId"] == record["messageId"]
        assert (await read(clinic, key))["stages"][-1]["error_code"] == "upload-changed"

    async def test_garbage_alone_comes_again(
        self, pipeline: PipelineName, start: Start, clinic: Clinic, queue: Queue
    ) -> None:
        key = accepted(start, pipeline, clinic).json()["id"]
        (record,) = queue.receive()
        garbage = {"messageId": "garbage", "body": "{}"}
        assert work(start, pipeline, messages([garbage, record])) == ["garbage"]
        queue.delete(record)

        assert (await read(clinic, key))["status"] == "completed"


class TestExports:
    async def test_is_read_by_the_worker_and_a_message_that_comes_twice_does_no_harm(
        self, start: Start, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            person = await add(client, "Canaria")
            place = await begun(client, monkeypatch, person)
            message = ExportMessage(
                caller=clinic.caller(RoleName.CLINICIAN),
                person_id=UUID(person),
                export_id=UUID(place.rpartition("/")[2]),
                leased_until=datetime.now(UTC),
            )
            event = messages([{"messageId": "export", "body": message.model_dump_json()}])
            assert [work(start, "accounts", event) for _ in range(2)] == [[], []]
            told = await client.get(place)
        (archive,) = told.json()["archives"]
        assert "tables/users.json" in unpacked(sent(archive["address"]))


def invoke(start: Start, job: Job) -> list[str]:
    outcome = start(on_aws("maintenanceJobs")).api.invoke({"job": job})
    assert outcome.ok, outcome.value
    assert outcome.value["job"] == job
    changed: list[str] = outcome.value["changed"]
    return changed


class TestSchedule:
    def test_the_recorded_event_does_the_job(self, start: Start) -> None:
        event = json.loads((EVENTS / "schedule.json").read_text())
        api = start(on_aws("maintenanceJobs")).api
        outcomes = [api.invoke(event) for _ in range(2)]

        assert [outcome.ok for outcome in outcomes] == [True, True], outcomes[0].value
        assert outcomes[1].value == {"job": "partitions", "changed": []}

    def test_an_unknown_job_is_refused(self, start: Start) -> None:
        assert not start(on_aws("maintenanceJobs")).api.invoke({"job": "everything"}).ok

    async def test_upload_that_nobody_used_is_gone_from_table_and_store(
        self, start: Start, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        (file,) = sample(PipelineName.COGNITIVE).make()
        announced = {"content_type": BYTES, "size_bytes": len(file.content), "sha256": file.sha256}
        created = start(on_aws("uploads"))(request(clinic, "POST", "/api/uploads", json=announced))
        await asyncio.to_thread(send, created.json()["request"], file.content)
        key = UUID(created.json()["upload_id"])
        place = await auditor.fetchval("SELECT storage_key FROM uploaded_files WHERE id = $1", key)
        await auditor.execute(EXPIRED, key)
        assert await asyncio.to_thread(stored, place)

        assert str(key) in invoke(start, Job.UPLOADS)
        assert not await asyncio.to_thread(stored, place)
        assert str(key) not in invoke(start, Job.UPLOADS)

    async def test_what_nobody_finished_in_a_day_is_failed(
        self, start: Start, clinic: Clinic, queue: Queue, auditor: asyncpg.Connection
    ) -> None:
        key = accepted(start, PipelineName.COGNITIVE, clinic).json()["id"]
        (record,) = queue.receive()
        queue.delete(record)
        await auditor.execute(
            "UPDATE assessments SET created_at = now() - interval '25 hours' WHERE id = $1",
            UUID(key),
        )

        assert invoke(start, Job.ANALYSES) == ["1 assessments"]
        assert (await read(clinic, key))["stages"][-1]["error_code"] == "analysis-abandoned"
