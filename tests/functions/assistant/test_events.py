"""Explanations as server-sent events: verified sentences, once they are stored, and no others."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import asyncpg
import httpx
import pytest

from functions.assistant import worker
from functions.assistant.explanations import events
from functions.assistant.explanations.endpoints import wants_events
from functions.assistant.explanations.events import Heard
from functions.assistant.model import writing
from functions.assistant.model.writing import Written
from local.prove.answering import FakeModel
from shared import settings
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.assistant.test_models import EXPLANATIONS, model, usage
from tests.functions.assistant.test_pending import LATER, ROW, asked, assessment, read
from tests.nonempty import nonempty
from tests.shared.examination.test_deferred import drain, queue
from tests.sqs import Queue

__all__ = ["assessment", "model", "queue"]  # the fixtures

STREAM = {"Accept": "text/event-stream"}


@dataclass(frozen=True)
class Event:
    name: str
    data: dict[str, Any]
    key: str | None

    @classmethod
    def of(cls, block: str) -> Self:
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        return cls(fields["event"], json.loads(fields["data"]), fields.get("id"))


@dataclass(frozen=True)
class Stream:
    """A whole stream as it came: its events, its comments, and whether to come back."""

    events: list[Event]
    comments: int
    comes_back: bool

    @classmethod
    def of(cls, body: str) -> Self:
        blocks = [block for block in body.split("\n\n") if block]
        told = [block for block in blocks if block.startswith(("id: ", "event: "))]
        comments = [block for block in blocks if block.startswith(":")]
        return cls([Event.of(block) for block in told], len(comments), "retry: 2000" in blocks)

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events if event.name != "sentence"]

    @property
    def statuses(self) -> list[str]:
        return [event.data["status"] for event in self.events if event.name == "status"]

    @property
    def keys(self) -> list[str]:
        return [event.key or "" for event in self.events if event.name == "sentence"]

    def sentences(self, status: str) -> list[dict[str, Any]]:
        return [event.data for event in self.events if event.key and event.key.startswith(status)]


async def streamed(
    clinic: Clinic,
    key: str,
    role: RoleName = RoleName.CLINICIAN,
    last: str | None = None,
) -> Stream:
    headers = STREAM | ({"Last-Event-ID": last} if last else {})
    async with clinic.client(role) as client:
        answer = await client.get(f"{EXPLANATIONS}/{key}", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "no-store"
    return Stream.of(answer.text)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(events, "MOST_S", 0.0)


def slow(monkeypatch: pytest.MonkeyPatch, model: FakeModel, *, limit_s: float) -> None:
    monkeypatch.setenv("MEDILENS_ASSISTANT_TIMEOUT_S", str(limit_s))
    settings.load.cache_clear()
    model.delay_s = 0.3


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        (None, False),
        ("application/json", False),
        ("*/*", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=0.1, application/json", False),
        ("text/event-stream", True),
        ("application/json, text/event-stream", True),
    ],
)
def test_whoever_reads_both_gets_what_they_rather_read(
    accept: str | None,
    streams: bool,  # a parameter of the test
) -> None:
    assert wants_events(accept) is streams


@pytest.mark.parametrize(
    "last",
    ["garbage", "complete-", "complete--1", "complete-\u0661", "complete-12345", "a-1", "", "-1\n"],
)
def test_whoever_heard_something_else_hears_everything(last: str) -> None:
    assert Heard.of(last) == Heard.of(None)
    assert Heard.of("complete-7") == Heard("complete", 7)


class TestAsking:
    async def test_sentences_come_once_they_are_stored(
        self,
        clinic: Clinic,
        model: FakeModel,
        assessment: UUID,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        slow(monkeypatch, model, limit_s=5)
        answer = await asked(clinic, assessment, headers=STREAM)
        stream = Stream.of(answer.text)
        _, stored = await read(clinic, stream.events[0].data["id"])
        assert answer.status_code == 200
        assert stream.names == ["status", "status", "done"]
        assert stream.statuses == ["asking", "complete"]
        assert stream.sentences("complete") == stored["sentences"]
        assert stream.keys == [f"complete-{n}" for n in range(1, len(stored["sentences"]) + 1)]
        assert stream.comments >= 1
        assert stream.events[-1].data == {"id": stored["id"], "engine": "model", "why": None}

    @pytest.mark.usefixtures("model")
    async def test_a_refusal_before_it_begins_is_a_plain_problem(
        self, clinic: Clinic, elsewhere: Clinic, assessment: UUID
    ) -> None:
        foreign = await asked(elsewhere, assessment, headers=STREAM)
        barred = await asked(clinic, assessment, RoleName.RESEARCHER, headers=STREAM)
        assert (foreign.status_code, barred.status_code) == (404, 403)
        for refused in (foreign, barred):
            assert refused.headers["content-type"] == "application/problem+json"

    async def test_without_a_model_the_template_is_told_at_once(
        self, clinic: Clinic, assessment: UUID
    ) -> None:
        stream = Stream.of((await asked(clinic, assessment, headers=STREAM)).text)
        assert stream.statuses == ["complete"]
        assert stream.events[-1].data["why"] == "not-configured"

    @pytest.mark.usefixtures("model", "queue")
    async def test_what_is_handed_to_the_worker_ends_with_the_template_and_when_to_come_back(
        self, clinic: Clinic, assessment: UUID
    ) -> None:
        answer = await asked(clinic, assessment, headers=STREAM | LATER)
        stream = Stream.of(answer.text)
        assert stream.statuses == ["pending"]
        assert stream.comes_back
        assert stream.names == ["status"]
        assert stream.sentences("pending")

    @pytest.mark.usefixtures("model")
    @pytest.mark.usefixtures("model")
    async def test_a_refusal_in_the_middle_is_an_event(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        assessment: UUID,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Who loses their role while a model is asked hears nothing of what it said."""
        real = writing.worded

        async def meanwhile(*told: Any) -> Written:
            await auditor.execute(
                "UPDATE user_roles SET revoked_at = now() WHERE user_id = $1",
                clinic.person_id(RoleName.CLINICIAN),
            )
            return await real(*told)

        monkeypatch.setattr(writing, "worded", meanwhile)
        stream = Stream.of((await asked(clinic, assessment, headers=STREAM)).text)
        assert stream.names == ["status", "problem"]
        assert stream.events[-1].data["status"] == 403
        assert stream.keys == []


class TestReading:
    async def test_goes_on_after_what_was_heard(self, clinic: Clinic, assessment: UUID) -> None:
        told = (await asked(clinic, assessment, engine="template")).json()
        whole = await streamed(clinic, told["id"])
        rest = await streamed(clinic, told["id"], last=whole.keys[0])
        assert whole.sentences("complete") == told["sentences"]
        assert rest.keys == nonempty(whole.keys[1:])
        assert (await streamed(clinic, told["id"], last=whole.keys[-1])).keys == []
        assert (await streamed(clinic, told["id"], last="garbage-1")).keys == whole.keys

    @pytest.mark.usefixtures("model")
    async def test_a_worker_ends_it_while_somebody_listens(
        self,
        clinic: Clinic,
        queue: Queue,
        assessment: UUID,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(events, "MOST_S", 30.0)
        monkeypatch.setattr(events, "LOOK_AGAIN_S", 0.05)
        first = (await asked(clinic, assessment)).json()
        listening = asyncio.create_task(streamed(clinic, first["id"], last="pending-1"))
        await asyncio.sleep(0.2)
        await drain(queue, worker.handler)
        stream = await listening
        _, done = await read(clinic, first["id"])
        assert stream.statuses == ["pending", "complete"]
        assert stream.sentences("pending") == nonempty(first["sentences"][1:])
        assert stream.sentences("complete") == done["sentences"]
        assert stream.events[-1].data["engine"] == "model"
        assert stream.comments >= 1

    @pytest.mark.usefixtures("model")
    async def test_another_organization_a_role_that_may_not_and_unreleased_words_are_problems(
        self, clinic: Clinic, elsewhere: Clinic, assessment: UUID
    ) -> None:
        key = (await asked(clinic, assessment, headers={})).json()["id"]
        codes = []
        for whose, role in (
            (elsewhere, RoleName.CLINICIAN),
            (clinic, RoleName.RESEARCHER),
            (clinic, RoleName.PATIENT),
        ):
            async with whose.client(role) as client:
                answer = await client.get(f"{EXPLANATIONS}/{key}", headers=STREAM)
            codes.append(answer.json()["code"])
        assert codes == ["not-found", "not-found", "not-released"]

    @pytest.mark.usefixtures("model", "queue")
    async def test_looking_whether_something_came_is_no_reading(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        assessment: UUID,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What the trail has of a stream is one reading, however long somebody listened."""
        monkeypatch.setattr(events, "MOST_S", 0.3)
        monkeypatch.setattr(events, "LOOK_AGAIN_S", 0.05)
        key = (await asked(clinic, assessment)).json()["id"]
        reads = "SELECT count(*) FROM audit_events WHERE resource_id = $1 AND action = 'read'"
        before = await auditor.fetchval(reads, UUID(key))
        stream = await streamed(clinic, key)
        assert stream.comments >= 2
        assert await auditor.fetchval(reads, UUID(key)) == before + 1


class TestLeaving:
    async def test_what_was_asked_is_stored_though_the_caller_left(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        model: FakeModel,
        assessment: UUID,
        url: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        slow(monkeypatch, model, limit_s=20)
        headers = STREAM | {"Authorization": f"Bearer {clinic.token(RoleName.CLINICIAN)}"}
        wanted = {"assessment_id": str(assessment)}
        async with (
            httpx.AsyncClient(base_url=url) as client,
            client.stream("POST", EXPLANATIONS, json=wanted, headers=headers) as answer,
        ):
            lines = answer.aiter_lines()
            assert await anext(lines) == "event: status"
            key = json.loads((await anext(lines)).removeprefix("data: "))["id"]
        for _ in range(200):
            if row := await auditor.fetchrow(ROW, UUID(key)):
                break
            await asyncio.sleep(0.1)
        assert row is not None
        assert row["is_free"]
        assert await usage(clinic, auditor) == (1, 120)
        assert (await read(clinic, key))[1]["engine"] == "model"
