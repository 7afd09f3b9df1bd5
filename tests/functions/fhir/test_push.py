"""What is sent to an organization's own FHIR server, how it signs in, where it never goes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from httpx import Response

from functions.fhir.outcome import FHIR_JSON
from shared.database import transaction
from shared.database.repositories import keys
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.fhir.judges import complaints
from tests.functions.fhir.test_reports import named
from tests.receiver import Receiver, listening, own_networks

SERVER = "/api/accounts/organization/fhir-server"


@pytest.fixture
async def receiver(tmp_path: Path, configured: object) -> AsyncIterator[Receiver]:
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


class TestPush:
    async def test_a_transaction_arrives_under_the_secret(
        self, clinic: Clinic, auditor: asyncpg.Connection, receiver: Receiver
    ) -> None:
        await named(clinic, auditor)
        await configure(clinic, receiver.url)
        key = await stored(clinic)
        answer = await push(clinic, key)
        assert answer.status_code == 200, answer.text
        assert complaints(answer.json()) == []
        (delivery,) = receiver.deliveries
        assert delivery.line.startswith("POST /hooks ")
        assert delivery.headers["content-type"] == FHIR_JSON
        assert delivery.headers["authorization"] == "Bearer token-1"
        assert complaints(delivery.event) == []
        assert delivery.event["type"] == "transaction"
        assert "Sparrow" in delivery.body.decode()

    async def test_a_deleted_one_is_taken_back(self, clinic: Clinic, receiver: Receiver) -> None:
        await configure(clinic, receiver.url)
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.delete(f"/api/records/assessments/{key}")
        assert (await push(clinic, key)).status_code == 200
        statuses = [
            entry["resource"]["status"]
            for entry in receiver.deliveries[0].event["entry"]
            if entry["resource"]["resourceType"] == "DiagnosticReport"
        ]
        assert statuses == ["entered-in-error"]

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
        await auditor.execute(
            "INSERT INTO outgoing_secrets (id, organization_id, created_by, secret)"
            " SELECT $1, organization_id, id, $3 FROM users WHERE id = $2",
            *(secret_id, clinic.person_id(RoleName.ADMIN), sealed),
        )
        assert (await push(clinic, key)).status_code == 200
        assert receiver.deliveries[0].headers["authorization"] == "Bearer token-2"


class TestRefusals:
    async def test_what_the_server_did_not_take_is_told(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        await configure(clinic, receiver.url)
        key = await stored(clinic)
        for status in (422, 302, 500):
            receiver.answers(status)
            answer = await push(clinic, key)
            assert (answer.status_code, code(answer)) == (502, "fhir-server-failed")
            assert str(status) in answer.text
            assert "token-1" not in answer.text

    async def test_a_private_address_is_never_called(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        await configure(clinic, receiver.url)
        key = await stored(clinic)
        with own_networks(""):
            answer = await push(clinic, key)
        assert (answer.status_code, code(answer)) == (502, "fhir-server-failed")
        assert receiver.deliveries == []

    async def test_a_secret_that_is_two_headers_is_not_sent(
        self, clinic: Clinic, receiver: Receiver
    ) -> None:
        await configure(clinic, receiver.url, "a\r\nX-Evil: 1")
        answer = await push(clinic, await stored(clinic))
        assert (answer.status_code, code(answer)) == (409, "no-fhir-server")
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


async def test_no_request_of_a_member_reads_the_secret(clinic: Clinic, receiver: Receiver) -> None:
    await configure(clinic, receiver.url)
    async with clinic.client(RoleName.ADMIN) as client:
        assert "token-1" not in (await client.get("/api/accounts/organization")).text
