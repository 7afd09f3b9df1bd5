"""Nothing is written any more of whom was erased, or is deleted and waits for it."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from functions.accounts.lifecycle import queries as lifecycle
from shared.database import transaction
from shared.permissions import Permission, RoleName
from shared.person_conflicts import PersonErased
from tests.conftest import Clinic
from tests.functions.accounts.test_lifecycle import PEOPLE, add, erase, examine
from tests.functions.accounts.test_merges import somebody_waits, store_of
from tests.functions.uploads.sending import announced
from tests.nonempty import nonempty

RECORDING = {"file": ("ecg.csv", b"time,I\n0,0.1\n", "text/csv")}
LEFT = "SELECT count(*) FROM {} WHERE {} = $1"
WRITTEN = {
    "assessments": "user_id",
    "uploaded_files": "user_id",
    "consents": "user_id",
    "care_assignments": "user_id",
    "invitations": "person_id",
}


async def refusals(client: AsyncClient, clinic: Clinic, person: str) -> dict[str, tuple[int, str]]:
    """What everybody is told who goes on to write of a person."""
    told: dict[str, dict[str, Any]] = {
        "/api/uploads": {"json": announced(b"x" * 100, subject_id=person)},
        "/api/cardiology/analyze": {"data": {"subject_id": person}, "files": RECORDING},
        "/api/accounts/invitations": {
            "json": {"role": "patient", "email": "b@example.org", "person_id": person}
        },
        f"{PEOPLE}/{person}/consents": {"json": {"kind": "research", "text_version": "1"}},
        f"/api/accounts/patients/{person}/care-team": {
            "json": {"clinician_id": str(clinic.person_id(RoleName.CLINICIAN))}
        },
    }
    answers = {path: await client.post(path, **sent) for path, sent in told.items()}
    return {path: (answer.status_code, answer.json()["code"]) for path, answer in answers.items()}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("is_due", [True, False], ids=["erased", "deleted until it is due"])
async def test_by_no_route(clinic: Clinic, auditor: asyncpg.Connection, is_due: bool) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        person = await add(admin, "Byron", date_of_birth="1975-12-10")
        if not is_due:
            await examine(clinic, admin, person)
        assert (await erase(admin, person, when_due=not is_due)).status_code == 200
        told = await refusals(admin, clinic, person)
    assert set(nonempty(told.values())) == {(409, "person-erased")}, told
    for table, column in nonempty(WRITTEN.items()):
        number = await auditor.fetchval(LEFT.format(table, column), UUID(person))
        assert number == int(table == "assessments" and not is_due), table


async def test_not_even_while_the_erasure_commits(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        person = UUID(await add(admin, "Byron"))
    caller = clinic.caller(RoleName.ADMIN)
    async with transaction.begin(caller, Permission.MANAGE_ORGANIZATION) as connection:
        await lifecycle.erase(connection, person, when_due=False)
        storing = asyncio.create_task(store_of(clinic, person))
        await somebody_waits(auditor)
    with pytest.raises(PersonErased):
        await storing
    assert not await auditor.fetchval(LEFT.format("assessments", "user_id"), person)
