"""One POST to somebody who may be slow, rude or somebody else."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.outgoing import post as posting
from shared.outgoing.addresses import parse_target
from shared.outgoing.attempts import Outcome
from shared.outgoing.post import NotAnswered, is_delivered, post, posted
from tests.receiver import Receiver, listening, own_networks

BODY = b'{"a":1}'


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[Receiver]:
    async with listening(tmp_path) as it:
        yield it


async def status_of(receiver: Receiver, within_s: float = 5) -> int:
    return await post(parse_target(receiver.url), {"x-told": "1"}, BODY, within_s=within_s)


async def code_of(url: str, within_s: float = 5) -> str:
    with pytest.raises(NotAnswered) as refusal:
        await post(parse_target(url), {}, BODY, within_s=within_s)
    return refusal.value.code


async def test_request_is_one_post_with_its_body(receiver: Receiver) -> None:
    assert await status_of(receiver) == 204
    (came,) = receiver.deliveries
    assert (came.line, came.body) == ("POST /hooks HTTP/1.1", BODY)
    assert came.headers["x-told"] == "1"
    assert came.headers["content-type"] == "application/json"


async def test_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    receiver.answers(307, "Location: https://169.254.169.254/latest/meta-data")
    assert await status_of(receiver) == 307
    assert len(receiver.deliveries) == 1


async def test_body_is_not_waited_for(receiver: Receiver) -> None:
    receiver.answer, receiver.hold_s = b"HTTP/1.1 200 OK\r\n\r\nthe body has beg", 600
    assert await status_of(receiver) == 200


@pytest.mark.parametrize(
    "answer",
    [
        *(b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 101 Switching\r\n\r\n", b"HTTP/2 200\r\n"),
        *(b"A" * 100_000, b"HTTP/1.1 2000 OK\r\n", b"\r\n"),
    ],
)
async def test_what_is_no_answer_of_http_is_none(receiver: Receiver, answer: bytes) -> None:
    receiver.answer = answer
    assert await code_of(receiver.url) == "malformed-answer"


async def test_whoever_hangs_or_hangs_up_is_not_waited_for(receiver: Receiver) -> None:
    receiver.delay_s = 600
    assert await code_of(receiver.url, within_s=0.5) == "timed-out"
    receiver.delay_s, receiver.answer = 0, b""
    assert await code_of(receiver.url) == "unreachable"


async def test_certificate_has_to_be_of_the_name(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "tls_context", ssl.create_default_context)
    assert await code_of(receiver.url) == "tls-failed"
    assert receiver.deliveries == []


async def test_nobody_there(receiver: Receiver) -> None:
    assert await code_of("https://127.0.0.1:9999/") == "unreachable"


async def test_address_that_was_looked_at_is_the_one_that_is_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is looked up once: a second answer would be somebody else's."""
    port = parse_target(receiver.url).port
    answers = iter([["10.1.2.3"], ["127.0.0.1"]])

    async def getaddrinfo(_host: str, port: int, **_: object) -> list[object]:
        return [(0, 0, 0, "", (address, port)) for address in next(answers)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with own_networks("127.0.0.1/32"):
        assert await code_of(f"https://rebound.example.org:{port}/") == "no-public-address"
    assert receiver.deliveries == []
    assert len(list(answers)) == 1


class TestPosted:
    @pytest.mark.parametrize(
        ("status", "code"),
        [(200, "delivered"), (299, "delivered"), (300, "refused"), (503, "refused")],
    )
    async def test_status_says_whether_it_was_taken(
        self, receiver: Receiver, status: int, code: str
    ) -> None:
        receiver.answers(status)
        outcome = await posted(receiver.url, {}, BODY, within_s=5)
        assert outcome == Outcome(code, status)

    async def test_why_nothing_was_answered(self, receiver: Receiver) -> None:
        receiver.answer = b"SSH-2.0-OpenSSH_9.6\r\n"
        outcome = await posted(receiver.url, {}, BODY, within_s=5)
        assert outcome == Outcome("malformed-answer")

    @pytest.mark.parametrize("url", ["https://127.0.0.1/", "http://hooks.example.org/", "gone"])
    async def test_address_that_may_not_be_called_any_more(self, url: str) -> None:
        assert await posted(url, {}, BODY, within_s=5) == Outcome("no-public-address")


async def test_next_address_of_a_name_is_called_where_nobody_is_at_the_first(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(_: object) -> list[str]:
        return ["127.0.0.2", "127.0.0.1", "127.0.0.3"]

    monkeypatch.setattr(posting, "resolve", resolve)
    assert await status_of(receiver) == 204
    assert len(receiver.deliveries) == 1


@pytest.mark.parametrize(
    ("status", "delivered"), [(199, False), (200, True), (299, True), (300, False)]
)
def test_only_two_hundreds_are_deliveries(status: int, *, delivered: bool) -> None:
    assert is_delivered(status) is delivered
