"""A surname and a birth date are looked up by a token, which goes wherever they go."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.accounts.test_lifecycle import erase
from tests.functions.accounts.test_patients import PATIENTS, added, found

BORN = "1975-12-10"
NEARLY_ADA: tuple[dict[str, Any], ...] = (
    {"last_name": "byron kiraly"},
    {"last_name": "Byron"},
    {"date_of_birth": "1975-12-11"},
)
TOKEN = "SELECT surname_token FROM users WHERE id = $1"


async def changed(client: AsyncClient, person: str, **told: Any) -> None:
    state = (await client.get(f"{PATIENTS}/{person}")).headers["etag"]
    answer = await client.patch(f"{PATIENTS}/{person}", json=told, headers={"If-Match": state})
    assert answer.is_success, answer.text


async def test_equal_names_of_one_day_have_one_token_and_nothing_else_has(
    clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
) -> None:
    async with clinic.client(RoleName.CLINICIAN) as client:
        ada = await added(client)
        same = {"identifiers": [], "not_duplicate_of": [ada["id"]]}
        others = [await added(client, **same, **changes) for changes in NEARLY_ADA]
    async with elsewhere.client(RoleName.CLINICIAN) as client:
        others.append(await added(client))
    first, *tokens = [await auditor.fetchval(TOKEN, UUID(p["id"])) for p in (ada, *others)]
    assert len(first) == 16
    assert [token == first for token in tokens] == [True, False, False, False]


@pytest.mark.parametrize(
    ("told", "is_found_as_before"),
    [
        ({"last_name": "Lovelace"}, False),
        ({"last_name": "byron kiraly"}, True),
        ({"date_of_birth": "1976-01-02"}, False),
        ({"last_name": "Byron-Király", "date_of_birth": BORN}, True),
        ({"phone": "+49 30 1"}, True),
        ({"date_of_birth": None}, False),
        ({"last_name": None}, False),
    ],
)
async def test_a_change_is_found_by_what_it_says_and_by_nothing_from_before(
    clinic: Clinic, told: dict[str, Any], is_found_as_before: bool
) -> None:
    before = {"last_name": "Byron-Király", "date_of_birth": BORN}
    after = {name: told.get(name, value) for name, value in before.items()}
    async with clinic.client(RoleName.CLINICIAN) as client:
        person = (await added(client))["id"]
        await changed(client, person, **told)
        assert await found(client, **before) == ([person] if is_found_as_before else [])
        if all(after.values()):
            assert await found(client, **after) == [person]


async def test_what_others_write_leaves_no_stale_token(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    """As the release before does, which knows of no token."""
    async with clinic.client(RoleName.CLINICIAN) as client:
        person = (await added(client))["id"]
        assert await auditor.fetchval(TOKEN, UUID(person))
        await auditor.execute("UPDATE users SET last_name = 'Maurer' WHERE id = $1", UUID(person))
        assert await auditor.fetchval(TOKEN, UUID(person)) is None
        assert await found(client, last_name="Byron-Király", date_of_birth=BORN) == []
        assert await found(client, last_name="Maurer", date_of_birth=BORN) == [person]


async def test_an_erasure_leaves_none(clinic: Clinic, auditor: asyncpg.Connection) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        person = (await added(admin))["id"]
        assert (await erase(admin, person)).status_code == 200
    assert await auditor.fetchval(TOKEN, UUID(person)) is None
