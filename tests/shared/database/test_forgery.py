"""Whoever can run any SQL in somebody's transaction reaches no more than that request may.

The attacker has the password of the functions' role and an open transaction of a clinician or of a
patient, as an injected statement has: every statement here is run in it, and afterwards neither it
nor a look around shows a row of another organization, or of a person out of reach, and nothing was
changed in either organization.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from local.prove.catalog import TENANT_TABLES
from local.prove.forgery import FORGERIES
from local.prove.forgery.scene import Scene
from shared.database import identity, transaction
from shared.database.transaction import entering
from shared.permissions import Permission, RoleName
from tests.conftest import Addresses, Clinic
from tests.factories.examinations import stored
from tests.nonempty import nonempty
from tests.shared.database.test_row_security import organization_of

CANARY = "canary-of-another-organization"
# What may be changed in neither organization.
DIGEST = """
    SELECT (SELECT md5(string_agg(r::text, '' ORDER BY id)) FROM {} r WHERE {} = ANY ($1::uuid[]))
"""
DIGESTED = ("users", "user_roles", "user_profiles", "assessments", "chat_threads", "uploaded_files")


@asynccontextmanager
async def opened(caller: Any) -> AsyncIterator[asyncpg.Connection]:
    async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS) as connection:
        raw = await connection.get_raw_connection()
        yield raw.driver_connection


@pytest.fixture
async def words(
    clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
) -> AsyncIterator[dict[str, str]]:
    await stored(clinic)
    await stored(elsewhere, session_id=CANARY)
    yield {
        "ours": str(await organization_of(auditor, clinic)),
        "theirs": str(await organization_of(auditor, elsewhere)),
        "them": str(elsewhere.person_id(RoleName.PATIENT)),
        "name": elsewhere.identity,
        "mac": "\\x" + "11" * 32,
        "month": await auditor.fetchval("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')"),
    }
    # A role may give itself any setting of ours, which is worth nothing.
    await auditor.execute("ALTER ROLE medilens_app RESET medilens.identity")


async def digests(auditor: asyncpg.Connection, words: dict[str, str]) -> list[Any]:
    both = [words["ours"], words["theirs"]]
    told = [
        await auditor.fetchval(DIGEST.format(table, "organization_id"), both) for table in DIGESTED
    ]
    return [*told, await auditor.fetchval(DIGEST.format("organizations", "id"), both)]


class TestForgery:
    """Every statement by which an identity was ever forged, and more."""

    @pytest.mark.parametrize("role", [RoleName.CLINICIAN, RoleName.PATIENT])
    async def test_no_statement_reaches_beyond_the_request_it_is_run_in(
        self, clinic: Clinic, auditor: asyncpg.Connection, words: dict[str, str], role: RoleName
    ) -> None:
        assert len(FORGERIES) >= 40
        words |= {"me": str(clinic.person_id(role))}
        tables = [row["relname"] for row in await auditor.fetch(TENANT_TABLES)]
        before = await digests(auditor, words)
        reached = {}
        for attack in FORGERIES:
            async with opened(clinic.caller(role)) as driver:
                scene = Scene(driver, words, tables)
                at_home = await scene.others()
                answer = await scene.attack(attack)
                beyond = (CANARY in answer, await scene.strangers())
                if beyond != (False, []) or await scene.others() > at_home:
                    reached[attack] = beyond
        assert reached == {}
        assert await digests(auditor, words) == before

    async def test_an_identity_is_of_its_transaction_alone(
        self, clinic: Clinic, configured: Addresses
    ) -> None:
        await stored(clinic)
        look = "SELECT count(*) FROM assessments"
        async with opened(clinic.caller(RoleName.CLINICIAN)) as driver:
            taken = await driver.fetchval("SELECT current_setting('medilens.identity')")
            assert await driver.fetchval(look) == 1
            thief = await asyncpg.connect(configured.app)
            try:
                await thief.execute(f"SET medilens.identity = '{taken}'")
                assert await thief.fetchval(look) == 0
                async with thief.transaction():
                    assert await thief.fetchval(look) == 0
            finally:
                await thief.close()

    async def test_a_request_is_good_for_its_purpose_for_a_while_and_as_it_was_sealed(
        self, clinic: Clinic, configured: Addresses, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = {**asdict(clinic.caller(RoleName.ADMIN)), "permission": "view_assessments"}
        thief = await asyncpg.connect(configured.app)

        async def refusal(message: str) -> str | None:
            try:
                await thief.execute(message)
            except asyncpg.PostgresError as failure:
                return str(failure.sqlstate)
            finally:
                await thief.execute("ROLLBACK")
            return None

        good = entering("enter", "request", **asked)
        assert await refusal(good) is None
        assert await refusal(entering("enter", "denial", **asked)) == "ML498"
        assert await refusal(entering("enter", "upkeep", **asked)) == "ML498"
        assert await refusal(entering("enter_schedule", "request", **asked)) == "ML498"
        assert await refusal(good.replace("'\\x7b", "'\\x7c", 1)) == "ML498"
        now = time.time()
        for moment in nonempty((now - 21, now + 30, float("nan"), float("inf"))):
            monkeypatch.setattr(time, "time", lambda moment=moment: moment)
            assert await refusal(entering("enter", "request", **asked)) in {"ML499", "22P02"}
        await thief.close()

    async def test_other_sessions_do_not_see_what_is_sealed(
        self, clinic: Clinic, configured: Addresses
    ) -> None:
        async with opened(clinic.caller(RoleName.CLINICIAN)) as driver:
            thief = await asyncpg.connect(configured.app)
            pid = driver.get_server_pid()
            shown = await thief.fetchval("SELECT query FROM pg_stat_activity WHERE pid = $1", pid)
            await thief.close()
        assert shown.strip() == ""
        assert len(shown) == identity.SHOWN_BYTES - 1

    async def test_a_stranger_with_the_password_sees_no_row_whatever_is_set(
        self, words: dict[str, str], auditor: asyncpg.Connection, configured: Addresses
    ) -> None:
        tables = [row["relname"] for row in await auditor.fetch(TENANT_TABLES)]
        words |= {"me": str(uuid4()), "ours": str(uuid4())}
        driver = await asyncpg.connect(configured.app)
        for attack in nonempty(FORGERIES):
            async with driver.transaction():
                scene = Scene(driver, words, tables)
                answer = await scene.attack(attack)
                assert CANARY not in answer, attack
                assert await scene.strangers() == [], attack
        await driver.close()
