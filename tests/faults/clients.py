"""Clients that store examinations under idempotency keys and try again, as clients should."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from uuid import uuid4

import asyncpg
from fastapi import FastAPI

from bench.asgi import Answer, Request
from bench.records import NAMES, STAGES
from shared.permissions import RoleName
from tests.conftest import Clinic

CLIENTS = 6
PAUSE_S = 0.05
# Whatever broke is mended by then, or the test fails.
PATIENCE_S = 60.0

# What each kept assessment consists of, and the audit rows that say who made it.
PARTS = {
    "pipeline_stages": len(STAGES),
    "biomarker_values": len(NAMES),
    "cardiology_results": 1,
}
COMPLETE = f"""
SELECT a.id, a.idempotency_key,
    {", ".join(f"(SELECT count(*) FROM {t} p WHERE p.assessment_id = a.id) AS {t}" for t in PARTS)},
    (SELECT array_agg(resource_type ORDER BY resource_type) FROM audit_events e
        WHERE e.resource_id = a.id AND e.action = 'create') AS audited
FROM assessments a JOIN organizations o ON o.id = a.organization_id
WHERE o.identity_organization = $1
"""
AUDITED = sorted(["assessments", *PARTS])


@dataclass
class Clients:
    """Work without a pause until the `async with` block ends, and then until all is stored."""

    app: FastAPI
    clinic: Clinic
    acknowledged: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    longest_s: float = 0.0
    slowest_refusal_s: float = 0.0

    async def __aenter__(self) -> Self:
        self._stopped = asyncio.Event()
        self._progress = asyncio.Condition()
        self._request = {
            "subject_id": str(self.clinic.person_id(RoleName.PATIENT)),
        }
        self._headers = {"authorization": f"Bearer {self.clinic.token(RoleName.CLINICIAN)}"}
        self._tasks = [asyncio.ensure_future(self._work()) for _ in range(CLIENTS)]
        await self.stored(CLIENTS)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.finish()

    async def finish(self) -> None:
        """Begin nothing new, and store what was begun."""
        self._stopped.set()
        await asyncio.wait_for(asyncio.gather(*self._tasks), PATIENCE_S)

    async def stored(self, more: int) -> None:
        """Wait until so many more are acknowledged: it works, or works again."""
        wanted = len(self.acknowledged) + more
        await self._until(lambda: len(self.acknowledged) >= wanted)

    async def refused(self, more: int) -> None:
        """Wait until so many more were answered 503: the fault is felt."""
        wanted = self.answers[503] + more
        await self._until(lambda: self.answers[503] >= wanted)

    async def _until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._progress:
            await self._progress.wait_for(reached)

    async def _work(self) -> None:
        while not self._stopped.is_set():
            await self._store(str(uuid4()))

    async def _store(self, key: str) -> None:
        """Send one examination until it is acknowledged, each time under the same key."""
        started = time.perf_counter()
        while True:
            sent = time.perf_counter()
            answer = await self._send(key)
            await self._count(answer, key)
            if answer.status == 201:
                break
            assert answer.status == 503, answer.body
            assert b"retry-after" in answer.headers
            self.slowest_refusal_s = max(self.slowest_refusal_s, time.perf_counter() - sent)
            await asyncio.sleep(PAUSE_S)
        self.longest_s = max(self.longest_s, time.perf_counter() - started)

    async def _count(self, answer: Answer, key: str) -> None:
        async with self._progress:
            self.answers[answer.status] += 1
            if answer.status == 201:
                self.acknowledged[key] = answer.json["id"]
            self._progress.notify_all()

    async def _send(self, key: str) -> Answer:
        body = {**self._request, "session_id": key}
        headers = {**self._headers, "idempotency-key": key}
        return await Request("POST", "/api/bench/examinations", {}, headers, body).to(self.app)

    async def verify(self, superuser_url: str) -> None:
        """Whatever happened: all that was acknowledged is there once and whole, nothing is half."""
        connection = await asyncpg.connect(superuser_url)
        try:
            rows = await connection.fetch(COMPLETE, self.clinic.identity)
        finally:
            await connection.close()
        by_key = Counter(row["idempotency_key"] for row in rows)
        assert set(by_key.values()) == {1}
        assert {row["idempotency_key"]: str(row["id"]) for row in rows} == self.acknowledged
        for row in rows:
            assert {part: row[part] for part in PARTS} == PARTS
            assert row["audited"] == AUDITED
