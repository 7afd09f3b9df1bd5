"""An operator's model: one question to an endpoint that speaks as OpenAI's `/chat/completions`.

Whatever it does, it ends within its time and in a bounded answer, or in a named failure; what it
wrote is never part of a message, nor is its key.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from time import perf_counter
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.model_settings import AssistantSettings

MOST_BYTES = 1_000_000
MILLISECONDS = 1_000
MOST_TOKENS = 100_000_000


class Failure(StrEnum):
    """Why there is no answer of the model."""

    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # any status but 200, redirects too
    TOO_LARGE = "too-large"
    MALFORMED = "malformed"
    EMPTY = "empty"  # thinking models that spent their tokens
    CUT_SHORT = "cut-short"
    TOOL_CALL = "tool-call"


class ModelFailed(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True)
class Completion:
    """What the model answered, under the name that it gave itself; tokens where it says them."""

    content: str
    model: str | None
    tokens: int | None
    took_ms: int


class _Told(BaseModel):
    """A part of an answer: what is not asked for is ignored."""

    model_config = ConfigDict(extra="ignore")


class _Message(_Told):
    content: str | None = None
    tool_calls: list[Any] | None = None


class _Choice(_Told):
    message: _Message
    finish_reason: str | None = None


class _Usage(_Told):
    total_tokens: int | None = None


class _Answer(_Told):
    choices: list[_Choice]
    model: str | None = None
    usage: _Usage | None = None


type Ask = Callable[[Sequence[dict[str, str]]], Awaitable[Completion]]


def asking(settings: AssistantSettings, schema: dict[str, Any]) -> Ask:
    """Return what asks the model; all that is asked with it ends within one limit of time.

    `schema` is asked for, and never relied on. What is returned raises ModelFailed.
    """
    until_s = asyncio.get_running_loop().time() + settings.assistant_timeout_s
    return partial(complete, settings, schema, until_s)


async def complete(
    settings: AssistantSettings,
    schema: dict[str, Any],
    until_s: float,
    messages: Sequence[dict[str, str]],
) -> Completion:
    """Ask the model once, until a moment of the loop's clock.

    Raises
    ------
    ModelFailed
    """
    began = perf_counter()
    try:
        async with asyncio.timeout_at(until_s):
            content = await _posted(settings, _request(settings, messages, schema))
    except TimeoutError:
        raise ModelFailed(Failure.TIMED_OUT) from None
    return _completion(content, round((perf_counter() - began) * MILLISECONDS))


def _request(
    settings: AssistantSettings, messages: Sequence[dict[str, str]], schema: dict[str, Any]
) -> dict[str, Any]:
    request = {
        "model": settings.assistant_model,
        "messages": list(messages),
        "temperature": 0,
        "stream": False,
        settings.assistant_tokens_field: settings.assistant_max_tokens,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "sentences", "strict": True, "schema": schema},
        },
    }
    if settings.assistant_reasoning_effort:
        request["reasoning_effort"] = settings.assistant_reasoning_effort
    return request


def _authorization(settings: AssistantSettings) -> dict[str, str]:
    key = settings.assistant_key
    return {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}


async def _posted(settings: AssistantSettings, request: dict[str, Any]) -> bytes:
    """Read the answer as it comes, and no more of it than is allowed."""
    import httpx

    headers = _authorization(settings)
    address = f"{settings.assistant_url}/chat/completions"
    try:
        async with (
            httpx.AsyncClient(
                follow_redirects=False, timeout=settings.assistant_timeout_s, trust_env=False
            ) as client,
            client.stream("POST", address, json=request, headers=headers) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ModelFailed(Failure.REFUSED)
            content = bytearray()
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise ModelFailed(Failure.TOO_LARGE)
    except httpx.TimeoutException:
        raise ModelFailed(Failure.TIMED_OUT) from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise ModelFailed(Failure.UNREACHABLE) from None
    return bytes(content)


def _completion(content: bytes, took_ms: int) -> Completion:
    try:
        answer = _Answer.model_validate(json.loads(content))
        (choice,) = answer.choices
    except (ValidationError, ValueError, RecursionError):
        raise ModelFailed(Failure.MALFORMED) from None
    if choice.message.tool_calls:
        raise ModelFailed(Failure.TOOL_CALL)
    if not (choice.message.content or "").strip():
        raise ModelFailed(Failure.EMPTY)
    if choice.finish_reason == "length":
        raise ModelFailed(Failure.CUT_SHORT)
    tokens = _counted(answer.usage)
    return Completion(str(choice.message.content), _named(answer.model), tokens, took_ms)


def _counted(usage: _Usage | None) -> int | None:
    """What was used, where it is a number that one question can use."""
    told = usage.total_tokens if usage else None
    return told if told is not None and 0 <= told <= MOST_TOKENS else None


def _named(model: str | None) -> str | None:
    """A model's own name, as long as a name is."""
    return model[:MOST_NAME] if model else None


MOST_NAME = 100
