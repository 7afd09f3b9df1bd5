"""Messages on their way out, for whoever sends them: the schedule, or a request that is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import Base64Bytes, BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.encryption import masters
from shared.database.encryption.masters import WrappedKeys
from shared.database.repositories import schedule


class Addressed(BaseModel):
    """A message with where it goes to and the secrets that it is signed with."""

    id: UUID
    url: str
    body: str
    attempts: int
    secrets: list[str]


class Key(BaseModel):
    """Keys of the organization as they are stored, with what they were wrapped by."""

    number: int
    master: str
    wrapped: Base64Bytes


class Sealed(Addressed):
    """A message as the database tells of it: the secrets are sealed with the organization's key."""

    organization_id: UUID
    secret_ids: list[UUID]
    keys: list[Key] | None

    async def opened(self) -> Addressed:
        secrets = self.secrets
        if self.keys:
            stored = [
                WrappedKeys(self.organization_id, key.number, key.master, key.wrapped)
                for key in self.keys
            ]
            texts = (await masters.opened(stored)).texts
            secrets = [
                texts.opened("outgoing_secrets", "secret", key, secret)
                for key, secret in zip(self.secret_ids, self.secrets, strict=True)
            ]
        return Addressed(
            id=self.id, url=self.url, body=self.body, attempts=self.attempts, secrets=secrets
        )


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
    """Return those of the messages that nobody has tried, of webhooks that answer.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    keys = [str(key) for key in messages]
    told = await schedule.work(connection, "just_written", messages=keys)
    return [await Sealed.model_validate(message).opened() for message in told]


async def lease(connection: AsyncConnection, most: int) -> list[Addressed]:
    """Return messages that are due, which nobody else is given for two minutes.

    Raises
    ------
    MasterKeyMissing, SettingsMissing, Unavailable
    """
    told = await schedule.work(connection, "lease_messages", most=most)
    return [await Sealed.model_validate(message).opened() for message in told]


async def settle(connection: AsyncConnection, attempts: Sequence[Attempt]) -> None:
    """Write down how attempts ended."""
    outcomes = [attempt.model_dump(mode="json") for attempt in attempts]
    await schedule.work(connection, "settle_messages", outcomes=outcomes)


async def forget(connection: AsyncConnection, *, older_than: timedelta, most: int) -> int:
    """Remove the oldest messages, and return how many."""
    seconds = f"{older_than.total_seconds()} s"
    (forgotten,) = await schedule.work(connection, "forget_messages", older_than=seconds, most=most)
    return int(forgotten)
