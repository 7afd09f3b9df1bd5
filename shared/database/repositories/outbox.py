"""Messages on their way out, for whoever sends them: the schedule, or a request that is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import schedule


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


async def get_just_written(
    connection: AsyncConnection, messages: Sequence[UUID]
) -> list[Addressed]:
    """Return those of the messages that nobody has tried, of webhooks that answer."""
    keys = [str(key) for key in messages]
    told = await schedule.work(connection, "just_written", messages=keys)
    return [Addressed.model_validate(message) for message in told]


async def lease(connection: AsyncConnection, most: int) -> list[Addressed]:
    """Return messages that are due, which nobody else is given for two minutes."""
    told = await schedule.work(connection, "lease_messages", most=most)
    return [Addressed.model_validate(message) for message in told]


async def settle(connection: AsyncConnection, attempts: Sequence[Attempt]) -> None:
    """Write down how attempts ended."""
    outcomes = [attempt.model_dump(mode="json") for attempt in attempts]
    await schedule.work(connection, "settle_messages", outcomes=outcomes)


async def forget(connection: AsyncConnection, *, older_than: timedelta, most: int) -> int:
    """Remove the oldest messages, and return how many."""
    seconds = f"{older_than.total_seconds()} s"
    (forgotten,) = await schedule.work(connection, "forget_messages", older_than=seconds, most=most)
    return int(forgotten)
