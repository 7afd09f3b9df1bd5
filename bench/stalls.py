"""Whom an analysis keeps waiting, and what it costs that a read is on disk before its answer.

Both in one process that serves several requests at once, as on Vercel and a laptop.
"""

import asyncio
import io
import time
import wave
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import numpy as np
from starlette.types import ASGIApp, Message

from bench.competitors import SANDBOX
from bench.concurrency import Latency
from bench.session import Session
from bench.subjects import WRITTEN_TO, Operation, configured, ours_now
from local.samples.voice import sustained_vowel
from shared.database import engine, session
from shared.examination import processes

VOICES = 6
ALONE_S = 4.0
# Between two requests of the one who is kept waiting.
PAUSE_S = 0.01
# How many times its own p95 a request may take while voices are analyzed beside.
STALL_TARGET = 3.0

READS, IN_FLIGHT = 150, 8


def stalls(here: Session) -> dict[str, Any]:
    """Time lists alone, while voices are analyzed beside, and while they are analyzed here."""
    with _serving(here, analysis_processes="1", analysis_timeout_s="600"):
        beside = asyncio.run(_stalled(here))
        processes.end_all()
    with _serving(here, analysis_processes="0"):
        within = asyncio.run(_stalled(here))
    return {"beside": beside, "within": within}


@contextmanager
def _serving(here: Session, **settings: str) -> Iterator[None]:
    environment = {"MEDILENS_DATABASE_URL": here.cluster.app_url, **SANDBOX} | {
        f"MEDILENS_{name.upper()}": value for name, value in settings.items()
    }
    with configured(environment):
        yield


async def _stalled(here: Session) -> dict[str, Any]:
    from functions.speech.app import app  # noqa: PLC0415  # needs the settings, and a loop

    subject = ours_now(here.headers(), "")
    listed = subject.operations()[Operation.LIST]
    content, boundary = _voice(), uuid4().hex
    body = _form(boundary, content)
    await asyncio.gather(_analyze(app, here.headers(), boundary, body), listed())
    alone = await _timed(listed, until=asyncio.create_task(asyncio.sleep(ALONE_S)))
    began = time.perf_counter()
    voices = asyncio.gather(*(_analyze(app, here.headers(), boundary, body) for _ in range(VOICES)))
    meanwhile = await _timed(listed, until=voices)
    await voices
    lasted_s = time.perf_counter() - began
    await subject.close()
    return {
        "alone": vars(Latency.of(alone)),
        "meanwhile": vars(Latency.of(meanwhile)),
        "requests": len(meanwhile),
        "voices": VOICES,
        "lasted_s": lasted_s,
        "ratio": Latency.of(meanwhile).p95 / Latency.of(alone).p95,
    }


async def _timed(operation: Any, until: asyncio.Future[Any]) -> list[float]:
    samples: list[float] = []
    while not until.done() or len(samples) < 2:
        began = time.perf_counter()
        await operation()
        samples.append(time.perf_counter() - began)
        await asyncio.sleep(PAUSE_S)
    return samples


def _voice() -> bytes:
    """A vowel of some seconds, as WAV."""
    voice = sustained_vowel(f0_hz=140, silence_s=0.5, hnr_db=30, seed=1)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(int(voice.fs_hz))
        samples = np.clip(voice.samples, -1, 1)
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return out.getvalue()


def _form(boundary: str, content: bytes) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
    return b"".join(
        (
            f'{head}task"\r\n\r\nsustained_vowel\r\n'.encode(),
            f'{head}subject_id"\r\n\r\n{WRITTEN_TO.id}\r\n'.encode(),
            f'{head}file"; filename="a.wav"\r\n\r\n'.encode(),
            content,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )


async def _analyze(app: ASGIApp, headers: Mapping[str, str], boundary: str, body: bytes) -> None:
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    kind = f"multipart/form-data; boundary={boundary}"
    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "https",
            "path": "/api/speech/analyze",
            "raw_path": b"/api/speech/analyze",
            "root_path": "",
            "query_string": b"",
            "headers": [
                (name.encode(), value.encode())
                for name, value in {**headers, "host": "bench", "content-type": kind}.items()
            ],
            "client": ("127.0.0.1", 50000),
            "server": ("bench", 443),
        },
        receive,
        send,
    )
    assert statuses == [201], statuses


def durability(here: Session) -> dict[str, Any]:
    """Time lists whose audit row is on disk before the answer, and lists that do not wait."""
    with _serving(here):
        return asyncio.run(_durability(here))


async def _durability(here: Session) -> dict[str, Any]:
    subject = ours_now(here.headers(), "")
    listed = subject.operations()[Operation.LIST]
    durable = session.BEGIN
    hurried = durable.replace("'synchronous_commit', 'on'", "'synchronous_commit', 'off'")
    assert hurried != durable
    samples: dict[str, list[float]] = {"durable": [], "hurried": []}
    rates: dict[str, float] = {}
    try:
        for name, opening in (("hurried", hurried), ("durable", durable)) * 2:
            session.BEGIN = opening
            await listed()
            samples[name] += [await _seconds(listed) for _ in range(READS)]
            began = time.perf_counter()
            await asyncio.gather(*(_several(listed) for _ in range(IN_FLIGHT)))
            rate = IN_FLIGHT * (READS // 4) / (time.perf_counter() - began)
            rates[name] = max(rate, rates.get(name, 0))
    finally:
        session.BEGIN = durable
        await engine.current().dispose()
    return {
        name: {**vars(Latency.of(taken)), "least": 1000 * min(taken), "per_s": rates[name]}
        for name, taken in samples.items()
    }


async def _several(operation: Any) -> None:
    for _ in range(READS // 4):
        await operation()


async def _seconds(operation: Any) -> float:
    began = time.perf_counter()
    await operation()
    return time.perf_counter() - began
