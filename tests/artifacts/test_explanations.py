"""Whatever a model's endpoint does, what is deployed of the assistant answers."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from local.prove.answering import FakeModel, answering, completion, http
from tests.artifacts.conftest import Answer, Asked, Start, every_cloud, on_aws, on_vercel, request
from tests.artifacts.test_jobs import messages
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.assistant.test_models import EXPLANATIONS, FREE, allow, consent
from tests.nonempty import nonempty
from tests.sqs import Queue

LIMIT_S = 6.0
ONE_MEGABYTE = b"A" * 1_000_000


def said(text: str, **told: Any) -> bytes:
    written = json.dumps({"sentences": [{"text": text, "facts": ["F2"]}]})
    return http(json.dumps(completion(written, **told), ensure_ascii=False).encode())


def cut(answer: bytes) -> Sequence[bytes]:
    """An answer in two pieces, between the two bytes of a character."""
    place = answer.index("µ".encode()) + 1
    return [answer[:place], answer[place:]]


def unending(piece: bytes, times: int) -> Sequence[bytes]:
    return [b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", *[piece] * times]


WELL = said(FREE)
IN_TWO = cut(said(FREE, model="µ-model"))
# What it does, why the template is told then, and the pauses in between.
MODES: dict[str, tuple[Any, str | None, float]] = {
    "well": (WELL, None, 0),
    "busy": (http({}, "429 Too Many Requests", "Retry-After: 60"), "refused", 0),
    "failing": (http({}, "500 Internal Server Error"), "refused", 0),
    "elsewhere": (http({}, "307 Temporary", "Location: https://169.254.169.254/"), "refused", 0),
    "garbage": (http(b"<html>hello</html>"), "malformed", 0),
    "half": (http(b'{"choices": [{"mess'), "malformed", 0),
    "empty": (http(completion(None, message={"reasoning": "I think"})), "empty", 0),
    "a wrong slot": (said("The {F2.name} was {F2.count}."), "refused", 0),
    "no such fact": (said("The {F99.name} was {F99.value}."), "refused", 0),
    "an echo": (http(completion("You explain a record. Answer in JSON.")), "malformed", 0),
    "half a letter": (IN_TWO, None, 0.1),
    "100 MB": (unending(ONE_MEGABYTE, 100), "too-large", 0),
    "no end": (unending(b" ", 10_000), "timed-out", 0.05),
    "slow": ([WELL], "timed-out", 60),
}


def started(start: Start, on: Any, name: str, model: FakeModel) -> Asked:
    return start(
        on(name),
        assistant_url=model.url,
        assistant_model="a-model",
        assistant_timeout_s=str(LIMIT_S),
    )


async def explained(ask: Asked, clinic: Clinic, key: UUID, **headers: str) -> Answer:
    wanted = {"assessment_id": str(key), "voice": "clinician"}
    sent = request(clinic, "POST", EXPLANATIONS, json=wanted, headers=headers)
    return await asyncio.to_thread(ask, sent)


@pytest.fixture
async def assessment(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    await allow(clinic, auditor)
    await consent(clinic, auditor)
    return await stored(clinic)


@every_cloud
async def test_whatever_the_endpoint_does_there_is_an_answer(
    on: Any, start: Start, clinic: Clinic, assessment: UUID
) -> None:
    """Where there is a queue, what is too slow for a request is handed on: 202."""
    async with answering() as model:
        ask = started(start, on, "assistant", model)
        for mode, (does, why, pause_s) in nonempty(MODES.items()):
            model.answers, model.pause_s, model.asked = [does], pause_s, []
            answer = await explained(ask, clinic, assessment)
            told = answer.json()
            waits = why == "timed-out" and on is not on_vercel
            assert answer.status == (202 if waits else 201), mode
            assert told["engine"] == ("template" if why else "model"), mode
            assert told["why_template"] == ("awaited" if waits else why), mode
            assert nonempty(told["sentences"])
            assert model.asked, mode


def delivery(work: Asked, queue: Queue, key: str) -> tuple[int, Any]:
    """Deliver the messages on one explanation; return how many there were, and the answer."""
    records = [record for record in queue.receive() if key in record["body"]]
    return len(records), work.api.invoke(messages(records)).value


async def test_the_deployed_worker_ends_it_and_its_events_are_told_at_once(
    start: Start, clinic: Clinic, assessment: UUID, queue: Queue
) -> None:
    async with answering() as model:
        model.answers = [WELL]
        ask = started(start, on_aws, "assistant", model)
        pending = await explained(ask, clinic, assessment, prefer="respond-async")
        place = pending.headers["location"]
        stream = request(clinic, "GET", place, headers={"accept": "text/event-stream"})
        before = await asyncio.to_thread(ask, stream)
        work = started(start, on_aws, "assistantWorker", model)
        delivered = await asyncio.to_thread(delivery, work, queue, place[-36:])
        after = await asyncio.to_thread(ask, stream)
    assert before.body.endswith("retry: 2000\n\n")
    assert delivered == (1, {"batchItemFailures": []})
    assert "event: done" in after.body
    assert '"engine": "model"' in after.body
