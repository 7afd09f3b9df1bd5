"""Messages of the queue: which come again, when, and what ends them."""

from typing import Any
from uuid import UUID

import pytest

from shared.aws import queue
from shared.aws.queue import Message
from shared.caller import Caller
from shared.errors import Unavailable
from shared.http import worker
from shared.http.worker import MAX_TRIES, RETRY_AFTER_S, Delivery, Task

ADA = Caller("user_ada", "org_clinic", "request")


class Measure(Message):
    key: UUID = UUID(int=7)


class Work:
    """Work that fails as it is told, and what was given up of it."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.done: list[Measure] = []
        self.given_up: list[Exception] = []
        self.task = Task(Measure, self.work, self.give_up)

    async def work(self, message: Measure) -> None:
        if self.failure:
            raise self.failure
        self.done.append(message)

    async def give_up(self, message: Measure, failure: Exception) -> None:
        assert message.key == UUID(int=7)
        self.given_up.append(failure)


def delivery(tries: int = 1, name: str = "a", body: str | None = None) -> Delivery:
    return {
        "messageId": name,
        "receiptHandle": f"handle of {name}",
        "body": body or Measure(function="retinal", caller=ADA).model_dump_json(),
        "attributes": {"ApproximateReceiveCount": str(tries)},
    }


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What the queue is asked to bring again, and after how many seconds."""
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(queue, "delay", lambda handle, delay_s: asked.append((handle, delay_s)))
    return asked


@pytest.mark.usefixtures("configured")
class TestBatch:
    async def test_what_is_done_does_not_come_again(self, delays: list[Any]) -> None:
        work = Work()
        answer = await worker._handle([delivery(), delivery(name="b")], work.task)
        assert answer == {"batchItemFailures": []}
        assert [message.caller for message in work.done] == [ADA, ADA]
        assert delays == []

    async def test_failure_takes_no_other_message_with_it(self, delays: list[Any]) -> None:
        work = Work()
        answer = await worker._handle(
            [delivery(name="a", body="{}"), delivery(name="b")], work.task
        )
        assert answer == {"batchItemFailures": [{"itemIdentifier": "a"}]}
        assert len(work.done) == 1
        assert delays == [("handle of a", RETRY_AFTER_S[0])]

    async def test_failure_is_given_up_after_the_last_try_and_no_sooner(
        self, delays: list[Any]
    ) -> None:
        work = Work(failure := ValueError("broken"))
        await worker._handle([delivery(MAX_TRIES - 1)], work.task)
        assert work.given_up == []
        await worker._handle([delivery(MAX_TRIES)], work.task)
        assert work.given_up == [failure]
        assert delays == [("handle of a", RETRY_AFTER_S[-1])]


class TestDelay:
    def test_each_wait_is_longer_than_the_one_before(self) -> None:
        assert list(RETRY_AFTER_S) == sorted(set(RETRY_AFTER_S))

    @pytest.mark.parametrize(("tries", "delay_s"), list(enumerate(RETRY_AFTER_S, start=1)))
    async def test_each_try_has_its_wait(self, delays: list[Any], tries: int, delay_s: int) -> None:
        await worker._delay(delivery(tries))
        assert delays == [("handle of a", delay_s)]

    async def test_message_without_a_handle_comes_when_the_queue_brings_it(
        self, delays: list[Any]
    ) -> None:
        sent_by_hand = delivery()
        del sent_by_hand["receiptHandle"]
        await worker._delay(sent_by_hand)
        assert delays == []

    async def test_queue_that_is_away_is_logged_and_no_failure(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def delay(*_: object) -> None:
            raise Unavailable("The queue does not answer.")

        logged: list[dict[str, str]] = []
        monkeypatch.setattr(queue, "delay", delay)
        monkeypatch.setattr(worker, "log_failure", lambda _, **where: logged.append(where))
        await worker._delay(delivery())
        assert logged == [{"message_id": "a"}]
