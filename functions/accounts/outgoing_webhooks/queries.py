"""Webhooks, their secrets, and what is on its way to them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.outgoing_webhooks.schemas import DeliveryQuery, DeliveryState
from shared.database.models.base import table_of
from shared.database.models.outbox_message import OutboxMessage
from shared.database.models.outgoing_secret import OutgoingSecret
from shared.database.models.webhook import Webhook
from shared.database.repositories import keys
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7
from shared.vocabulary import EventType

WEBHOOKS = table_of(Webhook)
SECRETS = table_of(OutgoingSecret)
MESSAGES = table_of(OutboxMessage)

SHOWN = (
    *("id", "url", "description", "events", "is_active"),
    *("created_by", "created_at", "updated_at"),
)
OF_MESSAGE = (
    *("id", "event_type", "created_at", "give_up_at"),
    *("delivered_at", "dead_at", "body"),
)
MAX_LISTED = 100
# As long as a message is tried, and when the request that wrote it has had its own try.
KEEP_TRYING = timedelta(days=3)
AFTER_THE_REQUEST = timedelta(seconds=30)

_pending = and_(MESSAGES.c.delivered_at.is_(None), MESSAGES.c.dead_at.is_(None))
STATES: dict[DeliveryState, ColumnElement[bool]] = {
    DeliveryState.PENDING: _pending,
    DeliveryState.DELIVERED: MESSAGES.c.delivered_at.is_not(None),
    DeliveryState.DEAD: MESSAGES.c.dead_at.is_not(None),
}


async def get_webhooks(connection: AsyncConnection) -> Sequence[RowMapping]:
    rows = await connection.execute(_webhooks().order_by(WEBHOOKS.c.id.desc()))
    return list(rows.mappings())


async def get_webhook(connection: AsyncConnection, webhook_id: UUID) -> RowMapping | None:
    rows = await connection.execute(_webhooks().where(WEBHOOKS.c.id == webhook_id))
    return next(iter(rows.mappings()), None)


def _webhooks() -> Select[Any]:
    return select(*(WEBHOOKS.c[name] for name in SHOWN)).where(
        WEBHOOKS.c.organization_id == ORGANIZATION, WEBHOOKS.c.deleted_at.is_(None)
    )


async def add_webhook(connection: AsyncConnection, columns: Mapping[str, Any], secret: str) -> UUID:
    webhook_id = uuid7()
    own = {"id": webhook_id, "organization_id": ORGANIZATION, "created_by": CALLER}
    await connection.execute(insert(WEBHOOKS).values(**own, **columns))
    await add_secret(connection, webhook_id, secret)
    return webhook_id


async def add_secret(
    connection: AsyncConnection,
    webhook_id: UUID | None,
    secret: str,
    overlap_until: datetime | None = None,
) -> None:
    """Use a secret from now on, and the one before it too until `overlap_until`.

    Without a webhook it is the FHIR server's, where an empty one is none.
    """
    key, texts = uuid7(), (await keys.get_organization_keys(connection)).texts
    await connection.execute(
        insert(SECRETS).values(
            id=key,
            organization_id=ORGANIZATION,
            webhook_id=webhook_id,
            created_by=CALLER,
            secret=texts.sealed("outgoing_secrets", "secret", key, secret),
            overlap_until=overlap_until,
        )
    )


async def change_webhook(
    connection: AsyncConnection, webhook_id: UUID, changes: Mapping[str, Any]
) -> None:
    await connection.execute(
        update(WEBHOOKS)
        .where(
            WEBHOOKS.c.organization_id == ORGANIZATION,
            WEBHOOKS.c.id == webhook_id,
            WEBHOOKS.c.deleted_at.is_(None),
        )
        .values(**changes, updated_at=func.now())
    )


async def give_up(connection: AsyncConnection, webhook_id: UUID) -> None:
    """Send nothing more of what is on its way to a webhook."""
    await connection.execute(
        update(MESSAGES)
        .where(
            MESSAGES.c.organization_id == ORGANIZATION,
            MESSAGES.c.webhook_id == webhook_id,
            _pending,
        )
        .values(dead_at=func.now())
    )


async def get_deliveries(
    connection: AsyncConnection, webhook_id: UUID, wanted: DeliveryQuery
) -> Sequence[RowMapping]:
    statement = _deliveries(webhook_id).order_by(MESSAGES.c.created_at.desc(), MESSAGES.c.id.desc())
    if wanted.state:
        statement = statement.where(STATES[wanted.state])
    if wanted.before:
        statement = statement.where(MESSAGES.c.created_at < wanted.before)
    return list((await connection.execute(statement.limit(MAX_LISTED))).mappings())


async def get_delivery(
    connection: AsyncConnection, webhook_id: UUID, delivery_id: UUID
) -> RowMapping | None:
    rows = await connection.execute(_deliveries(webhook_id).where(MESSAGES.c.id == delivery_id))
    return next(iter(rows.mappings()), None)


def _deliveries(webhook_id: UUID) -> Select[Any]:
    return select(
        *(MESSAGES.c[name] for name in OF_MESSAGE),
        case(*((condition, name.value) for name, condition in STATES.items())).label("state"),
        case((_pending, MESSAGES.c.next_at)).label("next_at"),
        MESSAGES.c.history.label("attempts"),
    ).where(MESSAGES.c.organization_id == ORGANIZATION, MESSAGES.c.webhook_id == webhook_id)


async def replay(connection: AsyncConnection, delivery_id: UUID) -> bool:
    """Try a dead letter again from now on; False where it is none."""
    replayed = await connection.execute(
        update(MESSAGES)
        .where(
            MESSAGES.c.organization_id == ORGANIZATION,
            MESSAGES.c.id == delivery_id,
            MESSAGES.c.dead_at.is_not(None),
        )
        .values(dead_at=None, next_at=func.now(), give_up_at=func.now() + KEEP_TRYING)
    )
    return bool(replayed.rowcount)


async def add_test(connection: AsyncConnection, webhook_id: UUID) -> UUID:
    """Write a message to the outbox that tells nothing but that it came."""
    now = datetime.now(UTC)
    key = uuid7()
    told = {
        "type": EventType.WEBHOOK_TEST,
        "timestamp": now.isoformat().replace("+00:00", "Z"),
        "data": {"webhook_id": str(webhook_id)},
    }
    await connection.execute(
        insert(MESSAGES).values(
            id=key,
            organization_id=ORGANIZATION,
            webhook_id=webhook_id,
            event_type=EventType.WEBHOOK_TEST,
            body=json.dumps(told),
            next_at=func.now() + AFTER_THE_REQUEST,
            give_up_at=func.now() + KEEP_TRYING,
        )
    )
    return key
