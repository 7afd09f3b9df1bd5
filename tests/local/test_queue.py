"""The laptop's queue: believes the functions alone, tries three times, keeps what fails."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from local import queue as queues
from local.queue import MemoryQueue
from local.signatures import REGION
from shared.aws.signing import Credentials, Signer
from shared.caller import Caller
from shared.examination.deferred import AnalysisMessage
from shared.http.worker import MAX_TRIES
from shared.pipelines import PipelineName

CREDENTIALS = Credentials("local", "secret")
URL = "http://queue.test/"
MESSAGE = AnalysisMessage(
    function=PipelineName.CARDIOLOGY,
    assessment_id=uuid4(),
    caller=Caller("user", "org", "request-0"),
).model_dump_json()
BODY = json.dumps({"QueueUrl": f"{URL}queue", "MessageBody": MESSAGE}).encode()


class Worker:
    """Fails as often as it is told to, and keeps what it was given."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.records: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any], _: object) -> dict[str, Any]:
        (record,) = event["Records"]
        self.records.append(record)
        failed = len(self.records) <= self.failures
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}] * failed}

    @property
    def tries(self) -> list[str]:
        return [record["attributes"]["ApproximateReceiveCount"] for record in self.records]


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue(CREDENTIALS, pause_s=0)


@pytest.fixture
async def client(queue: MemoryQueue) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=queue.routes()))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client


def signed(credentials: Credentials = CREDENTIALS) -> dict[str, str]:
    digest = sha256(BODY).hexdigest()
    return Signer(credentials, REGION, "sqs").headers("POST", URL, {}, digest, datetime.now(UTC))


async def delivered(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, failures: int
) -> Worker:
    worker = Worker(failures)
    monkeypatch.setattr(queues, "_worker", lambda _: worker)
    before = asyncio.all_tasks()
    assert (await client.post("/", content=BODY, headers=signed())).status_code == 200
    await asyncio.gather(*(asyncio.all_tasks() - before))
    return worker


class TestDelivery:
    @pytest.mark.parametrize("failures", [0, 1, 2])
    async def test_tried_until_it_succeeds(
        self,
        client: httpx.AsyncClient,
        queue: MemoryQueue,
        monkeypatch: pytest.MonkeyPatch,
        failures: int,
    ) -> None:
        worker = await delivered(client, monkeypatch, failures)

        assert worker.tries == [str(entry) for entry in range(1, failures + 2)]
        assert worker.records[0]["body"] == MESSAGE
        assert queue.dead_letters == []

    async def test_too_many_failures_are_a_dead_letter(
        self, client: httpx.AsyncClient, queue: MemoryQueue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        worker = await delivered(client, monkeypatch, MAX_TRIES)

        assert worker.tries == [str(tried) for tried in range(1, MAX_TRIES + 1)]
        assert queue.dead_letters == [MESSAGE]


class TestSignature:
    @pytest.mark.parametrize("headers", [{}, signed(Credentials("local", "guess"))])
    async def test_stranger_is_refused(
        self, client: httpx.AsyncClient, headers: dict[str, str]
    ) -> None:
        assert (await client.post("/", content=BODY, headers=headers)).status_code == 403

    async def test_another_message_under_the_signature_is_refused(
        self, client: httpx.AsyncClient
    ) -> None:
        forged = BODY.replace(b'"user', b'"root')
        assert (await client.post("/", content=forged, headers=signed())).status_code == 403
