"""What a caller is told of themselves, and may change."""

import asyncpg
import pytest

from shared.permissions import ROLES, RoleName
from tests.conftest import Clinic

ONE_LOGIN = (
    "UPDATE users SET identity_subject = (SELECT identity_subject FROM users WHERE id = $1)"
    " WHERE id = $2"
)


@pytest.mark.parametrize("role", RoleName)
async def test_every_role_is_told_who_they_are_and_what_they_may(
    clinic: Clinic, role: RoleName
) -> None:
    async with clinic.client(role) as client:
        answer = await client.get("/api/accounts/me")
    me = answer.json()
    assert answer.status_code == 200, answer.text
    assert (me["id"], me["roles"]) == (str(clinic.person_id(role)), [role])
    assert set(me["permissions"]) == set(ROLES[role][1])
    assert me["organization"]["name"] == "A clinic"
    assert me["other_organizations"] == []


async def test_the_tokens_organization_counts_and_others_are_named(
    clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
) -> None:
    clinician = clinic.person_id(RoleName.CLINICIAN)
    await auditor.execute(ONE_LOGIN, clinician, elsewhere.person_id(RoleName.CLINICIAN))
    async with clinic.client(RoleName.CLINICIAN) as client:
        me = (await client.get("/api/accounts/me")).json()
    assert me["id"] == str(clinician)
    assert me["other_organizations"] == [
        {"name": "A clinic", "identity_organization": elsewhere.identity}
    ]


async def test_profile_is_changed_where_there_is_one_or_none(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    person = clinic.person_id(RoleName.PATIENT)
    async with clinic.client(RoleName.PATIENT) as client:
        change = {"language": "de", "timezone": "Europe/Berlin"}
        changed = (await client.patch("/api/accounts/me", json=change)).json()
        assert changed["profile"] | change == changed["profile"]
        await auditor.execute("DELETE FROM user_profiles WHERE user_id = $1", person)
        added = (await client.patch("/api/accounts/me", json={"ethnicity": "Welsh"})).json()
        assert added["profile"]["ethnicity"] == "Welsh"
        assert (await client.get("/api/accounts/me")).json() == added


@pytest.mark.parametrize(
    "change",
    [
        {"timezone": "Europe/Atlantis"},
        {"timezone": "../../etc/passwd"},
        {"timezone": "/etc"},
        {"language": "English"},
        {"fitzpatrick_type": 7},
        {"roles": ["admin"]},
        {"is_active": True},
        {"id": "x"},
    ],
)
async def test_what_is_not_theirs_to_change_is_refused(
    clinic: Clinic, change: dict[str, object]
) -> None:
    async with clinic.client(RoleName.CLINICIAN) as client:
        answer = await client.patch("/api/accounts/me", json=change)
    assert answer.status_code == 422, answer.text
