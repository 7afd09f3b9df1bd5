"""Messages on their way out, for whoever sends them: the schedule, or a request that is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import ColumnElement, Integer, Text, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

COLUMNS = ("id", "url", "body", "attempts", "secrets")


class Addressed(BaseModel):
    """A message with where it goes to and the secrets that it is signed with."""

    id: UUID
    url: str
    body: str
    attempts: int
    secrets: list[str]


class Attempt(BaseModel):
    """How one attempt ended; without `again_in_s` it is the last."""

    id: UUID
    at: datetime
    outcome: str
    status: int | None
    duration_ms: int
    again_in_s: float | None


ATTEMPTS = TypeAdapter(list[Attempt])


async def get_just_written(
    connection: AsyncConnection, messages: Sequence[UUID]
) -> list[Addressed]:
    """Return those of the messages that nobody has tried, of webhooks that answer."""
    keys = bindparam("messages", list(messages), type_=ARRAY(Uuid))
    return await _addressed(connection, func.medilens.just_written(keys))


async def lease(connection: AsyncConnection, most: int) -> list[Addressed]:
    """Return messages that are due, which nobody else is given for two minutes."""
    return await _addressed(
        connection, func.medilens.lease_messages(bindparam("most", most, type_=Integer))
    )


async def settle(connection: AsyncConnection, attempts: list[Attempt]) -> None:
    """Write down how attempts ended."""
    told = bindparam("outcomes", ATTEMPTS.dump_python(attempts, mode="json"), type_=JSONB)
    await connection.execute(select(func.medilens.settle_messages(told)))


async def forget(connection: AsyncConnection, *, older_than: timedelta, most: int) -> int:
    """Remove the oldest messages, and return how many."""
    forgotten = await connection.execute(select(func.medilens.forget_messages(older_than, most)))
    return int(forgotten.scalar_one())


async def _addressed(connection: AsyncConnection, call: Any) -> list[Addressed]:
    rows = call.table_valued(*COLUMNS)
    secrets: ColumnElement[Any] = rows.c.secrets.cast(ARRAY(Text))
    found = await connection.execute(
        select(rows.c.id, rows.c.url, rows.c.body, rows.c.attempts, secrets.label("secrets"))
    )
    return [Addressed.model_validate(dict(row)) for row in found.mappings()]
