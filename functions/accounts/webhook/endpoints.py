import json
from http import HTTPStatus

from fastapi import APIRouter, Request
from pydantic import ValidationError

from functions.accounts import newcomers
from functions.accounts.webhook.events import Event
from functions.accounts.webhook.signature import SignatureRefused, verified
from shared.aws import secrets
from shared.database import transaction
from shared.errors import BadRequest, MediLensError
from shared.http.documents import refusals
from shared.identifiers import uuid7
from shared.settings import WebhookSettings

router = APIRouter(tags=["provisioning"])


class WebhookNotOffered(MediLensError):
    """The deployment has no secret with which the identity provider could sign."""

    status = HTTPStatus.NOT_IMPLEMENTED
    code = "webhook-not-offered"
    title = "No webhook here"


@router.post(
    "/webhooks/identity",
    status_code=204,
    responses=refusals(SignatureRefused, BadRequest, WebhookNotOffered),
)
async def take_event(request: Request) -> None:
    """Take what the identity provider announces of users, organizations and memberships.

    Signed as Standard Webhooks or Svix do, over the body as it stands; the same delivery again
    changes nothing, and of two the later by the provider's own time counts.
    """
    secret = secrets.load(WebhookSettings).webhook_secret
    if secret is None:
        raise WebhookNotOffered("Set MEDILENS_WEBHOOK_SECRET to have people announced here.")
    delivery = verified(request.headers, await request.body(), secret.get_secret_value())
    try:
        # The reader of JSON that the framework has refuses halves of surrogate pairs.
        event = Event.model_validate(json.loads(delivery.body))
        if event.kind is None:
            return
        told = event.told(delivery.sent_at)
    except (ValidationError, ValueError, OverflowError, RecursionError):
        raise BadRequest("The announcement does not have the form of a Clerk event.") from None
    keys = {"person_id": uuid7(), "organization_id": uuid7()}
    known = {name: value for name, value in told.items() if value is not None}
    if event.kind == "user":
        sealed = await newcomers.known_people(known)
    else:
        sealed = await newcomers.newcomer(known, keys["person_id"], keys["organization_id"])
    await transaction.announce("take_event", "event", **sealed, **keys, event_id=delivery.id)
