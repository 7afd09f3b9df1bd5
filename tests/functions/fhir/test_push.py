"""What is sent to an organization's own FHIR server, how it signs in, where it never goes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import Response

from functions.fhir.examinations import service
from functions.fhir.outcome import FHIR_JSON
from functions.fhir.push import sending
from functions.fhir.push.schemas import Job
from functions.fhir.push.sending import run_job
from shared.database import transaction
from shared.database.repositories import keys
from shared.identifiers import uuid7
from shared.outgoing.attempts import BY_SCHEDULE_S
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.factories.records import a_key
from tests.functions.accounts.test_outgoing_webhooks import delete
from tests.functions.fhir.judges import complaints
from tests.functions.fhir.test_reports import named
from tests.receiver import Receiver, listening, own_networks

SERVER = "/api/accounts/organization/fhir-server"
PUSHES = "/api/fhir/pushes"
SECRET = (
    "INSERT INTO outgoing_secrets (id, organization_id, created_by, secret)"
    " SELECT $1, organization_id, id, $3 FROM users WHERE id = $2"
)
KEY_REVOKED = (
    "UPDATE service_keys k SET revoked_at = now(), revoked_by = k.created_by"
    " FROM fhir_pushes p WHERE p.key_id = k.id AND p.assessment_id = $1"
)
GIVEN_UP = "UPDATE fhir_pushes SET give_up_at = now() - interval '1 s' WHERE assessment_id = $1"
AS_STORED = "SELECT to_jsonb(p)::text FROM fhir_pushes p WHERE assessment_id = $1"


@pytest.fixture
async def receiver(
    tmp_path: Path, configured: object, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Receiver]:
    # A busy machine is no failing server.
    monkeypatch.setattr(sending, "AT_ONCE_S", BY_SCHEDULE_S)
    async with listening(tmp_path) as opened:
        yield opened


async def configure(clinic: Clinic, url: str, secret: str | None = "token-1") -> None:
    async with clinic.client(RoleName.ADMIN) as client:
        answer = await client.put(SERVER, json={"url": url, "secret": secret})
    assert answer.status_code == 200, answer.text


async def push(clinic: Clinic, key: object, role: RoleName = RoleName.CLINICIAN) -> Response:
    async with clinic.client(role) as client:
        return await client.post(f"/api/fhir/DiagnosticReport/{key}/$push")


def code(answer: Response) -> Any:
    return answer.json()["issue"][0]["details"]["coding"][0]["code"]


async def no_server_any_more(clinic: Clinic) -> None:
    async with clinic.client(RoleName.ADMIN) as client:
        assert (await client.delete(SERVER)).is_success


async def refused_by(
    receiver: Receiver, clinic: Clinic, service_key: str | None = None
) -> tuple[UUID, Response]:
    """Push an assessment that the receiver does not take, as a clinician or as a program."""
    await configure(clinic, receiver.url)
    receiver.answers(500)
    key = await stored(clinic)
    asked = pushed_by(clinic, service_key, key) if service_key else push(clinic, key)
    return key, await asked


async def delivered(clinic: Clinic, receiver: Receiver) -> tuple[UUID, Any]:
    """Push an assessment, and return it with how that push stands."""
    await configure(clinic, receiver.url)
    key = await stored(clinic)
    return key, await standing(clinic, await push(clinic, key))


async def pushed_by(clinic: Clinic, service_key: str, key: UUID) -> Response:
    async with clinic.client(None) as client:
        client.headers["Authorization"] = f"Bearer {service_key}"
        return await client.post(f"/api/fhir/DiagnosticReport/{key}/$push")


async def standing(clinic: Clinic, answer: Response) -> Any:
    """How a push stands that was asked for."""
    assert answer.status_code == 202, answer.text
    assert complaints(answer.json()) == []
    async with clinic.client(RoleName.CLINICIAN) as client:
        return (await client.get(answer.headers["content-location"])).json()


async def sent_by_schedule(auditor: asyncpg.Connection, clinic: Clinic) -> None:
    """Let the job run when all that waits is due."""
    await auditor.execute(
        "UPDATE fhir_pushes SET next_at = now() - interval '1 second' FROM organizations o"
        " WHERE o.id = organization_id AND o.identity_organization = $1",
        clinic.identity,
    )
    await run_job(Job.PUSHES)


class TestPush:
    async def test_a_transaction_arrives_under_the_secret(
        self, clinic: Clinic, auditor: asyncpg.Connection, receiver: Receiver
    ) -> None:
        await named(clinic, auditor)
        await delivered(clinic, receiver)
        (delivery,) = receiver.deliveries
        assert delivery.line.startswith("POST /hooks ")
        assert delivery.headers["content-type"] == FHIR_JSON
        assert delivery.headers["authorization"] == "Bearer token-1"
        assert complaints(delivery.event) == []
        assert delivery.event["type"] == "transaction"
        assert "Sparrow" in delivery.body.decode()

    async def test_how_it_stands_is_told_and_nothing_of_it_is_stored(
        self, clinic: Clinic, auditor: asyncpg.Connection, receiver: Receiver
    ) -> None:
        await named(clinic, auditor)
        key, told = await delivered(clinic, receiver)
        assert (told["state"], told["assessment_id"]) == ("delivered", str(key))
        assert [attempt["status"] for attempt in told["attempts"]] == [204]
        row = await auditor.fetchval(AS_STORED, key)
        assert ("Sparrow" in row, "heart_rate" in row) == (False, False)

    async def test_a_deleted_one_is_taken_back(self, clinic: Clinic, receiver: Receiver) -> None:
        await configure(clinic, receiver.url)
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.delete(f"/api/records/assessments/{key}")
        await standing(clinic, await push(clinic, key))
        assert report_statuses(receiver) == [["entered-in-error"]]

    async def test_the_newest_secret_counts_and_none_is_none(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        key = await stored(clinic)
        for secret in ("token-1", "token-2", None):
            await configure(clinic, receiver.url, secret)
            await push(clinic, key)
        told = [delivery.headers.get("authorization") for delivery in receiver.deliveries]
        assert told == ["Bearer token-1", "Bearer token-2", None]

    async def test_a_sealed_secret_is_opened(
        self, clinic: Clinic, auditor: asyncpg.Connection, receiver: Receiver
    ) -> None:
        await configure(clinic, receiver.url)
        key = await stored(clinic)
        caller = clinic.caller(RoleName.ADMIN)
        async with transaction.begin(caller, Permission.MANAGE_ORGANIZATION) as connection:
            organization = await keys.get_organization_keys(connection)
        secret_id = uuid7()
        sealed = organization.texts.sealed("outgoing_secrets", "secret", secret_id, "token-2")
        await auditor.execute(SECRET, secret_id, clinic.person_id(RoleName.ADMIN), sealed)
        await standing(clinic, await push(clinic, key))
        assert receiver.deliveries[0].headers["authorization"] == "Bearer token-2"


def report_statuses(receiver: Receiver) -> list[list[str]]:
    """The statuses of the reports in each transaction that came."""
    return [
        [
            entry["resource"]["status"]
            for entry in delivery.event["entry"]
            if entry["resource"]["resourceType"] == "DiagnosticReport"
        ]
        for delivery in receiver.deliveries
    ]


class TestSchedule:
    async def test_what_was_not_taken_waits_and_its_secret_is_not_told(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        _, answer = await refused_by(receiver, clinic)
        told = await standing(clinic, answer)
        assert (told["state"], told["attempts"][0]["outcome"]) == ("pending", "refused")
        assert "token-1" not in answer.text + str(told)

    async def test_what_was_not_taken_is_tried_again_as_it_stands_then(
        self, clinic: Clinic, auditor: asyncpg.Connection, receiver: Receiver
    ) -> None:
        key, answer = await refused_by(receiver, clinic)
        await delete(clinic, key)
        receiver.answers(200)
        await sent_by_schedule(auditor, clinic)
        told = await standing(clinic, answer)
        assert (told["state"], told["next_at"]) == ("delivered", None)
        assert [attempt["status"] for attempt in told["attempts"]] == [500, 200]
        assert report_statuses(receiver) == [["preliminary"], ["entered-in-error"]]
        await sent_by_schedule(auditor, clinic)
        assert len(receiver.deliveries) == 2

    async def test_while_a_server_fails_nobody_waits_for_it(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        await configure(clinic, receiver.url)
        key = await stored(clinic)
        receiver.answers(500)
        tried = [await standing(clinic, await push(clinic, key)) for _ in range(2)]
        assert [len(told["attempts"]) for told in tried] == [1, 0]

    async def test_whoever_lost_the_role_sends_no_more(
        self, clinic: Clinic, auditor: asyncpg.Connection, receiver: Receiver
    ) -> None:
        await configure(clinic, receiver.url)
        receiver.answers(500)
        answer = await push(clinic, await stored(clinic))
        asker = clinic.person_id(RoleName.CLINICIAN)
        await auditor.execute("UPDATE user_roles SET revoked_at = now() WHERE user_id = $1", asker)
        await sent_by_schedule(auditor, clinic)
        assert len(receiver.deliveries) == 1
        async with clinic.client(RoleName.ADMIN) as client:
            (told,) = (await client.get(PUSHES, params={"state": "dead"})).json()["items"]
        assert told["attempts"][-1]["outcome"] == "not-permitted"
        assert told["id"] in answer.headers["content-location"]

    async def test_what_a_key_asked_for_ends_with_the_key(
        self, clinic: Clinic, auditor: asyncpg.Connection, receiver: Receiver
    ) -> None:
        service_key = await a_key(clinic, auditor, Permission.EXPORT_DATA)
        key, answer = await refused_by(receiver, clinic, service_key)
        await sent_by_schedule(auditor, clinic)
        told = await standing(clinic, answer)
        assert [attempt["outcome"] for attempt in told["attempts"]] == ["refused"] * 2
        await auditor.execute(KEY_REVOKED, key)
        await sent_by_schedule(auditor, clinic)
        told = await standing(clinic, answer)
        assert (told["state"], told["attempts"][-1]["outcome"]) == ("dead", "not-permitted")
        assert len(receiver.deliveries) == 2

    @pytest.mark.parametrize("is_over", [False, True])
    async def test_without_a_server_it_waits_for_three_days(
        self, clinic: Clinic, auditor: asyncpg.Connection, receiver: Receiver, *, is_over: bool
    ) -> None:
        key, answer = await refused_by(receiver, clinic)
        await no_server_any_more(clinic)
        if is_over:
            await auditor.execute(GIVEN_UP, key)
        await sent_by_schedule(auditor, clinic)
        told = await standing(clinic, answer)
        assert (told["state"], len(told["attempts"])) == ("dead" if is_over else "pending", 1)
        await configure(clinic, receiver.url)
        receiver.answers(200)
        await sent_by_schedule(auditor, clinic)
        assert len(receiver.deliveries) == (1 if is_over else 2)

    async def test_one_that_cannot_be_read_keeps_no_other_back(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        receiver: Receiver,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await configure(clinic, receiver.url)
        receiver.answers(500)
        broken, whole = [await stored(clinic) for _ in range(2)]
        answers = [await push(clinic, key) for key in (broken, whole)]
        read = service.get_dossier

        async def breaking(*given: Any, **options: Any) -> Any:
            if broken in given:
                raise RuntimeError("a defect of ours")
            return await read(*given, **options)

        monkeypatch.setattr(service, "get_dossier", breaking)
        receiver.answers(200)
        await sent_by_schedule(auditor, clinic)
        told = [await standing(clinic, answer) for answer in answers]
        assert [push["state"] for push in told] == ["pending", "delivered"]
        assert told[0]["attempts"][-1]["outcome"] == "not-read"


class TestRefusals:
    async def test_a_private_address_is_never_called(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        await configure(clinic, receiver.url)
        key = await stored(clinic)
        with own_networks(""):
            told = await standing(clinic, await push(clinic, key))
        assert told["attempts"][0]["outcome"] == "no-public-address"
        assert receiver.deliveries == []

    async def test_a_secret_that_is_two_headers_is_not_sent(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        await configure(clinic, receiver.url, "a\r\nX-Evil: 1")
        told = await standing(clinic, await push(clinic, await stored(clinic)))
        assert told["attempts"][0]["outcome"] == "secret-not-printable"
        assert receiver.deliveries == []

    async def test_without_a_server_for_research_and_for_another_tenant(
        self, clinic: Clinic, elsewhere: Clinic, receiver: Receiver
    ) -> None:
        key = await stored(clinic)
        assert code(await push(clinic, key)) == "no-fhir-server"
        await configure(clinic, receiver.url)
        await configure(elsewhere, receiver.url)
        assert code(await push(clinic, key, RoleName.RESEARCHER)) == "cohorts-only"
        assert (await push(clinic, key, RoleName.PATIENT)).status_code == 403
        assert (await push(elsewhere, key)).status_code == 404
        assert receiver.deliveries == []

    async def test_nobody_elsewhere_is_told_and_nobody_at_all_runs_the_job(
        self, clinic: Clinic, elsewhere: Clinic, receiver: Receiver
    ) -> None:
        await delivered(clinic, receiver)
        async with elsewhere.client(RoleName.ADMIN) as client:
            assert (await client.get(PUSHES)).json() == {"items": []}
        async with clinic.client(None) as client:
            assert (await client.get("/api/fhir/jobs/pushes")).status_code == 401


async def test_no_request_of_a_member_reads_the_secret(clinic: Clinic, receiver: Receiver) -> None:
    await configure(clinic, receiver.url)
    async with clinic.client(RoleName.ADMIN) as client:
        assert "token-1" not in (await client.get("/api/accounts/organization")).text
