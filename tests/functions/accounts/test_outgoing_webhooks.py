"""Webhooks over HTTP, told of real acts at a real receiver."""

import asyncio
import json
import re
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.database import transaction
from shared.database.repositories import outbox
from shared.outgoing.delivery import deliver_due
from shared.outgoing.signature import signature
from shared.permissions import Permission, RoleName
from shared.vocabulary import EventType
from tests.conftest import ROOT, Clinic, Rollback
from tests.factories.examinations import stored
from tests.nonempty import nonempty
from tests.receiver import Receiver, listening

WEBHOOKS = "/api/accounts/webhooks"
EVERYTHING = sorted(set(EventType) - {EventType.WEBHOOK_TEST})
MESSAGES = "SELECT * FROM outbox_messages WHERE webhook_id = $1 ORDER BY created_at"
EHR = {"description": "EHR"}


async def deliveries(clinic: Clinic, webhook: Mapping[str, Any]) -> list[Any]:
    async with clinic.client(RoleName.ADMIN) as client:
        listed = await client.get(f"{WEBHOOKS}/{webhook['id']}/deliveries")
    items: list[Any] = listed.json()["items"]
    return items


@pytest.fixture
async def receiver(tmp_path: Path, configured: object) -> AsyncIterator[Receiver]:
    async with listening(tmp_path) as it:
        yield it


async def subscribed(clinic: Clinic, url: str, *events: str) -> dict[str, Any]:
    async with clinic.client(RoleName.ADMIN) as client:
        answer = await client.post(WEBHOOKS, json={"url": url, "events": events or EVERYTHING})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def delete(clinic: Clinic, assessment: UUID) -> None:
    async with clinic.client(RoleName.ADMIN) as client:
        answer = await client.delete(f"/api/records/assessments/{assessment}")
    assert answer.status_code == 204


async def deleted_in_vain(clinic: Clinic, assessment: UUID) -> None:
    caller = clinic.caller(RoleName.ADMIN)
    async with transaction.begin(caller, Permission.DELETE_ASSESSMENTS) as connection:
        await connection.exec_driver_sql(
            "UPDATE assessments SET deleted_at = now(), deleted_by = medilens.current_user_id()"
            f" WHERE id = '{assessment}'"
        )
        raise Rollback


async def due_now(auditor: asyncpg.Connection, webhook: str) -> None:
    """Move the clock to when the messages of a webhook are tried again."""
    await auditor.execute(
        "UPDATE outbox_messages SET next_at = now() - interval '1 s' WHERE webhook_id = $1", webhook
    )


async def sent_by_schedule() -> None:
    while await deliver_due(100):
        pass


class TestDelivery:
    async def test_receiver_is_told_before_the_answer_by_ids_alone_and_signed(
        self, clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
    ) -> None:
        webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
        assessment = await stored(clinic)
        await delete(clinic, assessment)
        (came,) = receiver.deliveries
        organization = await auditor.fetchval(
            "SELECT organization_id FROM webhooks WHERE id = $1", webhook["id"]
        )
        assert came.line == "POST /hooks HTTP/1.1"
        assert came.event["type"] == "assessment.deleted"
        assert came.event["data"] == {
            "organization_id": str(organization),
            "assessment_id": str(assessment),
            "subject_id": str(clinic.person_id(RoleName.PATIENT)),
        }
        signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}.".encode()
        right = signature(webhook["secret"], signed + came.body)
        assert came.headers["webhook-signature"] == f"v1,{right}"
        assert abs(time.time() - int(came.headers["webhook-timestamp"])) < 60

        (message,) = await auditor.fetch(MESSAGES, webhook["id"])
        assert str(message["id"]) == came.headers["webhook-id"]
        assert (message["attempts"], message["delivered_at"] is None) == (1, False)

    async def test_row_is_written_with_the_act_or_not_at_all(
        self, clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
    ) -> None:
        webhook = await subscribed(clinic, receiver.url)
        assessment = await stored(clinic)
        with pytest.raises(Rollback):
            await deleted_in_vain(clinic, assessment)
        types = [row["event_type"] for row in await auditor.fetch(MESSAGES, webhook["id"])]
        assert sorted(types) == ["assessment.completed"]

    async def test_nobody_is_told_of_another_tenant(
        self, clinic: Clinic, elsewhere: Clinic, receiver: Receiver
    ) -> None:
        await subscribed(elsewhere, receiver.url)
        await delete(clinic, await stored(clinic))
        await sent_by_schedule()
        assert receiver.deliveries == []

    async def test_what_failed_is_tried_again_under_the_same_id_and_body(
        self, clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
    ) -> None:
        receiver.answers(500)
        webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
        await delete(clinic, await stored(clinic))
        await sent_by_schedule()
        assert len(receiver.deliveries) == 1, "not before it is due"
        receiver.answers(200)
        await due_now(auditor, webhook["id"])
        await sent_by_schedule()
        first, second = receiver.deliveries
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
        (item,) = await deliveries(clinic, webhook)
        assert item["state"] == "delivered"
        told = [(attempt["outcome"], attempt["status"]) for attempt in item["attempts"]]
        assert told == [("refused", 500), ("delivered", 200)]

    async def test_request_gives_up_waiting_once_and_then_waits_for_nobody(
        self, clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
    ) -> None:
        """A receiver that hangs keeps one request waiting, and the schedule keeps at it."""
        receiver.delay_s = 600
        webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
        first, second = [await stored(clinic) for _ in range(2)]
        await delete(clinic, first)
        await delete(clinic, second)
        rows = await auditor.fetch(MESSAGES, webhook["id"])
        assert [json.loads(row["history"])[0]["outcome"] for row in rows[:1]] == ["timed-out"]
        assert [row["attempts"] for row in rows] == [1, 0]

    async def test_what_goes_wrong_with_telling_is_no_failure_of_the_act(
        self, clinic: Clinic, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await subscribed(clinic, receiver.url, "assessment.deleted")

        async def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(outbox, "settle", broken)
        await delete(clinic, await stored(clinic))
        assert len(receiver.deliveries) == 1

    async def test_given_up_after_three_days_and_replayed_by_hand(
        self, clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
    ) -> None:
        receiver.answers(404)
        webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
        await delete(clinic, await stored(clinic))
        await auditor.execute(
            "UPDATE outbox_messages SET give_up_at = now() + interval '1 s' WHERE webhook_id = $1",
            webhook["id"],
        )
        await due_now(auditor, webhook["id"])
        await sent_by_schedule()
        path = f"{WEBHOOKS}/{webhook['id']}/deliveries"
        async with clinic.client(RoleName.ADMIN) as client:
            (dead,) = (await client.get(f"{path}?state=dead")).json()["items"]
            await due_now(auditor, webhook["id"])
            await sent_by_schedule()
            assert len(receiver.deliveries) == 2, "a dead letter is left alone"
            receiver.answers(202)
            replayed = await client.post(f"{path}/{dead['id']}/replay")
            assert (replayed.status_code, replayed.json()["state"]) == (200, "pending")
            await sent_by_schedule()
            assert receiver.deliveries[-1].headers["webhook-id"] == dead["id"]
            again = await client.post(f"{path}/{dead['id']}/replay")
            assert (again.status_code, again.json()["code"]) == (409, "not-dead")

    async def test_receiver_that_is_gone_gets_nothing_more(
        self, clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
    ) -> None:
        receiver.answers(410)
        webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
        await delete(clinic, await stored(clinic))
        (row,) = await auditor.fetch(MESSAGES, webhook["id"])
        assert row["dead_at"] is not None

    async def test_two_workers_at_once_send_each_message_once(
        self, clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
    ) -> None:
        receiver.answers(500)
        webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
        for _ in range(4):
            await delete(clinic, await stored(clinic))
        receiver.answers(204)
        receiver.deliveries.clear()
        await due_now(auditor, webhook["id"])
        await asyncio.gather(*(deliver_due(100) for _ in range(3)))
        ids = [came.headers["webhook-id"] for came in receiver.deliveries]
        assert len(ids) == len(set(ids)) == 4


EVENTS = {
    EventType.ASSESSMENT_COMPLETED,
    EventType.ASSESSMENT_DELETED,
    EventType.ASSESSMENT_RESTORED,
    EventType.ASSESSMENT_SIGNED,
    EventType.CONSENT_WITHDRAWN,
    EventType.PERSON_MERGED,
    EventType.ASSESSMENT_MOVED,
}


async def test_acts_are_told_by_their_names_and_identifiers_alone(
    clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
) -> None:
    """Nothing but ids: no measurement, no name, no reason, whatever the act."""
    webhook = await subscribed(clinic, receiver.url)
    patient = clinic.person_id(RoleName.PATIENT)
    assessment = await stored(clinic)
    record = f"/api/records/assessments/{assessment}"
    async with clinic.client(RoleName.ADMIN) as client:
        for name in ("Canary-One", "Canary-Two"):
            born = {"first_name": name, "last_name": name, "date_of_birth": "1960-01-01"}
            assert (await client.post("/api/accounts/patients", json=born)).status_code in {
                201,
                409,
            }
        listed = await client.post("/api/accounts/patients/search", json={"name_part": "Canary"})
        shown = await client.get(record)
        review = {"note": "Canary-Note"}
        signed = await client.post(
            f"{record}/review", json=review, headers={"If-Match": shown.headers["etag"]}
        )
        assert signed.status_code == 200, signed.text
        await client.delete(record)
        await client.post(f"{record}/restore")
        consents = f"/api/accounts/people/{patient}/consents"
        await client.post(consents, json={"kind": "sharing", "text_version": "1"})
        assert (await client.post(f"{consents}/sharing/withdraw")).status_code == 200
        people = [person["id"] for person in listed.json()["items"]]
        assert len(people) == 2, listed.text
        move = {"assessment_id": str(assessment), "to_person_id": people[0], "reason": "Canary-M"}
        moved = await client.post("/api/accounts/moves", json=move)
        assert moved.status_code == 201, moved.text
        merge = {"person_id": people[1], "into_person_id": people[0], "reason": "Canary-M"}
        merged = await client.post("/api/accounts/merges", json=merge)
        assert merged.status_code == 201, merged.text
    await due_now(auditor, webhook["id"])
    await sent_by_schedule()
    assert {came.event["type"] for came in receiver.deliveries} >= EVENTS
    for came in nonempty(receiver.deliveries):
        assert set(came.event) == {"type", "timestamp", "data"}
        assert "Canary" not in came.body.decode()
        for name, value in nonempty(came.event["data"].items()):
            assert str(UUID(value)) == value, name


class TestExample:
    """What docs/api.md has receivers do."""

    async def test_takes_what_comes_and_nothing_else(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
        (source,) = re.findall(r"```python\n(import base64.*?)```", page, re.DOTALL)
        example: dict[str, Any] = {}
        exec(source, example)  # our own page
        verified = example["verified"]
        webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
        await delete(clinic, await stored(clinic))
        (came,) = receiver.deliveries
        told = came.headers, came.body, webhook["secret"]
        assert verified(*told)["type"] == "assessment.deleted"
        old = came.headers | {"webhook-timestamp": str(int(time.time()) - 301)}
        another = f"whsec_{b64encode(b'another').decode()}"
        for headers, body, secret in (
            (came.headers, came.body + b" ", webhook["secret"]),
            (came.headers, came.body, another),
            (old, came.body, webhook["secret"]),
            (came.headers | {"webhook-id": str(uuid4())}, came.body, webhook["secret"]),
        ):
            with pytest.raises(ValueError, match=r"signed|ago"):
                verified(headers, body, secret)


class TestWebhooks:
    async def test_secret_is_shown_once_and_read_by_no_request(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        webhook = await subscribed(clinic, receiver.url)
        assert webhook["secret"].startswith("whsec_")
        async with clinic.client(RoleName.ADMIN) as client:
            for path in (WEBHOOKS, f"{WEBHOOKS}/{webhook['id']}"):
                assert webhook["secret"] not in (await client.get(path)).text
        for permission in nonempty(Permission):
            with pytest.raises(Exception, match="permission denied"):
                async with transaction.begin(clinic.caller(RoleName.ADMIN), permission) as opened:
                    await opened.exec_driver_sql("SELECT secret FROM outgoing_secrets")

    @pytest.mark.parametrize("overlap_hours", [0, 24])
    async def test_former_secret_signs_too_until_the_overlap_ends(
        self, clinic: Clinic, receiver: Receiver, overlap_hours: int
    ) -> None:
        webhook = await subscribed(clinic, receiver.url)
        path = f"{WEBHOOKS}/{webhook['id']}"
        async with clinic.client(RoleName.ADMIN) as client:
            told = {"overlap_hours": overlap_hours}
            rotated = (await client.post(f"{path}/rotate-secret", json=told)).json()
            assert (await client.post(f"{path}/test")).status_code == 202
        (came,) = receiver.deliveries
        signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}.".encode()
        secrets = [rotated["secret"], *([webhook["secret"]] if overlap_hours else [])]
        expected = [f"v1,{signature(secret, signed + came.body)}" for secret in secrets]
        assert came.headers["webhook-signature"].split() == expected

    async def test_changed(self, clinic: Clinic, receiver: Receiver) -> None:
        webhook = await subscribed(clinic, receiver.url)
        path = f"{WEBHOOKS}/{webhook['id']}"
        async with clinic.client(RoleName.ADMIN) as client:
            assert (await client.patch(path, json=EHR)).json()["description"] == "EHR"
            assert (await client.patch(path, json={})).status_code == 422

    async def test_deleted(
        self, clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
    ) -> None:
        webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
        path = f"{WEBHOOKS}/{webhook['id']}"
        receiver.answers(500)
        async with clinic.client(RoleName.ADMIN) as client:
            await delete(clinic, await stored(clinic))
            assert (await client.delete(path)).status_code == 204
            assert (await client.get(path)).status_code == 404
            assert (await client.get(WEBHOOKS)).json()["items"] == []
        await due_now(auditor, webhook["id"])
        await sent_by_schedule()
        assert len(receiver.deliveries) == 1, "nothing is sent to a webhook that was deleted"

    async def test_few(self, clinic: Clinic, receiver: Receiver) -> None:
        for _ in range(10):
            await subscribed(clinic, receiver.url)
        async with clinic.client(RoleName.ADMIN) as client:
            wanted = {"url": receiver.url, "events": EVERYTHING}
            refused = await client.post(WEBHOOKS, json=wanted)
        assert (refused.status_code, refused.json()["code"]) == (409, "too-many-webhooks")

    async def test_deliveries_are_paged_by_time(self, clinic: Clinic, receiver: Receiver) -> None:
        webhook = await subscribed(clinic, receiver.url)
        path = f"{WEBHOOKS}/{webhook['id']}"
        async with clinic.client(RoleName.ADMIN) as client:
            for _ in range(3):
                await client.post(f"{path}/test")
            newest, *others = (await client.get(f"{path}/deliveries")).json()["items"]
            before = {"before": newest["created_at"]}
            older = await client.get(f"{path}/deliveries", params=before)
            assert older.json()["items"] == others
            assert len(others) == 2
            query = {"organization_id": str(uuid4())}
            assert (await client.get(f"{path}/deliveries", params=query)).status_code == 422


async def forget() -> int:
    async with transaction.unattended() as connection:
        return await outbox.forget(connection, older_than=timedelta(days=90), most=100)


async def test_old_messages_are_forgotten(
    clinic: Clinic, receiver: Receiver, auditor: asyncpg.Connection
) -> None:
    webhook = await subscribed(clinic, receiver.url, "assessment.deleted")
    await delete(clinic, await stored(clinic))
    await auditor.execute(
        "UPDATE outbox_messages SET created_at = $2 WHERE webhook_id = $1",
        webhook["id"],
        datetime.now(UTC) - timedelta(days=91),
    )
    assert await forget() >= 1
    assert await auditor.fetch(MESSAGES, webhook["id"]) == []
