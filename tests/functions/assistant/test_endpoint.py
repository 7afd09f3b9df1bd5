"""A model's endpoint that is slow, failing, endless, empty or rude ends in a named failure."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from functions.assistant.model import endpoint
from functions.assistant.model.endpoint import Failure, ModelFailed, asking
from local.prove.answering import NAME, FakeModel, answering, completion, http

MESSAGES = [{"role": "user", "content": "Say something."}]
SCHEMA: dict[str, Any] = {"type": "object"}
KEY = "sk-of-nobody"


@pytest.fixture
async def model() -> AsyncIterator[FakeModel]:
    async with answering() as it:
        yield it


async def failure_of(model: FakeModel, **settings: float) -> Failure:
    with pytest.raises(ModelFailed) as failed:
        await asking(model.settings.model_copy(update=settings), SCHEMA)(MESSAGES)
    assert KEY not in str(failed.value)
    assert failed.value.__cause__ is None
    return failed.value.failure


async def test_question_and_answer(model: FakeModel) -> None:
    model.says("well")
    told = await asking(model.settings, SCHEMA)(MESSAGES)

    assert (told.content, told.model, told.tokens) == ("well", NAME, 120)
    (asked,) = model.asked
    assert (asked["model"], asked["messages"], asked["stream"]) == ("a-model", MESSAGES, False)
    assert asked["max_tokens"] == 2_000
    assert "tools" not in asked
    assert model.keys == [f"bearer {KEY}"]


async def test_what_a_server_leaves_out_is_null(model: FakeModel) -> None:
    model.answers = [http({"choices": [{"message": {"content": "well"}}]})]
    told = await asking(model.settings, SCHEMA)(MESSAGES)
    assert (told.content, told.model, told.tokens) == ("well", None, None)


@pytest.mark.parametrize("tokens", [-1, 2**40])
async def test_number_that_no_question_uses_is_not_counted(model: FakeModel, tokens: int) -> None:
    answer = {"choices": [{"message": {"content": "well"}}], "usage": {"total_tokens": tokens}}
    model.answers = [http(answer)]
    assert (await asking(model.settings, SCHEMA)(MESSAGES)).tokens is None


async def test_a_character_may_come_in_two_pieces(model: FakeModel) -> None:
    """As a server does that flushes in the middle of it."""
    model.says("± 5")
    assert (await asking(model.settings, SCHEMA)(MESSAGES)).content == "± 5"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (http({"error": "busy"}, "429 Too Many Requests", "Retry-After: 60"), Failure.REFUSED),
        (http({"error": "oh"}, "500 Internal Server Error"), Failure.REFUSED),
        (http({}, "307 Temporary", "Location: https://169.254.169.254/"), Failure.REFUSED),
        (http(b"<html>hello</html>"), Failure.MALFORMED),
        (http(b'{"choices": [{"mess'), Failure.MALFORMED),
        (http(b"[" * 200_000), Failure.MALFORMED),
        (http({"choices": []}), Failure.MALFORMED),
        (http(completion(None)), Failure.EMPTY),
        (http(completion(None, message={"reasoning": "I think"})), Failure.EMPTY),
        (http(completion(" \n")), Failure.EMPTY),
        (http(completion("cut", finish_reason="length")), Failure.CUT_SHORT),
        (http(completion("", message={"tool_calls": [{"id": 1}]})), Failure.TOOL_CALL),
        (http(b"A" * (endpoint.MOST_BYTES + 1)), Failure.TOO_LARGE),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Failure.UNREACHABLE),
        (b"", Failure.UNREACHABLE),
    ],
)
async def test_what_is_no_answer_is_a_named_failure(
    model: FakeModel, answer: bytes, failure: Failure
) -> None:
    model.answers = [answer]
    assert await failure_of(model) is failure
    assert len(model.asked) == 1


async def test_slow_and_endless_ones_end_within_their_time(model: FakeModel) -> None:
    model.says("too late")
    model.delay_s = 600
    assert await failure_of(model, assistant_timeout_s=0.2) is Failure.TIMED_OUT


async def test_two_questions_end_within_the_time_of_one(model: FakeModel) -> None:
    """What asks twice within a request is over before the request has to be."""
    model.says("well")
    ask = asking(model.settings.model_copy(update={"assistant_timeout_s": 0.2}), SCHEMA)
    await asyncio.sleep(0.3)
    with pytest.raises(ModelFailed, match="timed-out"):
        await ask(MESSAGES)


async def test_nobody_listens(model: FakeModel) -> None:
    nowhere = replace(model, url=model.url.replace(model.url.split(":")[-1], "9/v1"))
    assert await failure_of(nowhere) is Failure.UNREACHABLE
