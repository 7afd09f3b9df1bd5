"""The functions' key for the database: taken, changed, refused, and kept from copies."""

import hashlib
import hmac
import time

import asyncpg
import pytest

from migrations import job
from migrations.job import MigrationRequest, StatementsShown, migrate
from shared.database import identity, session, sign_of_life, transaction
from shared.database.refusals import KeyRefused
from shared.permissions import Permission, RoleName
from tests.conftest import APP_PASSWORD, IDENTITY_KEY, Addresses, Clinic
from tests.shared.conftest import Reconfigure

OTHER_KEY = "fedcba9876543210" * 4
LONG_KEY = "a key of more than one block " * 4


async def let_in(addresses: Addresses, *keys: str) -> None:
    request = MigrationRequest(command="upgrade")
    await migrate(addresses.owner, request, app_password=APP_PASSWORD, identity_keys=keys)


async def enters(clinic: Clinic) -> bool:
    try:
        async with transaction.begin(
            clinic.caller(RoleName.CLINICIAN), Permission.VIEW_ASSESSMENTS
        ):
            return True
    except KeyRefused:
        return False


class TestPads:
    @pytest.mark.parametrize("key", [IDENTITY_KEY, LONG_KEY, "k" * 32])
    def test_they_are_those_of_hmac(self, key: str) -> None:
        ((inner, outer),) = identity.pads([key])
        message = b"a request"
        mac = hashlib.sha256(outer + hashlib.sha256(inner + message).digest()).digest()
        assert mac == hmac.digest(key.encode(), message, "sha256")


class TestKeys:
    async def test_while_a_key_is_changed_both_are_let_in_and_then_the_new_one_alone(
        self, clinic: Clinic, configured: Addresses, reconfigure: Reconfigure
    ) -> None:
        try:
            reconfigure(identity_key=OTHER_KEY)
            assert not await enters(clinic)
            await let_in(configured, IDENTITY_KEY, OTHER_KEY)
            assert await enters(clinic)
            reconfigure(identity_key=IDENTITY_KEY)
            assert await enters(clinic)
            await let_in(configured, OTHER_KEY)
            assert not await enters(clinic)
        finally:
            await let_in(configured, IDENTITY_KEY)
        assert await enters(clinic)

    async def test_deep_health_names_a_key_that_the_database_does_not_take(
        self, clinic: Clinic, reconfigure: Reconfigure
    ) -> None:
        reconfigure(identity_key=OTHER_KEY)
        (reason,) = (await sign_of_life.ping()).drift
        assert "MEDILENS_IDENTITY_KEY" in reason
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get("/api/records/assessments")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")

    async def test_deep_health_names_clocks_that_differ(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now - 60)
        (reason,) = (await sign_of_life.ping()).drift
        assert "clocks" in reason
        assert not await enters(clinic)

    async def test_the_databases_own_secret_is_renewed_and_the_one_before_still_read(
        self, clinic: Clinic, configured: Addresses, auditor: asyncpg.Connection
    ) -> None:
        await auditor.execute("UPDATE medilens.seal_keys SET made_at = now() - interval '2 hours'")
        before = await auditor.fetchval("SELECT inner_pad FROM medilens.seal_keys WHERE slot = 1")
        async with transaction.begin(
            clinic.caller(RoleName.CLINICIAN), Permission.VIEW_ASSESSMENTS
        ) as connection:
            await let_in(configured, IDENTITY_KEY)
            counted = await connection.exec_driver_sql("SELECT count(*) FROM users")
            assert counted.scalar_one() > 0
        pads = await auditor.fetch("SELECT slot, inner_pad FROM medilens.seal_keys ORDER BY slot")
        assert [row["slot"] for row in pads] == [0, 1]
        assert pads[0]["inner_pad"] == before != pads[1]["inner_pad"]


class TestMigration:
    async def test_a_server_that_shows_whole_statements_is_refused(
        self, configured: Addresses, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(job, "SHOWN_BYTES", 512)
        with pytest.raises(StatementsShown, match="track_activity_query_size"):
            await let_in(configured, IDENTITY_KEY)


class TestDrift:
    def test_a_server_that_shows_more_of_a_statement_is_named(self) -> None:
        role = dict.fromkeys(session.RIGHTS, False)
        told = [f"{name}={value}" for name, value in session.SETTINGS.items()]
        assert session.drift({**role, "shown": identity.SHOWN_BYTES}, told) == []
        (drift,) = session.drift({**role, "shown": 4096}, told)
        assert "4096 bytes" in drift
