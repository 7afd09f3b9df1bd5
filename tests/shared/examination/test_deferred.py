"""Accepted at once, made later by the pipeline's own worker: a real queue, a real database."""

import asyncio
import json
from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from functions.cardiology import worker
from functions.cardiology.service import EcgFields
from functions.maintenance import service as maintenance
from functions.maintenance.service import Job
from functions.records.decisions import queries as decisions
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file, wfdb_files
from shared import settings
from shared.aws import queue as sqs
from shared.database import transaction
from shared.database.repositories import assessments
from shared.errors import Unavailable
from shared.examination.worker import analyses
from shared.http.worker import MAX_TRIES, RETRY_AFTER_S, queue_handler
from shared.permissions import Permission, RoleName
from shared.recording import RecordingFile
from tests.conftest import Clinic
from tests.factories.examinations import examination
from tests.functions.uploads.sending import upload_recording
from tests.sqs import Queue

LOCATION = "/api/records/assessments/{}"
ASYNC = {"Prefer": "respond-async"}
ASKED_YESTERDAY = "UPDATE assessments SET created_at = now() - interval '25 hours' WHERE id = $1"


async def work(handler: Any, records: list[dict[str, Any]]) -> list[str]:
    """Invoke a worker as Lambda does, on a thread without a loop; return what is to come again."""
    answer = await asyncio.to_thread(handler, {"Records": records}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


async def drain(queue: Queue, handler: Any = worker.handler) -> int:
    """Work until nothing waits; return how many deliveries that took."""
    deliveries = 0
    while records := queue.receive():
        failed = await work(handler, records)
        deliveries += len(records)
        for record in records:
            if record["messageId"] not in failed:
                queue.delete(record)
    return deliveries


@pytest.fixture
def queue(aws: str, monkeypatch: pytest.MonkeyPatch) -> Queue:
    made = Queue(aws)
    monkeypatch.setenv("MEDILENS_QUEUE_URL", made.url)
    settings.load.cache_clear()
    return made


@cache
def recording() -> tuple[RecordingFile, ...]:
    episode = Episode(Rhythm.SINUS, 20, rate_bpm=70)
    return wfdb_files(synthesize([episode], fs_hz=250, leads=("II",)))


async def post(
    clinic: Clinic,
    files: Sequence[RecordingFile] = (),
    role: RoleName = RoleName.CLINICIAN,
    headers: dict[str, str] = ASYNC,
    **data: Any,
) -> httpx.Response:
    async with clinic.client(role) as client:
        return await client.post(
            "/api/cardiology/analyze",
            files=[("file", (file.name, file.content)) for file in files],
            data=data,
            headers=headers,
        )


async def read(clinic: Clinic, key: str, role: RoleName = RoleName.CLINICIAN) -> dict[str, Any]:
    async with clinic.client(role) as client:
        body: dict[str, Any] = (await client.get(LOCATION.format(key))).json()
        return body


class TestAccept:
    async def test_202_says_where_to_look_and_the_worker_does_the_rest(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        patient = str(clinic.person_id(RoleName.PATIENT))
        direct = await post(clinic, recording(), headers={}, subject_id=patient, sex="female")
        accepted = await post(clinic, recording(), subject_id=patient, sex="female")
        waiting = await read(clinic, key := accepted.json()["id"])
        assert await drain(queue) == 1
        done = await read(clinic, key)
        assert (accepted.status_code, accepted.headers["location"]) == (202, LOCATION.format(key))
        assert accepted.headers["preference-applied"] == "respond-async"
        assert (waiting["status"], waiting["result"], waiting["stages"]) == ("pending", None, [])
        assert (done["status"], done["subject_id"]) == ("completed", patient)
        for part in ("result", "biomarkers", "risk_points", "warnings", "requires_review"):
            assert done[part] == direct.json()[part], part
        assert done["provenance"]["input_sha256"] == direct.json()["provenance"]["input_sha256"]

    async def test_message_names_nobody_and_nothing_measured(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        patient = str(clinic.person_id(RoleName.PATIENT))
        await post(clinic, recording(), subject_id=patient, age_years="57", session_id="visit-7")
        (record,) = queue.receive()
        message = json.loads(record["body"])

        assert message.keys() == {"pipeline", "assessment_id", "caller"}
        assert patient not in record["body"]
        assert "57" not in message.values()
        assert "visit-7" not in record["body"]

    async def test_upload_is_analyzed_later_too(self, clinic: Clinic, queue: Queue) -> None:
        ids = await upload_recording(clinic, recording())
        accepted = await post(clinic, upload_id=ids)
        await drain(queue)

        assert accepted.status_code == 202
        assert (await read(clinic, accepted.json()["id"]))["status"] == "completed"

    async def test_patient_gets_their_own(self, clinic: Clinic, queue: Queue) -> None:
        accepted = await post(clinic, recording(), RoleName.PATIENT)
        await drain(queue)
        done = await read(clinic, accepted.json()["id"], RoleName.PATIENT)

        assert done["status"] == "completed"
        assert done["created_by"] == str(clinic.person_id(RoleName.PATIENT))

    @pytest.mark.parametrize(
        ("prefer", "status"),
        [
            ("respond-async", 202),
            ("wait=10, Respond-Async; x=1", 202),
            ("return=minimal", 201),
            ("not-respond-async", 201),
        ],
    )
    @pytest.mark.usefixtures("queue")
    async def test_preference_is_read_as_rfc_7240_writes_it(
        self, clinic: Clinic, prefer: str, status: int
    ) -> None:
        answer = await post(clinic, recording(), headers={"Prefer": prefer})
        assert answer.status_code == status

    @pytest.mark.usefixtures("aws")
    async def test_without_a_queue_it_is_made_at_once(self, clinic: Clinic) -> None:
        answer = await post(clinic, recording())

        assert answer.status_code == 201
        assert "preference-applied" not in answer.headers

    async def test_same_key_gives_the_same_one_and_asks_again(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        headers = ASYNC | {"Idempotency-Key": uuid4().hex}
        first = await post(clinic, recording(), headers=headers)
        second = await post(clinic, recording(), headers=headers)
        other = await post(clinic, [csv_file(_other())], headers=headers)
        assert await drain(queue) == 2
        third = await post(clinic, recording(), headers=headers)

        assert {first.json()["id"], second.json()["id"]} == {third.json()["id"]}
        assert (second.status_code, third.status_code) == (202, 201)
        assert other.json()["code"] == "idempotency-key-reused"
        assert len(await _stages(clinic, first.json()["id"])) == len(third.json()["stages"])

    async def test_same_request_again_stores_one_upload(
        self, clinic: Clinic, queue: Queue, auditor: asyncpg.Connection
    ) -> None:
        headers = ASYNC | {"Idempotency-Key": uuid4().hex}
        for _ in range(3):
            await post(clinic, recording(), headers=headers)
        other = await post(clinic, [csv_file(_other())], headers=headers)
        stored = await auditor.fetchval(
            "SELECT count(*) FROM uploaded_files WHERE created_by = $1",
            clinic.person_id(RoleName.CLINICIAN),
        )

        assert stored == len(recording())
        assert other.json()["code"] == "idempotency-key-reused"
        await drain(queue)

    async def test_unsent_message_is_503_and_the_key_sends_it_again(
        self, clinic: Clinic, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        headers = ASYNC | {"Idempotency-Key": uuid4().hex}
        monkeypatch.setenv("MEDILENS_QUEUE_URL", "http://127.0.0.1:9/queue")
        settings.load.cache_clear()
        refused = await post(clinic, recording(), headers=headers)
        monkeypatch.setenv("MEDILENS_QUEUE_URL", queue.url)
        settings.load.cache_clear()
        accepted = await post(clinic, recording(), headers=headers)
        await drain(queue)

        assert (refused.status_code, accepted.status_code) == (503, 202)
        assert (await read(clinic, accepted.json()["id"]))["status"] == "completed"

    async def test_stranger_is_404_and_researcher_403(
        self, clinic: Clinic, elsewhere: Clinic, queue: Queue
    ) -> None:
        stranger = str(elsewhere.person_id(RoleName.PATIENT))
        foreign = await post(clinic, recording(), subject_id=stranger)
        barred = await post(clinic, recording(), RoleName.RESEARCHER)

        assert (foreign.status_code, barred.status_code) == (404, 403)
        assert queue.receive() == []


@cache
def _other() -> Any:
    return synthesize([Episode(Rhythm.SINUS, 12)], fs_hz=100, leads=("I",))


async def _stages(clinic: Clinic, key: str) -> list[Any]:
    stages: list[Any] = (await read(clinic, key))["stages"]
    return stages


async def crash(*_: object) -> Any:
    raise ZeroDivisionError("of the patient Jane Doe")


def unavailable(*_: object) -> None:
    raise Unavailable("The store or the queue does not answer. Try again.")


POISONED = queue_handler(analyses(crash, EcgFields))


class TestWorker:
    async def test_delivered_twice_makes_one_assessment(
        self, clinic: Clinic, queue: Queue, auditor: asyncpg.Connection
    ) -> None:
        key = (await post(clinic, recording())).json()["id"]
        records = queue.receive()
        first = await work(worker.handler, records)
        done = await read(clinic, key)
        second = await work(worker.handler, records)

        assert first == second == []
        assert await read(clinic, key) == done
        assert await _results(auditor, key) == 1

    async def test_delivered_to_two_at_once_makes_one_assessment(
        self, clinic: Clinic, queue: Queue, auditor: asyncpg.Connection
    ) -> None:
        key = (await post(clinic, recording())).json()["id"]
        records = queue.receive()
        failed = await asyncio.gather(*(work(worker.handler, records) for _ in range(2)))

        assert failed == [[], []]
        assert (await read(clinic, key))["status"] == "completed"
        assert await _results(auditor, key) == 1

    async def test_unusable_recording_is_a_failed_assessment_and_no_failed_message(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        key = (await post(clinic, [RecordingFile("a.csv", b"no numbers")])).json()["id"]
        assert await drain(queue) == 1
        failed = await read(clinic, key)

        assert failed["status"] == "failed"
        assert failed["stages"][-1]["error_code"] not in {None, "analysis-crashed"}
        assert queue.receive(queue.dead) == []

    async def test_poisoned_is_failed_and_a_dead_letter_in_the_end(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        key = (await post(clinic, recording())).json()["id"]
        statuses = []
        for _ in range(MAX_TRIES):
            await work(POISONED, queue.receive())
            statuses.append((await read(clinic, key))["status"])
        assert queue.receive() == []
        failed = await read(clinic, key)

        assert statuses == ["processing"] * (MAX_TRIES - 1) + ["failed"]
        assert failed["stages"][0]["error_code"] == "analysis-crashed"
        assert "Jane" not in json.dumps(failed)
        (dead,) = queue.receive(queue.dead)
        assert json.loads(dead["body"])["assessment_id"] == key

    async def test_failed_message_comes_again_soon_and_later_with_every_try(
        self, clinic: Clinic, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await post(clinic, recording())
        delays: list[tuple[str, int]] = []
        monkeypatch.setattr(sqs, "delay", lambda *asked: delays.append(asked))
        handles = []
        for _ in range(MAX_TRIES):
            (record,) = queue.receive()
            handles.append(record["receiptHandle"])
            await work(POISONED, [record])

        assert delays == list(zip(handles, RETRY_AFTER_S, strict=False))

    async def test_failed_message_waits_in_the_queue(self, clinic: Clinic, queue: Queue) -> None:
        key = (await post(clinic, recording())).json()["id"]
        await work(POISONED, queue.receive())
        url, waiting = queue.url, "ApproximateNumberOfMessagesNotVisible"
        told = queue.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[waiting])
        await drain(queue)

        assert told["Attributes"][waiting] == "1"
        assert (await read(clinic, key))["status"] == "completed"

    async def test_queue_that_cannot_be_asked_keeps_the_message_for_its_own_time(
        self, clinic: Clinic, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await post(clinic, recording())
        (record,) = queue.receive()
        monkeypatch.setattr(sqs, "delay", unavailable)

        assert await work(POISONED, [record]) == [record["messageId"]]
        await drain(queue)

    async def test_mended_worker_finishes_what_crashed_before(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        key = (await post(clinic, recording())).json()["id"]
        await work(POISONED, queue.receive())
        await drain(queue)

        assert (await read(clinic, key))["status"] == "completed"

    async def test_poisoned_takes_no_other_with_it(self, clinic: Clinic, queue: Queue) -> None:
        key = (await post(clinic, recording())).json()["id"]
        (record,) = queue.receive()
        garbage = {
            "messageId": "garbage",
            "body": '{"pipeline": "cardiology"}',
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        failed = await work(worker.handler, [garbage, record])

        assert failed == ["garbage"]
        assert (await read(clinic, key))["status"] == "completed"

    async def test_permission_lost_meanwhile_is_not_used(
        self, clinic: Clinic, queue: Queue, auditor: asyncpg.Connection
    ) -> None:
        key = (await post(clinic, recording())).json()["id"]
        await auditor.execute(
            "UPDATE user_roles SET revoked_at = now() WHERE user_id = $1",
            clinic.person_id(RoleName.CLINICIAN),
        )
        assert await drain(queue) == MAX_TRIES

        assert (await read(clinic, key, RoleName.ADMIN))["status"] == "pending"
        assert len(queue.receive(queue.dead)) == 1

    async def test_deleted_meanwhile_is_left_alone(self, clinic: Clinic, queue: Queue) -> None:
        key = (await post(clinic, recording())).json()["id"]
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.delete(LOCATION.format(key))).status_code == 204
        assert await drain(queue) == 1
        async with clinic.client(RoleName.ADMIN) as client:
            restored = await client.post(f"{LOCATION.format(key)}/restore")
        assert restored.json()["status"] == "pending"

    async def test_another_tenant_cannot_have_it_worked_on(
        self, clinic: Clinic, elsewhere: Clinic, queue: Queue
    ) -> None:
        key = (await post(clinic, recording())).json()["id"]
        (record,) = queue.receive()
        message = json.loads(record["body"])
        message["caller"] |= {
            "subject": elsewhere.caller(RoleName.ADMIN).subject,
            "organization": elsewhere.identity,
        }
        await work(worker.handler, [record | {"body": json.dumps(message)}])

        assert (await read(clinic, key))["status"] == "pending"

    async def test_patient_cannot_touch_what_is_finished(
        self, clinic: Clinic, queue: Queue
    ) -> None:
        """The policy that lets a worker finish in a patient's name ends with the analysis."""
        key = UUID((await post(clinic, recording(), RoleName.PATIENT)).json()["id"])
        await drain(queue)
        caller = clinic.caller(RoleName.PATIENT)
        async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
            again = await assessments.finish_assessment(connection, examination(id=key))
            gone = await decisions.soft_delete_assessment(connection, key)

        assert (again, gone) == (None, False)


class TestAbandoned:
    async def test_unfinished_for_a_day_is_failed_once_younger_stays(
        self, clinic: Clinic, queue: Queue, auditor: asyncpg.Connection
    ) -> None:
        old, young = [(await post(clinic, recording())).json()["id"] for _ in range(2)]
        await auditor.execute(ASKED_YESTERDAY, UUID(old))
        await auditor.execute("UPDATE ai_explanations SET reserved_tokens = NULL")  # others' tests
        first = (await maintenance.run(Job.ANALYSES)).changed
        second = (await maintenance.run(Job.ANALYSES)).changed
        failed = await read(clinic, old)

        assert (first, second) == (["1 assessments"], [])
        assert failed["status"] == "failed"
        assert failed["stages"][0]["error_code"] == "analysis-abandoned"
        assert (await read(clinic, young))["status"] == "pending"
        await drain(queue)
        assert await read(clinic, old) == failed


async def _results(auditor: asyncpg.Connection, key: str) -> int:
    number: int = await auditor.fetchval(
        "SELECT count(*) FROM cardiology_results WHERE assessment_id = $1", UUID(key)
    )
    return number
