"""Who is compared: ours in its settings, the obvious design, and the driver alone.

Every subject has a loop of its own, because a kept connection belongs to one. It carries out the
same six operations: reads of the person with the long history, writes for another one.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from fastapi import FastAPI

from bench import application, obvious_design
from bench.asgi import Answer, Request, app_of
from bench.data import Person
from bench.records import RESULT, STAGES, VALUES
from shared import settings
from shared.database import engine
from shared.identifiers import uuid7

READ_FROM, WRITTEN_TO = Person(1), Person(2)

HISTORY_DAYS = 90
STATISTICS_DAYS = 30
LISTED = 20
BIOMARKER = "rmssd"

# A prepared statement is planned anew five times before its plan is kept.
WARM_UP = 7


class Operation(StrEnum):
    CREATE = "create + commit"
    LIST = "list 20 of 1,000"
    SAVE = "save 20 biomarkers"
    HISTORY = "90-day history"
    STATISTICS = "statistics"
    STORE = "store an examination"

    @property
    def writes(self) -> bool:
        return self in {Operation.CREATE, Operation.SAVE, Operation.STORE}


# Milliseconds of CPU, and of wall time.
type Sample = tuple[float, float]
type Operations = Mapping[Operation, Callable[[], Awaitable[Any]]]


class Competitor(Protocol):
    """What can be timed."""

    def operations(self) -> Operations: ...

    async def close(self) -> None: ...


@dataclass
class Subject:
    """A competitor under its name, with its loop."""

    name: str
    it: Competitor = field(repr=False)
    runner: asyncio.Runner = field(repr=False)

    def run(self, operation: Operation) -> Any:
        return self.runner.run(_awaited(self.it.operations()[operation]))

    def samples(self, operation: Operation, *, least: int, seconds: float) -> list[Sample]:
        """Time the operation for so long, at least so often."""
        return self.runner.run(_timed(self.it.operations()[operation], least, seconds))

    def close(self) -> None:
        self.runner.run(self.it.close())
        self.runner.close()


async def _awaited(operation: Callable[[], Awaitable[Any]]) -> Any:
    return await operation()


async def _timed(
    operation: Callable[[], Awaitable[Any]], least: int, seconds: float
) -> list[Sample]:
    """Read the clocks inside the loop, so that entering it is nobody's cost."""
    samples: list[Sample] = []
    until = time.perf_counter() + seconds
    while len(samples) < least or time.perf_counter() < until:
        wall, cpu = time.perf_counter(), time.process_time()
        await operation()
        samples.append((1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)))
    return samples


@dataclass(frozen=True)
class Ours:
    """The functions' own applications, called as their platform calls them."""

    records: FastAPI
    bench: FastAPI
    headers: Mapping[str, str]
    assessment_id: str

    def operations(self) -> Operations:
        return {
            Operation.CREATE: self.create,
            Operation.LIST: lambda: self._read("assessments", limit=LISTED),
            Operation.SAVE: self.save,
            Operation.HISTORY: lambda: self._read(
                f"biomarkers/{BIOMARKER}/history", days=HISTORY_DAYS
            ),
            Operation.STATISTICS: lambda: self._read("statistics", days=STATISTICS_DAYS),
            Operation.STORE: self.store,
        }

    async def _read(self, path: str, **query: Any) -> Answer:
        query["subject_id"] = READ_FROM.id
        request = Request("GET", f"/api/records/{path}", query, self.headers)
        return await request.accepted_by(self.records)

    async def create(self) -> Answer:
        return await self._write("assessments", _new())

    async def store(self) -> Answer:
        return await self._write("examinations", _new(), {"idempotency-key": str(uuid7())})

    async def save(self) -> Answer:
        return await self._write(
            f"assessments/{self.assessment_id}/biomarkers",
            {
                "subject_id": str(WRITTEN_TO.id),
                "created_by": str(WRITTEN_TO.clinician_id),
                "measured_at": datetime.now(UTC).isoformat(),
                "values": [asdict(value) for value in VALUES],
            },
        )

    async def _write(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> Answer:
        request = Request(
            "POST", f"/api/bench/{path}", {}, {**self.headers, **(headers or {})}, body
        )
        return await request.accepted_by(self.bench)

    async def close(self) -> None:
        await engine.current().dispose()


def _new() -> dict[str, str]:
    return {"subject_id": str(WRITTEN_TO.id), "session_id": str(uuid7())}


OBVIOUS_COLUMNS = ("value", "normal_range_min", "normal_range_max", "confidence", "status")
OBVIOUS_VALUES: list[dict[str, Any]] = [
    {"biomarker_name": value.name, **{name: getattr(value, name) for name in OBVIOUS_COLUMNS}}
    for value in VALUES
]
OBVIOUS_STAGES = [
    {"stage_name": name, "stage_index": n, "status": "completed", "duration_ms": 0}
    for n, name in enumerate(STAGES)
]


@dataclass(frozen=True)
class ObviousDesign:
    """The obvious design, a connection a request."""

    app: FastAPI
    assessment_id: str

    def operations(self) -> Operations:
        person = f"/users/{READ_FROM.id}"
        return {
            Operation.CREATE: self.create,
            Operation.LIST: lambda: self._read(f"{person}/assessments", limit=LISTED),
            Operation.SAVE: lambda: self._write(
                f"/assessments/{self.assessment_id}/biomarkers", OBVIOUS_VALUES
            ),
            Operation.HISTORY: lambda: self._read(
                f"{person}/biomarkers/{BIOMARKER}", days=HISTORY_DAYS
            ),
            Operation.STATISTICS: lambda: self._read(f"{person}/statistics", days=STATISTICS_DAYS),
            Operation.STORE: self.store,
        }

    async def create(self) -> Answer:
        return await self._write("/assessments", _obvious_new())

    async def store(self) -> Answer:
        parts = {"stages": OBVIOUS_STAGES, "biomarkers": OBVIOUS_VALUES, "result": RESULT}
        return await self._write("/examinations", {**_obvious_new(), **parts})

    async def _read(self, path: str, **query: Any) -> Answer:
        return await Request("GET", path, query, {}).accepted_by(self.app)

    async def _write(self, path: str, body: Any) -> Answer:
        return await Request("POST", path, {}, {}, body).accepted_by(self.app)

    async def close(self) -> None:
        await self.app.state.engine.dispose()


def _obvious_new() -> dict[str, str]:
    return {"user_id": str(WRITTEN_TO.id), "session_id": str(uuid7())}


def ours(
    name: str, environment: Mapping[str, str], headers: Mapping[str, str], assessment_id: str
) -> Subject:
    """Our functions under these settings, which count when the loop makes its engine."""
    with configured(environment):
        subject = Subject(name, ours_now(headers, assessment_id), asyncio.Runner())
        subject.run(Operation.LIST)
    return subject


def ours_now(headers: Mapping[str, str], assessment_id: str) -> Ours:
    """Our functions under the settings of this moment."""
    return Ours(app_of("records"), application.create_bench_app(), headers, assessment_id)


def obvious_design_subject(name: str, url: str, assessment_id: str) -> Subject:
    it = ObviousDesign(obvious_design.create_app(url), assessment_id)
    return Subject(name, it, asyncio.Runner())


@contextmanager
def configured(environment: Mapping[str, str]) -> Iterator[None]:
    """Give the functions settings for as long as an engine is made."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    settings.load.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        settings.load.cache_clear()
