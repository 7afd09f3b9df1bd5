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

from bench.asgi import Request, app_of
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


def stalls(here: Session) -> Mapping[str, Any]:
    """Time lists alone, while voices are analyzed beside, and while they are analyzed here."""
    with _serving(here, analysis_processes="1", analysis_timeout_s="600"):
        beside = asyncio.run(_stalled(here))
        processes.end_all()
    with _serving(here, analysis_processes="0"):
        within = asyncio.run(_stalled(here))
    return {"beside": beside, "within": within}


@contextmanager
def _serving(here: Session, **settings: str) -> Iterator[None]:
    named = {f"MEDILENS_{name.upper()}": value for name, value in settings.items()}
    with configured({"MEDILENS_DATABASE_URL": here.cluster.app_url, **SANDBOX} | named):
        yield


async def _stalled(here: Session) -> Mapping[str, Any]:
    app, subject = app_of("speech"), ours_now(here.headers(), "")
    listed = subject.operations()[Operation.LIST]
    voice = _request(here.headers(), uuid4().hex)
    await asyncio.gather(voice.accepted_by(app), listed())
    alone = await _timed(listed, until=asyncio.create_task(asyncio.sleep(ALONE_S)))
    began = time.perf_counter()
    voices = asyncio.gather(*(voice.accepted_by(app) for _ in range(VOICES)))
    meanwhile = await _timed(listed, until=voices)
    await voices
    lasted_s = time.perf_counter() - began
    await subject.close()
    return {**_compared(alone, meanwhile), "voices": VOICES, "lasted_s": lasted_s}


def _compared(alone_s: list[float], meanwhile_s: list[float]) -> Mapping[str, Any]:
    alone, meanwhile = Latency.of(alone_s), Latency.of(meanwhile_s)
    return {
        "alone": vars(alone),
        "meanwhile": vars(meanwhile),
        "requests": len(meanwhile_s),
        "ratio": meanwhile.p95 / alone.p95,
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


def _request(headers: Mapping[str, str], boundary: str) -> Request:
    """An analysis of a voice, as a form that a browser sends."""
    kind = f"multipart/form-data; boundary={boundary}"
    return Request("POST", "/api/speech/analyze", {}, headers, _form(boundary, _voice()), kind)


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


def durability(here: Session) -> Mapping[str, Any]:
    """Time lists whose audit row is on disk before the answer, and lists that do not wait."""
    with _serving(here):
        return asyncio.run(_durability(here))


async def _durability(here: Session) -> Mapping[str, Any]:
    listed = ours_now(here.headers(), "").operations()[Operation.LIST]
    durable = session.BEGIN
    hurried = durable.replace("'synchronous_commit', 'on'", "'synchronous_commit', 'off'")
    assert hurried != durable
    samples: dict[str, list[float]] = {"durable": [], "hurried": []}
    rates = dict.fromkeys(samples, 0.0)
    try:
        for name, opening in (("hurried", hurried), ("durable", durable)) * 2:
            session.BEGIN = opening
            await listed()
            samples[name] += [await _seconds(listed) for _ in range(READS)]
            rates[name] = max(rates[name], await _per_second(listed))
    finally:
        session.BEGIN = durable
        await engine.current().dispose()
    return {
        name: {**vars(Latency.of(taken)), "least": 1000 * min(taken), "per_s": rates[name]}
        for name, taken in samples.items()
    }


async def _per_second(operation: Any) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(_several(operation) for _ in range(IN_FLIGHT)))
    return IN_FLIGHT * (READS // 4) / (time.perf_counter() - began)


async def _several(operation: Any) -> None:
    for _ in range(READS // 4):
        await operation()


async def _seconds(operation: Any) -> float:
    began = time.perf_counter()
    await operation()
    return time.perf_counter() - began
