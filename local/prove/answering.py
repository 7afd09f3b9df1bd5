"""A model's endpoint on this machine that answers well, badly, late, or never."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from local.child import LOOPBACK
from shared.model_settings import AssistantSettings

NAME = "a-model-2026"


@dataclass
class FakeModel:
    """Keeps what it was asked, and gives one answer after the other; the last of them again.

    An answer in pieces comes with a pause before each.
    """

    url: str
    answers: Sequence[bytes | Sequence[bytes]] = ()
    delay_s: float = 0.0
    pause_s: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def says(self, *contents: object) -> None:
        """Answer with these contents in turn: text as it is, anything else as JSON."""
        texts = [told if isinstance(told, str) else json.dumps(told) for told in contents]
        self.answers = [http(completion(text)) for text in texts]

    @property
    def settings(self) -> AssistantSettings:
        return AssistantSettings.model_validate(
            {
                "MEDILENS_ASSISTANT_URL": self.url,
                "MEDILENS_ASSISTANT_MODEL": "a-model",
                "MEDILENS_ASSISTANT_KEY": "sk-of-nobody",
                "MEDILENS_ASSISTANT_TIMEOUT_S": "5",
            }
        )

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(line.lower().split(": ", 1) for line in head.strip().split("\r\n")[1:])
            body = await reader.readexactly(int(headers["content-length"]))
            self.keys.append(headers.get("authorization", ""))
            self.asked.append(json.loads(body))
            await asyncio.sleep(self.delay_s)
            answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
            for piece in [answer] if isinstance(answer, bytes) else answer:
                await asyncio.sleep(self.pause_s)
                writer.write(piece)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever asked has left
        finally:
            writer.close()


def completion(content: str | None, **told: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **told.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": told.pop("finish_reason", "stop")}
    usage = {"total_tokens": 120, "prompt_tokens": 100, "completion_tokens": 20}
    return {"model": NAME, "choices": [choice], "usage": usage} | told


def http(answer: object, status: str = "200 OK", *headers: str) -> bytes:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@asynccontextmanager
async def answering() -> AsyncIterator[FakeModel]:
    model = FakeModel("")
    server = await asyncio.start_server(model.take, LOOPBACK, 0)
    model.url = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield model
    finally:
        server.close()
