"""An operator encrypts what was plain and turns keys over, while requests run."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.exc import IntegrityError

from local import encryption, lookups, rotation
from shared import settings
from shared.database.encryption import memory
from shared.identifiers import uuid7
from shared.permissions import RoleName
from tests.conftest import MASTER_KEY, Addresses, Clinic
from tests.factories.newcomers import a_subject, invite, signed_in
from tests.functions.accounts.test_patients import PATIENTS

OTHER_MASTER = "01" * 32
MRN = {"system": "https://clinic.example.org/mrn", "value": "PLAIN-77"}


@pytest.fixture
async def plain_person(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    """A person of a deployment from before encryption, with an identifier and a contact."""
    key = uuid7()
    await auditor.execute(
        "INSERT INTO users (id, organization_id, first_name, last_name, email, address)"
        " SELECT $1, organization_id, 'Plain', 'Canarius', 'p@example.org', '{\"city\": \"Ulm\"}'"
        " FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.CLINICIAN),
    )
    await auditor.execute(
        "INSERT INTO person_identifiers (id, organization_id, user_id, system, value)"
        " SELECT $1, organization_id, id, $3, $4 FROM users WHERE id = $2",
        *(uuid7(), key, *MRN.values()),
    )
    return key


async def seen(clinic: Clinic, person: UUID) -> dict[str, Any]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await client.get(f"{PATIENTS}/{person}")
        listed = await client.post(f"{PATIENTS}/search", json={"identifier": MRN})
    assert [item["id"] for item in listed.json()["items"]] == [str(person)]
    body: dict[str, Any] = answer.json()
    return {name: body[name] for name in ("first_name", "last_name", "email", "address")}


async def stored(auditor: asyncpg.Connection, person: UUID) -> list[str]:
    row = await auditor.fetchrow(
        "SELECT first_name, last_name, email, address #>> '{}' AS address FROM users WHERE id = $1",
        person,
    )
    value = await auditor.fetchval(
        "SELECT value FROM person_identifiers WHERE user_id = $1", person
    )
    return [*row.values(), value]


class TestMovingIn:
    @pytest.fixture(autouse=True)
    async def nothing_plain(self, configured: Addresses) -> None:
        """What other tests have left plain is not counted here."""
        await encryption.encrypt(configured.owner)

    async def test_plain_rows_read_as_they_did_before_and_after(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        configured: Addresses,
        plain_person: UUID,
    ) -> None:
        before = await seen(clinic, plain_person)
        assert before["last_name"] == "Canarius"
        assert not any(value.startswith("mle:") for value in await stored(auditor, plain_person))
        done = await encryption.encrypt(configured.owner)
        assert done["users"] >= 1
        assert all(value.startswith("mle:") for value in await stored(auditor, plain_person))
        after = await seen(clinic, plain_person)
        assert after["address"].pop("lines") == []
        assert after | {"address": None} == before | {"address": None}
        assert not any((await encryption.encrypt(configured.owner)).values())

    @pytest.mark.parametrize("is_encrypted", [True, False])
    async def test_an_invitation_of_before_lets_its_person_in(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        configured: Addresses,
        is_encrypted: bool,
    ) -> None:
        made = await invite(clinic, email="eve@example.org")
        await auditor.execute(
            "UPDATE invitations SET email = 'Eve@Example.org', email_token = NULL WHERE id = $1",
            UUID(made["id"]),
        )
        if is_encrypted:
            assert (await encryption.encrypt(configured.owner))["invitations"] == 1
        verified = {"email_verified": True}
        other = {"email": "eva@example.org"} | verified
        async with signed_in(clinic, a_subject(), **other) as stranger:
            assert (await stranger.post("/api/accounts/join")).status_code == 403
        claims = {"email": "eve@example.org"} | verified
        async with signed_in(clinic, a_subject(), **claims) as client:
            assert (await client.post("/api/accounts/join")).json()["roles"] == ["clinician"]
        assert (await encryption.encrypt(configured.owner))["invitations"] == int(not is_encrypted)

    async def test_a_null_of_json_is_nothing_to_encrypt(
        self, clinic: Clinic, auditor: asyncpg.Connection, configured: Addresses
    ) -> None:
        person = UUID(await add(clinic, "Byron"))
        await auditor.execute("UPDATE users SET address = 'null' WHERE id = $1", person)
        assert not any((await encryption.encrypt(configured.owner)).values())

    @pytest.mark.usefixtures("plain_person")
    async def test_an_identifier_of_before_is_taken(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(PATIENTS, json={"identifiers": [MRN]})
        assert (answer.status_code, answer.json()["code"]) == (409, "identifier-taken")

    async def test_a_surname_and_birth_date_of_before_are_found_and_get_a_token(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        configured: Addresses,
        plain_person: UUID,
    ) -> None:
        wanted = {"last_name": "canarius", "date_of_birth": "1975-12-10"}
        born = "UPDATE users SET date_of_birth = '1975-12-10' WHERE id = $1"
        await auditor.execute(born, plain_person)
        async with clinic.client(RoleName.CLINICIAN) as client:
            before = (await client.post(f"{PATIENTS}/search", json=wanted)).json()
            await encryption.encrypt(configured.owner)
            assert await lookups.add_tokens(configured.owner) >= 1
            assert await lookups.add_tokens(configured.owner) == 0
            after = (await client.post(f"{PATIENTS}/search", json=wanted)).json()
        for page in (before, after):
            assert [item["id"] for item in page["items"]] == [str(plain_person)]

    async def test_plain_text_is_refused_once_it_was_said_so(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        configured: Addresses,
        plain_person: UUID,
    ) -> None:
        with pytest.raises(IntegrityError):
            await encryption.refuse_plain(configured.owner)
        await encryption.encrypt(configured.owner)
        try:
            await encryption.refuse_plain(configured.owner)
            with pytest.raises(asyncpg.CheckViolationError):
                await auditor.execute(
                    "UPDATE users SET last_name = 'Plain' WHERE id = $1", plain_person
                )
            assert (await seen(clinic, plain_person))["last_name"] == "Canarius"
        finally:
            rows = await auditor.fetch(
                "SELECT conrelid::regclass AS name, conname FROM pg_constraint"
                " WHERE conname LIKE 'ck\\_%\\_encrypted'"
            )
            for row in rows:
                await auditor.execute(f"ALTER TABLE {row['name']} DROP CONSTRAINT {row['conname']}")


class TestRotation:
    async def test_goes_on_while_people_are_added_and_read(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        configured: Addresses,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(rotation, "AT_ONCE", 3)
        people = [await add(clinic, f"Before{k}") for k in range(7)]

        async def keep_adding() -> list[str]:
            return [await add(clinic, f"During{k}") for k in range(5)]

        _, during = await asyncio.gather(rotation.rotate(configured.owner), keep_adding())
        async with clinic.client(RoleName.CLINICIAN) as client:
            names = {
                (await client.get(f"{PATIENTS}/{key}")).json()["last_name"]
                for key in (*people, *during)
            }
        assert names == {f"Before{k}" for k in range(7)} | {f"During{k}" for k in range(5)}
        numbers = await auditor.fetch(
            "SELECT DISTINCT substring(k.wrapped FROM 2 FOR 4) AS number FROM person_keys k"
            " JOIN users u ON u.id = k.user_id WHERE u.id = ANY ($1::uuid[])",
            people,
        )
        assert [row["number"] for row in numbers] == [(2).to_bytes(4)]

    async def test_one_that_was_cut_off_goes_on(
        self,
        clinic: Clinic,
        auditor: asyncpg.Connection,
        configured: Addresses,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        person = await add(clinic, "Byron")
        organization = await organization_of(auditor, person)
        mine = await rotation._rotate(configured.owner, organization)

        async def cut_off(*_: object) -> int:
            raise ConnectionError

        with monkeypatch.context() as cut:
            cut.setattr(rotation, "_rewrap", cut_off)
            with pytest.raises(ConnectionError):
                await rotation._rotate(configured.owner, organization)
        again = await rotation._rotate(configured.owner, organization)
        assert again.number == mine.number + 1
        assert again.rewrapped > 0
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.get(f"{PATIENTS}/{person}")).json()["last_name"] == "Byron"

    async def test_drops_a_key_an_hour_after_another_took_over(
        self, clinic: Clinic, auditor: asyncpg.Connection, configured: Addresses
    ) -> None:
        person = await add(clinic, "Byron")
        organization = await organization_of(auditor, person)
        await rotation._rotate(configured.owner, organization)
        assert await numbers_of(auditor, organization) == [1, 2]
        await auditor.execute(
            "UPDATE organization_keys SET created_at = created_at - $2::interval"
            " WHERE organization_id = $1",
            organization,
            timedelta(hours=2),
        )
        async with encryption.as_keeper(configured.owner) as connection:
            assert await rotation._drop_superseded(connection, organization, 2) == 1
        assert await numbers_of(auditor, organization) == [2]
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.get(f"{PATIENTS}/{person}")).json()["last_name"] == "Byron"

    async def test_another_master_key_takes_over(
        self,
        clinic: Clinic,
        configured: Addresses,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        person = await add(clinic, "Byron")
        try:
            with master(monkeypatch, f"{OTHER_MASTER} {MASTER_KEY}"):
                await rotation.rotate(configured.owner)
            with master(monkeypatch, OTHER_MASTER):
                async with clinic.client(RoleName.CLINICIAN) as client:
                    told = (await client.get(f"{PATIENTS}/{person}")).json()
                assert told["last_name"] == "Byron"
            async with clinic.client(RoleName.CLINICIAN) as client:
                refusal = (await client.get(f"{PATIENTS}/{person}")).json()
            assert refusal["code"] == "encryption-key-missing"
        finally:
            with master(monkeypatch, f"{MASTER_KEY} {OTHER_MASTER}"):
                await rotation.rotate(configured.owner)


@contextmanager
def master(monkeypatch: pytest.MonkeyPatch, keys: str) -> Iterator[None]:
    """Let the functions have this master key, and no opened key in memory."""
    with monkeypatch.context() as changed:
        changed.setenv("MEDILENS_MASTER_KEY", keys)
        settings.load.cache_clear()
        memory.ORGANIZATIONS.forget()
        yield
    settings.load.cache_clear()
    memory.ORGANIZATIONS.forget()


async def add(clinic: Clinic, last_name: str) -> str:
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await client.post(PATIENTS, json={"last_name": last_name})
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["id"]
    return key


async def organization_of(auditor: asyncpg.Connection, person: str) -> UUID:
    organization: UUID = await auditor.fetchval(
        "SELECT organization_id FROM users WHERE id = $1", UUID(person)
    )
    return organization


async def numbers_of(auditor: asyncpg.Connection, organization: UUID) -> list[int]:
    rows = await auditor.fetch(
        "SELECT number FROM organization_keys WHERE organization_id = $1 ORDER BY number",
        organization,
    )
    return [row["number"] for row in rows]
