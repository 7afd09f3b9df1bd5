from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.outgoing_webhooks import queries
from functions.accounts.outgoing_webhooks.schemas import (
    DeliveryList,
    DeliveryQuery,
    DeliveryRead,
    SecretRotated,
    WebhookChange,
    WebhookCreate,
    WebhookCreated,
    WebhookList,
    WebhookRead,
)
from functions.accounts.turns.queries import take_turn
from shared import notices
from shared.errors import Conflict, NotFound
from shared.outgoing.signature import new_secret

# Each is a call after every act, so an organization has few.
MAX_WEBHOOKS = 10


class TooManyWebhooks(Conflict):
    """The organization has as many webhooks as it may have."""

    code = "too-many-webhooks"


class NotDead(Conflict):
    """The message was not given up: only messages that were given up are sent again on request."""

    code = "not-dead"


async def list_webhooks(connection: AsyncConnection) -> WebhookList:
    return WebhookList(items=[_read(row) for row in await queries.get_webhooks(connection)])


async def create(connection: AsyncConnection, wanted: WebhookCreate) -> WebhookCreated:
    await take_turn(connection, "webhooks")
    if len(await queries.get_webhooks(connection)) >= MAX_WEBHOOKS:
        raise TooManyWebhooks(
            f"The organization has {MAX_WEBHOOKS} webhooks, the most that there may be: have one"
            " tell of several events, or delete one."
        )
    secret = new_secret()
    columns = wanted.model_dump(mode="json")
    webhook_id = await queries.add_webhook(connection, columns, secret)
    return WebhookCreated(**dict(await _get(connection, webhook_id)), secret=secret)


async def get(connection: AsyncConnection, webhook_id: UUID) -> WebhookRead:
    return _read(await _get(connection, webhook_id))


async def change(
    connection: AsyncConnection, webhook_id: UUID, change: WebhookChange
) -> WebhookRead:
    await _get(connection, webhook_id)
    changes = change.model_dump(mode="json", exclude_unset=True)
    await queries.change_webhook(connection, webhook_id, changes)
    return await get(connection, webhook_id)


async def delete(connection: AsyncConnection, webhook_id: UUID) -> None:
    """Tell the address of nothing more, what is on its way included."""
    await _get(connection, webhook_id)
    await queries.give_up(connection, webhook_id)
    await queries.change_webhook(connection, webhook_id, {"deleted_at": datetime.now(UTC)})


async def rotate(
    connection: AsyncConnection, webhook_id: UUID, overlap_hours: int
) -> SecretRotated:
    await _get(connection, webhook_id)
    secret, until = new_secret(), datetime.now(UTC) + timedelta(hours=overlap_hours)
    await queries.add_secret(connection, webhook_id, secret, until)
    return SecretRotated(secret=secret, overlap_until=until)


async def list_deliveries(
    connection: AsyncConnection, webhook_id: UUID, wanted: DeliveryQuery
) -> DeliveryList:
    await _get(connection, webhook_id)
    rows = await queries.get_deliveries(connection, webhook_id, wanted)
    return DeliveryList(items=[DeliveryRead.model_validate(dict(row)) for row in rows])


async def replay(connection: AsyncConnection, webhook_id: UUID, delivery_id: UUID) -> DeliveryRead:
    await _get(connection, webhook_id)
    await _delivery(connection, webhook_id, delivery_id)
    if not await queries.replay(connection, delivery_id):
        raise NotDead("The message was delivered, or is on its way still.")
    return await _delivery(connection, webhook_id, delivery_id)


async def send_test(connection: AsyncConnection, webhook_id: UUID) -> DeliveryRead:
    """Write a test event, which is tried once this is committed."""
    await _get(connection, webhook_id)
    key = await queries.add_test(connection, webhook_id)
    if heard := notices.current():
        heard.messages.append(key)
    return await _delivery(connection, webhook_id, key)


async def _delivery(
    connection: AsyncConnection, webhook_id: UUID, delivery_id: UUID
) -> DeliveryRead:
    row = await queries.get_delivery(connection, webhook_id, delivery_id)
    if row is None:
        raise NotFound(
            "There is no such delivery.", resource_type="outbox_messages", resource_id=delivery_id
        )
    return DeliveryRead.model_validate(dict(row))


async def _get(connection: AsyncConnection, webhook_id: UUID) -> RowMapping:
    row = await queries.get_webhook(connection, webhook_id)
    if row is None:
        raise NotFound(
            "There is no such webhook.", resource_type="webhooks", resource_id=webhook_id
        )
    return row


def _read(row: RowMapping) -> WebhookRead:
    return WebhookRead.model_validate(dict(row))
