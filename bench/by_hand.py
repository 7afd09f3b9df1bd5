"""The least that a request with our guarantees costs: the same statements, and the driver alone.

On a warm connection of the functions' role the caller enters, the statements that our repositories
send run prepared, and the transaction commits; the standard library makes the answer's JSON of
the rows. Identity, row-level security and the audit trail are as in ours. There is no web, no
token and no SQLAlchemy.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import event

from bench.data_layer import DataLayer, clinician
from bench.records import accepted, examined, measured
from bench.subjects import (
    HISTORY_DAYS,
    READ_FROM,
    STATISTICS_DAYS,
    WRITTEN_TO,
    Operation,
    Operations,
    Subject,
    configured,
)
from shared.database import engine
from shared.database.repositories.assessment_parts import part_rows
from shared.database.transaction import entering
from shared.examination.request import CLOCK_SKEW
from shared.identifiers import uuid7
from shared.permissions import Permission
from shared.record import Examination


@dataclass(frozen=True)
class Statement:
    """One statement of a repository, with the names of its parameters in their order."""

    sql: str
    names: Sequence[str]
    parameters: Mapping[str, Any]

    def filled(self, fresh: Mapping[str, Any]) -> list[Any]:
        """Return what goes with it, with what is new in this request."""
        return [fresh.get(name, self.parameters[name]) for name in self.names]


class ByHand:
    """asyncpg, and what nobody can leave out."""

    def __init__(
        self, connection: asyncpg.Connection, sent: Mapping[Operation, Sequence[Statement]]
    ) -> None:
        self.connection = connection
        self.sent = sent

    @classmethod
    async def connect(cls, url: str, sent: Mapping[Operation, Sequence[Statement]]) -> "ByHand":
        connection = await asyncpg.connect(url)
        for kind in ("json", "jsonb"):
            await connection.set_type_codec(
                kind, schema="pg_catalog", encoder=json.dumps, decoder=json.loads
            )
        return cls(connection, sent)

    def operations(self) -> Operations:
        return {
            Operation.CREATE: self.create,
            Operation.LIST: lambda: self._read(Operation.LIST),
            Operation.SAVE: self.save,
            Operation.HISTORY: self.history,
            Operation.STATISTICS: self.statistics,
            Operation.STORE: self.store,
        }

    async def history(self) -> bytes:
        now = datetime.now(UTC)
        since, until = now - timedelta(days=HISTORY_DAYS), now + CLOCK_SKEW
        return await self._read(Operation.HISTORY, since=since, until=until)

    async def statistics(self) -> bytes:
        since = datetime.now(UTC) - timedelta(days=STATISTICS_DAYS)
        return await self._read(Operation.STATISTICS, since=since)

    async def create(self) -> bytes:
        return await self._write(Operation.CREATE, **_row(accepted(str(uuid7()))))

    async def save(self) -> bytes:
        return await self._write(Operation.SAVE, **part_rows(measured(str(uuid7()))))

    async def store(self) -> bytes:
        made = examined(str(uuid7()))
        parts = part_rows(made)
        return await self._write(Operation.STORE, **_row(made), assessment_id=made.id, **parts)

    async def _read(self, operation: Operation, **fresh: Any) -> bytes:
        caller = {**asdict(clinician(READ_FROM)), "permission": Permission.VIEW_ASSESSMENTS}
        return await self._transact(operation, {**caller, "read_only": True}, fresh)

    async def _write(self, operation: Operation, **fresh: Any) -> bytes:
        caller = {**asdict(clinician(WRITTEN_TO)), "permission": Permission.CREATE_ASSESSMENT}
        return await self._transact(operation, {**caller, "read_only": False}, fresh)

    async def _transact(
        self, operation: Operation, request: Mapping[str, Any], fresh: Mapping[str, Any]
    ) -> bytes:
        await self.connection.execute(entering("enter", "request", **request))
        rows: list[asyncpg.Record] = []
        for statement in self.sent[operation]:
            rows += await self.connection.fetch(statement.sql, *statement.filled(fresh))
        await self.connection.execute("COMMIT")
        return json.dumps([dict(row) for row in rows], default=str).encode()

    async def close(self) -> None:
        await self.connection.close()


def _row(made: Examination) -> dict[str, Any]:
    """What is new in the row of each assessment; the rest is as it was sent the first time."""
    return {"id": made.id, "session_id": made.session_id, "recorded_at": made.recorded_at}


async def sent_by(run: Callable[[], Awaitable[Any]]) -> list[Statement]:
    """Carry an operation out once and return what its repositories send."""
    saved: list[Statement] = []

    def keep(_1: Any, _2: Any, sql: str, _4: Any, context: Any, _6: Any) -> None:
        (parameters,) = context.compiled_parameters
        saved.append(Statement(sql, context.compiled.positiontup, parameters))

    sync_engine = engine.current().sync_engine
    event.listen(sync_engine, "before_cursor_execute", keep)
    await run()
    event.remove(sync_engine, "before_cursor_execute", keep)
    return saved


async def _prepared(url: str, assessment_id: str) -> ByHand:
    it = DataLayer(UUID(assessment_id))
    sent = {name: await sent_by(run) for name, run in it.operations().items()}
    await it.close()
    return await ByHand.connect(url, sent)


def by_hand_subject(name: str, environment: Mapping[str, str], assessment_id: str) -> Subject:
    runner = asyncio.Runner()
    with configured(environment):
        url = environment["MEDILENS_DATABASE_URL"]
        return Subject(name, runner.run(_prepared(url, assessment_id)), runner)
