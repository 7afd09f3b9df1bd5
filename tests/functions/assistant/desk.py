"""A clinic whose organization lets a model explain, its endpoint, and the worker's queue."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from functions.assistant import worker
from functions.assistant.model import writing
from functions.assistant.model.writing import Written
from local.prove.answering import FakeModel
from shared import settings
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.assistant.test_models import EXPLANATIONS, allow, consent, model, usage
from tests.shared.examination.test_deferred import drain, queue, work
from tests.sqs import Queue

__all__ = ["desk", "model", "queue"]  # the fixtures

LATER = {"Prefer": "respond-async"}
ROW = (
    "SELECT explanation_text, pending_until, reserved_tokens, leased_until, is_free"
    " FROM ai_explanations WHERE id = $1"
)

LAST_MONTHS = (
    "UPDATE medilens.model_usage SET month = month - interval '1 month'"
    " WHERE organization_id = (SELECT organization_id FROM users WHERE id = $1)"
)


def once_asked(patch: pytest.MonkeyPatch, act: Callable[[], Awaitable[object]]) -> list[object]:
    """Do something after a model answered, and before what it says is kept; list what it gave."""
    real = writing.worded
    outcomes: list[object] = []

    async def asked(*told: Any) -> Written:
        written = await real(*told)
        outcomes.append(await act())
        return written

    patch.setattr(writing, "worded", asked)
    return outcomes


@dataclass(frozen=True)
class Desk:
    """Who asks for the explanation of an assessment, and what becomes of it."""

    clinic: Clinic
    auditor: asyncpg.Connection
    model: FakeModel
    queue: Queue
    assessment: UUID
    patch: pytest.MonkeyPatch = field(repr=False)

    def set(self, **values: object) -> None:
        for name, value in values.items():
            self.patch.setenv(f"MEDILENS_{name.upper()}", str(value))
        settings.load.cache_clear()

    async def asked(
        self,
        role: RoleName = RoleName.CLINICIAN,
        headers: Mapping[str, str] = LATER,
        **wanted: Any,
    ) -> httpx.Response:
        async with self.clinic.client(role) as client:
            told = {"assessment_id": str(self.assessment), **wanted}
            return await client.post(EXPLANATIONS, json=told, headers=headers)

    async def later(self) -> dict[str, Any]:
        """Ask for it later; return the pending explanation."""
        answer = await self.asked()
        assert answer.status_code == 202, answer.text
        pending: dict[str, Any] = answer.json()
        return pending

    async def get(
        self,
        key: str,
        role: RoleName = RoleName.CLINICIAN,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        async with self.clinic.client(role) as client:
            return await client.get(f"{EXPLANATIONS}/{key}", headers=headers)

    async def read(self, key: str) -> dict[str, Any]:
        told: dict[str, Any] = (await self.get(key)).json()
        return told

    async def row(self, key: str) -> asyncpg.Record | None:
        return await self.auditor.fetchrow(ROW, UUID(key))

    async def readings(self, key: str) -> int:
        """How often the trail says that it was read."""
        count: int = await self.auditor.fetchval(
            "SELECT count(*) FROM audit_events WHERE resource_id = $1 AND action = 'read'",
            UUID(key),
        )
        return count

    async def usage(self, *, months_ago: int = 0) -> tuple[int, int]:
        """The requests and tokens of a month."""
        return await usage(self.clinic, self.auditor, months_ago=months_ago) or (0, 0)

    async def work(self, records: list[dict[str, Any]] | None = None) -> list[str]:
        """Deliver what waits once; return what is to come again."""
        return await work(worker.handler, records or self.queue.receive())

    async def drain(self) -> int:
        return await drain(self.queue, worker.handler)

    async def let_lapse(self) -> None:
        """Let no words of a model come any more."""
        await self.auditor.execute(
            "UPDATE ai_explanations SET pending_until = now() WHERE assessment_id = $1",
            self.assessment,
        )

    async def lease(self, lasts_s: int) -> None:
        await self.auditor.execute(
            "UPDATE ai_explanations SET leased_until = now() + make_interval(secs => $2)"
            " WHERE assessment_id = $1",
            self.assessment,
            lasts_s,
        )

    async def end_month(self) -> None:
        """What was reserved in this month was reserved in the last one."""
        await self.auditor.execute(LAST_MONTHS, self.clinic.person_id(RoleName.PATIENT))
        await self.auditor.execute(
            "UPDATE ai_explanations SET created_at = created_at - interval '1 month'"
            " WHERE assessment_id = $1",
            self.assessment,
        )

    async def kill_worker(self) -> None:
        """Let a worker take a message and die while it asks."""

        async def killed(*_: object) -> None:
            raise SystemExit

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(writing, "worded", killed)
            with pytest.raises(SystemExit):
                await self.work()


type Meanwhile = Callable[[Desk], Awaitable[None]]


async def from_any_loop(meanwhile: Meanwhile, desk: Desk, superuser: str) -> None:
    """A worker has a loop of its own, which needs a connection of its own."""
    connection = await asyncpg.connect(superuser)
    await meanwhile(replace(desk, auditor=connection))
    await connection.close()


def state(told: dict[str, Any]) -> tuple[str, str, str | None]:
    return told["status"], told["engine"], told["why_template"]


@pytest.fixture
async def desk(
    clinic: Clinic,
    auditor: asyncpg.Connection,
    model: FakeModel,
    queue: Queue,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    await allow(clinic, auditor)
    await consent(clinic, auditor)
    return Desk(clinic, auditor, model, queue, await stored(clinic), monkeypatch)
