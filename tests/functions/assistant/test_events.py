"""Explanations as server-sent events: verified sentences, once they are stored, and no others."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self, cast
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations import asking, events
from functions.assistant.explanations.endpoints import wants_events
from functions.assistant.explanations.events import Heard
from functions.assistant.explanations.schemas import ExplanationCreate, ExplanationRead
from functions.assistant.explanations.service import get_finished
from functions.assistant.model import writing
from functions.assistant.model.writing import Written
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.assistant.desk import LATER, Desk, desk, model, queue
from tests.functions.assistant.test_models import EXPLANATIONS
from tests.nonempty import nonempty
from tests.waiting import until

__all__ = ["desk", "model", "queue"]  # the fixtures

STREAM = {"Accept": "text/event-stream"}
REVOKED = "UPDATE user_roles SET revoked_at = now() WHERE user_id = $1"


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


async def streamed(desk: Desk, key: str, last: str | None = None) -> Stream:
    heard = {"Last-Event-ID": last} if last else {}
    answer = await desk.get(key, headers=STREAM | heard)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "no-store"
    return Stream.of(answer.text)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(events, "LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr(events, "MOST_S", 0.0)


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
    async def test_sentences_come_once_they_are_stored(self, desk: Desk) -> None:
        desk.model.delay_s = 1.0
        answer = await desk.asked(headers=STREAM)
        stream = Stream.of(answer.text)
        stored = await desk.read(stream.events[0].data["id"])
        assert answer.status_code == 200
        assert stream.names == ["status", "status", "done"]
        assert stream.statuses == ["asking", "complete"]
        assert stream.sentences("complete") == stored["sentences"]
        assert stream.keys == [f"complete-{n}" for n in range(1, len(stored["sentences"]) + 1)]
        assert stream.comments >= 1
        assert stream.events[-1].data == {"id": stored["id"], "engine": "model", "why": None}

    async def test_a_refusal_before_it_begins_is_a_plain_problem(self, desk: Desk) -> None:
        barred = await desk.asked(RoleName.RESEARCHER, STREAM)
        missing = await desk.asked(headers=STREAM, assessment_id=str(uuid4()))
        assert (barred.status_code, missing.status_code) == (403, 404)
        for refused in (barred, missing):
            assert refused.headers["content-type"] == "application/problem+json"

    async def test_a_template_is_told_at_once(self, desk: Desk) -> None:
        stream = Stream.of((await desk.asked(headers=STREAM, engine="template")).text)
        assert stream.statuses == ["complete"]
        assert stream.events[-1].data["why"] == "not-wanted"

    async def test_what_the_worker_is_handed_ends_with_the_template_and_when_to_come_back(
        self, desk: Desk
    ) -> None:
        stream = Stream.of((await desk.asked(headers=STREAM | LATER)).text)
        assert (stream.names, stream.statuses) == (["status"], ["pending"])
        assert stream.sentences("pending")
        assert stream.comes_back

    async def test_a_refusal_in_the_middle_is_an_event(self, desk: Desk) -> None:
        """Who loses their role while a model is asked hears nothing of what it said."""
        real = writing.worded

        async def meanwhile(*told: Any) -> Written:
            await desk.auditor.execute(REVOKED, desk.clinic.person_id(RoleName.CLINICIAN))
            return await real(*told)

        desk.patch.setattr(writing, "worded", meanwhile)
        stream = Stream.of((await desk.asked(headers=STREAM)).text)
        assert stream.names == ["status", "problem"]
        assert stream.events[-1].data["status"] == 403
        assert stream.keys == []


def drained_at_the_third_look(desk: Desk) -> list[UUID]:
    """Let the worker work while a stream looks; return what keeps the looks."""
    looks: list[UUID] = []

    async def look(connection: AsyncConnection, key: UUID) -> ExplanationRead | None:
        looks.append(key)
        if len(looks) == 3:
            await desk.drain()
        return await get_finished(connection, key)

    desk.patch.setattr(events, "get_finished", look)
    desk.patch.setattr(events, "MOST_S", 600.0)
    return looks


class TestReading:
    async def test_goes_on_after_what_was_heard(self, desk: Desk) -> None:
        told = (await desk.asked(engine="template")).json()
        whole = await streamed(desk, told["id"])
        assert whole.sentences("complete") == told["sentences"]
        for last, rest in (
            (whole.keys[0], nonempty(whole.keys[1:])),
            (whole.keys[-1], []),
            ("garbage-1", whole.keys),
            ("pending-1", whole.keys),
        ):
            assert (await streamed(desk, told["id"], last)).keys == rest, last

    async def test_a_worker_ends_it_while_somebody_listens(self, desk: Desk) -> None:
        """Looking whether something came is no reading: the trail has three, the worker's too."""
        looks = drained_at_the_third_look(desk)
        first = await desk.later()
        before = await desk.readings(first["id"])
        stream = await streamed(desk, first["id"], "pending-1")
        assert await desk.readings(first["id"]) == before + 3
        done = await desk.read(first["id"])
        assert stream.statuses == ["pending", "complete"]
        assert stream.sentences("pending") == nonempty(first["sentences"][1:])
        assert stream.sentences("complete") == done["sentences"]
        assert stream.events[-1].data["engine"] == "model"
        assert stream.comments == len(looks)

    async def test_whoever_may_not_read_it_hears_nothing(
        self, desk: Desk, elsewhere: Clinic
    ) -> None:
        """Another organization, a role, and the person before somebody released the words."""
        key = (await desk.asked(headers={})).json()["id"]
        foreign = replace(desk, clinic=elsewhere)
        refused = [
            await foreign.get(key, headers=STREAM),
            await desk.get(key, RoleName.RESEARCHER, STREAM),
            await desk.get(key, RoleName.PATIENT, STREAM),
        ]
        codes = [answer.json()["code"] for answer in refused]
        assert codes == ["not-found", "not-found", "not-released"]

    async def test_head_asks_for_the_headers_alone(self, desk: Desk) -> None:
        """Nothing is looked for, whatever a stream may last."""
        looks = drained_at_the_third_look(desk)
        key = (await desk.later())["id"]
        async with desk.clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.head(f"{EXPLANATIONS}/{key}", headers=STREAM)
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert (answer.content, looks) == (b"", [])

    async def test_a_caller_has_few_streams_that_wait(self, desk: Desk) -> None:
        key = (await desk.later())["id"]
        looks = drained_at_the_third_look(desk)
        desk.patch.setattr(events, "MOST_WAITING", 0)
        stream = await streamed(desk, key)
        assert (stream.statuses, stream.comes_back, looks) == (["pending"], True, [])
        desk.patch.setattr(events, "MOST_WAITING", 1)
        for _ in range(2):  # one after the other
            assert (await streamed(desk, key)).statuses[-1] == "complete"


@pytest.mark.parametrize("heard", [0, 1])
async def test_is_asked_and_stored_whoever_listens(desk: Desk, heard: int) -> None:
    """Nobody hears anything, or somebody leaves after the first event."""
    caller = desk.clinic.caller(RoleName.CLINICIAN)
    question = await asking.begin(
        caller, ExplanationCreate(assessment_id=desk.assessment), later=False
    )
    assert isinstance(question, asking.Question)
    stream = cast("AsyncGenerator[str]", events.asked(caller, question, most_s=0.0))
    assert len([await anext(stream) for _ in range(heard)]) == heard
    await stream.aclose()
    await until("the explanation is stored", partial(desk.row, str(question.draft.id)))
    assert await desk.usage() == (1, 120)


async def test_what_was_asked_is_stored_though_the_caller_left(desk: Desk, url: str) -> None:
    desk.model.delay_s = 0.3
    headers = STREAM | {"Authorization": f"Bearer {desk.clinic.token(RoleName.CLINICIAN)}"}
    wanted = {"assessment_id": str(desk.assessment)}
    async with (
        httpx.AsyncClient(base_url=url, timeout=60) as client,
        client.stream("POST", EXPLANATIONS, json=wanted, headers=headers) as answer,
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == "event: status"
        key = json.loads((await anext(lines)).removeprefix("data: "))["id"]
    await until("the explanation is stored", partial(desk.row, key))
    assert await desk.usage() == (1, 120)
    assert (await desk.read(key))["engine"] == "model"
