"""Webhooks that are paused, and secrets from before they were encrypted."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from local import encryption
from shared.outgoing.signature import new_secret, signature
from shared.permissions import RoleName
from tests.conftest import Addresses, Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_outgoing_webhooks import (
    WEBHOOKS,
    delete,
    due_now,
    forget,
    sent_by_schedule,
    subscribed,
)
from tests.receiver import Receiver, listening

SECRET_OF_BEFORE = (
    "INSERT INTO outgoing_secrets (id, organization_id, webhook_id, created_by, secret)"
    " SELECT gen_random_uuid(), organization_id, id, created_by, $2 FROM webhooks"
    " WHERE id = $1"
)


@pytest.fixture
async def receiver(tmp_path: Path, configured: object) -> AsyncIterator[Receiver]:
    async with listening(tmp_path) as it:
        yield it


@pytest.mark.parametrize("is_over", [False, True])
async def test_what_a_paused_one_is_told_of_waits_for_three_days(
    clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection, is_over: bool
) -> None:
    webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
    path = f"{WEBHOOKS}/{webhook['id']}"
    async with clinic.client(RoleName.ADMIN) as client:
        paused = await client.patch(path, json={"is_active": False})
        assert paused.json()["is_active"] is False
        await delete(clinic, await stored(clinic))
        await due_now(auditor, webhook["id"])
        if is_over:
            await auditor.execute(
                "UPDATE outbox_messages SET give_up_at = now() WHERE webhook_id = $1", webhook["id"]
            )
        await sent_by_schedule()
        await forget()
        (waiting,) = (await client.get(f"{path}/deliveries")).json()["items"]
        assert waiting["state"] == ("dead" if is_over else "pending")
        assert (waiting["attempts"], receiver.deliveries) == ([], [])
        await client.patch(path, json={"is_active": True})
        await sent_by_schedule()
    assert [came.event["type"] for came in receiver.deliveries] == (
        [] if is_over else ["assessment.deleted"]
    )


async def test_secret_of_before_signs_and_is_sealed_by_the_operator(
    clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection, configured: Addresses
) -> None:
    webhook = await subscribed(clinic, receiver.url)
    plain = new_secret()
    await auditor.execute(SECRET_OF_BEFORE, webhook["id"], plain)
    stored_secrets = "SELECT secret FROM outgoing_secrets WHERE webhook_id = $1"
    async with clinic.client(RoleName.ADMIN) as client:
        for sealed in (1, 2):
            rows = await auditor.fetch(stored_secrets, webhook["id"])
            assert sum(row["secret"].startswith("mle:") for row in rows) == sealed
            await client.post(f"{WEBHOOKS}/{webhook['id']}/test")
            came = receiver.deliveries[-1]
            signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}."
            right = signature(plain, signed.encode() + came.body)
            assert came.headers["webhook-signature"] == f"v1,{right}"
            await encryption.encrypt(configured.owner)
    assert len(receiver.deliveries) == 2
    for changed in ("'plain'", "'mle:' || secret"):
        with pytest.raises(asyncpg.RaiseError, match="never changed that way"):
            await auditor.execute(
                f"UPDATE outgoing_secrets SET secret = {changed} WHERE webhook_id = $1",
                webhook["id"],
            )
