"""The jobs of a laptop are asked for as Vercel asks; one that fails ends no other."""

import logging
import threading

import httpx
import pytest

from local import schedule
from local.schedule import ask, due, scheduled
from tests.waiting import PATIENCE_S


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The jobs that were asked for, with the secret; waiting takes no time."""
    calls: list[tuple[str, str]] = []
    monkeypatch.setattr(schedule, "FIRST_AFTER_S", 0)
    monkeypatch.setattr(schedule, "MINUTE_S", 0)
    monkeypatch.setattr(schedule, "ask", lambda *words: calls.append(words))
    return calls


def answered(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response | Exception) -> None:
    def get(*_: object, **__: object) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(httpx, "get", get)


class TestScheduled:
    def test_all_jobs_come_first_and_then_those_of_each_minute(
        self, asked: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        enough = threading.Event()
        expected = [*due(0), *due(1), *due(2)]

        def keep(*words: str) -> None:
            asked.append((words[0], words[1]))
            if len(asked) == len(expected):
                enough.set()

        monkeypatch.setattr(schedule, "ask", keep)
        with scheduled("http://here", "s3cret"):
            assert enough.wait(PATIENCE_S)
        assert asked[: len(expected)] == [(f"http://here{path}", "s3cret") for path in expected]

    def test_nothing_is_asked_after_the_end(
        self, asked: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(schedule, "FIRST_AFTER_S", PATIENCE_S)
        with scheduled("http://here", "s3cret"):
            pass
        assert asked == []
        assert "schedule" not in {thread.name for thread in threading.enumerate()}


class TestAsk:
    def test_secret_goes_as_vercel_sends_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sent: dict[str, str] = {}

        def get(address: str, headers: dict[str, str], timeout: float) -> httpx.Response:
            sent.update(headers, address=address)
            return httpx.Response(200)

        monkeypatch.setattr(httpx, "get", get)
        ask("http://here/job", "s3cret")
        assert sent == {"Authorization": "Bearer s3cret", "address": "http://here/job"}

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            (httpx.Response(500, text="the job failed"), ["http://here/job: the job failed"]),
            (httpx.ConnectError("nobody"), ["http://here/job: nobody"]),
            (httpx.Response(200, text="done"), []),
        ],
    )
    def test_failure_is_said_and_ends_nothing(
        self,
        answer: httpx.Response | Exception,
        told: list[str],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        answered(monkeypatch, answer)
        with caplog.at_level(logging.WARNING):
            ask("http://here/job", "s3cret")
        assert [record.getMessage() for record in caplog.records] == told
