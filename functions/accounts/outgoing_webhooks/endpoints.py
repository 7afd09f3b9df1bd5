from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.outgoing_webhooks import service
from functions.accounts.outgoing_webhooks.schemas import (
    DeliveryList,
    DeliveryQuery,
    DeliveryRead,
    SecretRotated,
    SecretRotation,
    WebhookChange,
    WebhookCreate,
    WebhookCreated,
    WebhookList,
    WebhookRead,
)
from functions.accounts.outgoing_webhooks.service import NotDead, TooManyWebhooks
from functions.accounts.step_up import StepUpRequired, recent_second_factor
from shared.errors import NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission

router = APIRouter(tags=["webhooks"], prefix="/webhooks")

Reading = Annotated[AsyncConnection, allowed(Permission.MANAGE_WEBHOOKS, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.MANAGE_WEBHOOKS)]
# Where data goes to, and what vouches for it, is nobody's to change who found a browser open.
STEP_UP = [Depends(recent_second_factor)]


@router.get("")
async def list_webhooks(connection: Reading) -> WebhookList:
    """List the webhooks of the organization, the newest first."""
    return await service.list_webhooks(connection)


@router.post(
    "",
    status_code=201,
    dependencies=STEP_UP,
    responses=refusals(TooManyWebhooks, StepUpRequired),
)
async def create(connection: Changing, wanted: WebhookCreate) -> WebhookCreated:
    """Have an address told of events, by identifiers alone; its secret is shown this once.

    Each delivery is a POST, signed as Standard Webhooks says. It is tried once after the act and
    before its answer, then for three days.
    """
    return await service.create(connection, wanted)


@router.get("/{webhook_id}", responses=refusals(NotFound))
async def get(connection: Reading, webhook_id: UUID) -> WebhookRead:
    """Show one webhook."""
    return await service.get(connection, webhook_id)


@router.patch("/{webhook_id}", dependencies=STEP_UP, responses=refusals(NotFound, StepUpRequired))
async def change(connection: Changing, webhook_id: UUID, change: WebhookChange) -> WebhookRead:
    """Change a webhook; what happens while it is not active is not told later."""
    return await service.change(connection, webhook_id, change)


@router.delete("/{webhook_id}", status_code=204, responses=refusals(NotFound))
async def delete(connection: Changing, webhook_id: UUID) -> None:
    """Tell an address of nothing more; what is on its way is given up."""
    await service.delete(connection, webhook_id)


@router.post(
    "/{webhook_id}/rotate-secret",
    dependencies=STEP_UP,
    responses=refusals(NotFound, StepUpRequired),
)
async def rotate_secret(
    connection: Changing, webhook_id: UUID, wanted: SecretRotation
) -> SecretRotated:
    """Make a new secret, shown this once.

    While both are good each delivery has a signature by each; without an overlap the former is
    worthless at once.
    """
    return await service.rotate(connection, webhook_id, wanted.overlap_hours)


@router.get("/{webhook_id}/deliveries", responses=refusals(NotFound))
async def list_deliveries(
    connection: Reading, webhook_id: UUID, wanted: Annotated[DeliveryQuery, Query()]
) -> DeliveryList:
    """List what was sent, is on its way or was given up, with every attempt."""
    return await service.list_deliveries(connection, webhook_id, wanted)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    responses=refusals(NotFound, NotDead),
)
async def replay(connection: Changing, webhook_id: UUID, delivery_id: UUID) -> DeliveryRead:
    """Try a dead letter for three more days, under the same id."""
    return await service.replay(connection, webhook_id, delivery_id)


@router.post("/{webhook_id}/test", status_code=202, responses=refusals(NotFound))
async def send_test(connection: Changing, webhook_id: UUID) -> DeliveryRead:
    """Send an event that tells nothing; how it went is among the deliveries."""
    return await service.send_test(connection, webhook_id)
