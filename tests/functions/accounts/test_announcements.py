"""What the identity provider announces: signed, each once, in the order of its own times."""

import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from shared.outgoing.signature import signature
from shared.permissions import RoleName
from tests.conftest import WEBHOOK_SECRET, Clinic
from tests.factories.newcomers import ME, MEMBERS, WHY, a_subject, count, invite, signed_in
from tests.nonempty import nonempty

HOOK = "/api/accounts/webhooks/identity"
NOW_MS = 1_795_000_000_000
WHO_CREATED = "SELECT actor_type FROM audit_events WHERE organization_id = $1 AND action = 'create'"


def user(subject: str, kind: str = "created", at_ms: int = NOW_MS) -> dict[str, Any]:
    address = {
        "id": "a",
        "email_address": "eve@example.org",
        "verification": {"status": "verified"},
    }
    data = {"id": subject, "email_addresses": [address], "primary_email_address_id": "a"}
    return {"type": f"user.{kind}", "timestamp": at_ms, "data": data}


def membership(
    organization: str, subject: str, kind: str = "created", at_ms: int = NOW_MS, **more: Any
) -> dict[str, Any]:
    data = {
        "id": f"mem_{uuid4().hex}",
        "organization": {"id": organization, "name": "An announced clinic"},
        "public_user_data": {"user_id": subject, "first_name": "Eve", "last_name": "Byron"},
        **more,
    }
    return {"type": f"organizationMembership.{kind}", "timestamp": at_ms, "data": data}


async def deliver(
    clinic: Clinic,
    event: Mapping[str, Any],
    *,
    key: str | None = None,
    prefix: str = "svix",
    late_s: int = 0,
    sent: bytes | None = None,
    secret: str = WEBHOOK_SECRET,
) -> int:
    body = json.dumps(event).encode()
    key, sent_at = key or uuid4().hex, int(time.time()) - late_s
    headers = {
        f"{prefix}-id": key,
        f"{prefix}-timestamp": str(sent_at),
        f"{prefix}-signature": f"v1,{signature(secret, f'{key}.{sent_at}.'.encode() + body)}",
        "content-type": "application/json",
    }
    async with clinic.client(None) as client:
        answer = await client.post(HOOK, content=sent or body, headers=headers)
    return int(answer.status_code)


async def deliver_membership(clinic: Clinic, subject: str, *what: Any, **more: Any) -> int:
    return await deliver(clinic, membership(clinic.identity, subject, *what, **more))


async def an_admin(clinic: Clinic) -> str:
    """The subject of somebody who was announced as an admin of a clinic."""
    subject = a_subject()
    assert await deliver_membership(clinic, subject, role="org:admin") == 204
    return subject


class TestAnnouncements:
    @pytest.mark.parametrize("prefix", ["svix", "webhook"])
    async def test_membership_makes_the_organization_and_its_admin(
        self, clinic: Clinic, auditor: asyncpg.Connection, prefix: str
    ) -> None:
        organization, subject = f"org_{uuid4().hex}", a_subject()
        told = membership(organization, subject, role="org:admin")
        assert await deliver(clinic, told, prefix=prefix) == 204
        announced = Clinic(organization, clinic.issuer, clinic.server, clinic.roles)
        async with signed_in(announced, subject) as client:
            me = (await client.get(ME)).json()
        assert (me["roles"], me["first_name"]) == (["admin"], "Eve")
        assert me["organization"]["name"] == "An announced clinic"
        rows = await auditor.fetch(WHO_CREATED, me["organization"]["id"])
        assert {row["actor_type"] for row in nonempty(rows)} == {"system"}

    async def test_who_leaves_or_is_deleted_is_refused_and_the_records_stay(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """Valid tokens are refused at once, and no row of the person is deleted."""
        subject = await an_admin(clinic)
        async with signed_in(clinic, subject) as client:
            assert (await client.get(ME)).status_code == 200
            assert await deliver_membership(clinic, subject, "deleted", NOW_MS + 1) == 204
            assert (await client.get(ME)).status_code == 403
            await deliver_membership(clinic, subject, "created", NOW_MS + 2)
            assert (await client.get(ME)).status_code == 200
            await deliver(clinic, user(subject, "deleted", NOW_MS + 3))
            assert (await client.get(ME)).status_code == 403
        assert await count(auditor, subject) == 1

    async def test_what_an_admin_of_the_clinic_took_no_word_of_the_provider_gives_back(
        self, clinic: Clinic
    ) -> None:
        subject = await an_admin(clinic)
        async with signed_in(clinic, subject) as client, clinic.client(RoleName.ADMIN) as admin:
            place = f"{MEMBERS}/{(await client.get(ME)).json()['id']}"
            await admin.post(f"{place}/roles/admin/revoke", json=WHY)
            await deliver_membership(clinic, subject, "updated", NOW_MS + 1, role="org:admin")
            assert (await admin.get(place)).json()["roles"] == []

            await admin.post(f"{place}/deactivate")
            await deliver_membership(clinic, subject, "deleted", NOW_MS + 2)
            await deliver_membership(clinic, subject, "created", NOW_MS + 3)
            assert (await admin.get(place)).json()["is_active"] is False

    async def test_of_two_words_of_one_time_the_end_counts(self, clinic: Clinic) -> None:
        subject = a_subject()
        for kind in ("created", "deleted", "updated"):
            await deliver_membership(clinic, subject, kind, role="org:admin")
        async with signed_in(clinic, subject) as client:
            assert (await client.get(ME)).status_code == 403

    async def test_what_comes_out_of_order_is_settled_by_its_own_time(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """Deleted before created stays deleted."""
        subject = a_subject()
        await deliver(clinic, user(subject, "deleted", NOW_MS + 5))
        await deliver(clinic, user(subject, "created", NOW_MS))
        await deliver(clinic, user(subject, "updated", NOW_MS + 9))
        await deliver_membership(clinic, subject, role="org:admin")
        assert await count(auditor, subject) == 0
        await invite(clinic, identity_subject=subject)
        async with signed_in(clinic, subject) as client:
            assert (await client.get(ME)).status_code == 403

    async def test_standard_webhooks_tell_the_time_in_words(self, clinic: Clinic) -> None:
        subject = a_subject()
        later, earlier = "2026-11-28T10:00:00.5+01:00", "2026-11-28T08:59:59Z"
        joined = membership(clinic.identity, subject, role="org:admin")
        assert await deliver(clinic, joined | {"timestamp": later}, prefix="webhook") == 204
        left = membership(clinic.identity, subject, "deleted") | {"timestamp": earlier}
        assert await deliver(clinic, left, prefix="webhook") == 204
        async with signed_in(clinic, subject) as client:
            assert (await client.get(ME)).status_code == 200
            await deliver(clinic, left | {"timestamp": later}, prefix="webhook")
            assert (await client.get(ME)).status_code == 403

    async def test_an_end_without_a_time_is_of_when_it_was_sent(self, clinic: Clinic) -> None:
        subject = a_subject()
        joined = membership(clinic.identity, subject, at_ms=int(time.time() * 1000) - 60_000)
        await deliver(clinic, joined)
        left = membership(clinic.identity, subject, "deleted")
        del left["timestamp"]
        assert await deliver(clinic, left) == 204
        async with signed_in(clinic, subject) as client:
            assert "not an active member" in (await client.get(ME)).text

    async def test_an_organization_that_ended_lets_nobody_in_and_does_not_come_back(
        self, clinic: Clinic
    ) -> None:
        told = {
            "type": "organization.deleted",
            "timestamp": NOW_MS,
            "data": {"id": clinic.identity},
        }
        await deliver(clinic, told)
        await deliver(clinic, told | {"type": "organization.updated", "timestamp": NOW_MS + 1})
        async with clinic.client(RoleName.ADMIN) as client:
            assert (await client.get(ME)).status_code == 403

    async def test_the_same_delivery_again_changes_nothing(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """It counts once, and is answered 204 like the first time."""
        subject, key = a_subject(), uuid4().hex
        told = membership(clinic.identity, subject)
        assert await deliver(clinic, told, key=key) == 204
        before = await auditor.fetchval("SELECT count(*) FROM audit_events")
        assert await deliver(clinic, told, key=key) == 204
        assert await auditor.fetchval("SELECT count(*) FROM audit_events") == before

    @pytest.mark.parametrize(
        "wrong",
        [
            {"secret": "whsec_" + "A" * 40},
            {"late_s": 360},
            {"late_s": -360},
            {"sent": b'{"type":"user.created"}'},
            {"prefix": "other"},
        ],
    )
    async def test_what_is_not_signed_just_now_changes_nothing(
        self, clinic: Clinic, auditor: asyncpg.Connection, wrong: dict[str, Any]
    ) -> None:
        """Another secret, six minutes either way, another body."""
        subject = a_subject()
        assert await deliver(clinic, membership(clinic.identity, subject), **wrong) == 400
        assert await count(auditor, subject) == 0

    @pytest.mark.parametrize("name", ["E" * 101, "a\0b", "\ud800"])
    async def test_no_name_is_a_reason_to_miss_that_somebody_left(
        self, clinic: Clinic, name: str
    ) -> None:
        subject, user_data = await an_admin(clinic), "public_user_data"
        left = membership(clinic.identity, subject, "deleted", NOW_MS + 1)
        left["data"][user_data] |= {"first_name": name, "last_name": name}
        assert await deliver(clinic, left) == 204
        async with signed_in(clinic, subject) as client:
            assert (await client.get(ME)).status_code == 403

    @pytest.mark.parametrize("sent_at", ["9" * 400, "9" * 5_000, "-1", "\u0661", "1e9"])
    async def test_time_that_no_clock_tells_is_refused(self, clinic: Clinic, sent_at: str) -> None:
        headers = {
            b"webhook-id": b"x",
            b"webhook-timestamp": sent_at.encode(),
            b"webhook-signature": b"v1,x",
        }
        async with clinic.client(None) as client:
            assert (await client.post(HOOK, content=b"{}", headers=headers)).status_code == 400

    async def test_json_written_anew_is_another_body(self, clinic: Clinic) -> None:
        told = membership(clinic.identity, a_subject())
        assert await deliver(clinic, told, sent=json.dumps(told, indent=1).encode()) == 400

    @pytest.mark.parametrize(
        "event",
        [
            {"type": "session.created", "data": {"id": "sess_1"}},
            {"type": "organizationMembership.created", "data": {"id": "mem_1"}},
            {"type": "user.created", "data": {"id": "x" * 300}},
            {"type": "user.created", "timestamp": 2**53 - 1, "data": {"id": "x"}},
            {"data": {}},
        ],
    )
    async def test_what_is_of_another_form_is_left_or_refused(
        self, clinic: Clinic, event: dict[str, Any]
    ) -> None:
        expected = 204 if event.get("type") == "session.created" else 400
        assert await deliver(clinic, event) == expected
