"""Members over HTTP: roles given and taken with the next request, and never without an admin."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient

from shared.permissions import RoleName
from tests.conftest import Clinic

MEMBERS = "/api/accounts/members"
WHY = {"reason": "by the test"}
REVOCATIONS = (
    "SELECT revoked_by, revocation_reason FROM user_roles WHERE user_id = $1"
    " AND role_id = 3 ORDER BY created_at"
)
ADMINS = (
    "SELECT count(*) FROM user_roles r JOIN users u ON u.id = r.user_id"
    " WHERE r.role_id = 3 AND r.revoked_at IS NULL AND u.organization_id ="
    " (SELECT organization_id FROM users WHERE id = $1)"
)


@pytest.fixture
async def admin(clinic: Clinic) -> AsyncIterator[AsyncClient]:
    async with clinic.client(RoleName.ADMIN) as client:
        yield client


def place(clinic: Clinic, role: RoleName) -> str:
    return f"{MEMBERS}/{clinic.person_id(role)}"


async def status_of(clinic: Clinic, role: RoleName, path: str) -> int:
    async with clinic.client(role) as client:
        return int((await client.get(path)).status_code)


async def all_members(client: AsyncClient) -> list[dict[str, Any]]:
    """The members of every page, three to a page."""
    shown: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = (await client.get(MEMBERS, params={"limit": 3, **after})).json()
        shown += page["items"]
        if page["next_after"] is None:
            return shown
        after = {"after": page["next_after"]}


class TestRoles:
    async def test_members_are_listed_page_by_page_with_their_roles(
        self, clinic: Clinic, admin: AsyncClient
    ) -> None:
        shown = await all_members(admin)
        assert [entry["id"] for entry in shown] == sorted(
            str(clinic.person_id(role)) for role in clinic.roles
        )
        held = {entry["id"]: [role["role"] for role in entry["roles"]] for entry in shown}
        assert held == {str(clinic.person_id(role)): [role] for role in clinic.roles}

    async def test_a_role_counts_with_the_next_request_and_ends_with_the_next(
        self, clinic: Clinic, admin: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        """The token stays valid, the role behind it does not."""
        researcher = place(clinic, RoleName.RESEARCHER)
        asked = (clinic, RoleName.RESEARCHER, MEMBERS)
        assert await status_of(*asked) == 403
        granted = await admin.post(f"{researcher}/roles", json=WHY | {"role": "admin"})
        assert granted.status_code == 201, granted.text
        held = {role["role"]: role for role in granted.json()["roles"]}
        assert held["admin"]["granted_by"] == str(clinic.person_id(RoleName.ADMIN))
        assert held["admin"]["reason"] == WHY["reason"]
        assert await status_of(*asked) == 200
        # A role that is held already stays as it was granted.
        again = await admin.post(f"{researcher}/roles", json={"role": "admin", "reason": "again"})
        assert again.json() == granted.json()
        revoked = await admin.post(f"{researcher}/roles/admin/revoke", json=WHY)
        assert [role["role"] for role in revoked.json()["roles"]] == ["researcher"]
        assert await status_of(*asked) == 403
        # A role granted once more is another grant: the first one's story stays.
        await admin.post(f"{researcher}/roles", json=WHY | {"role": "admin"})
        rows = await auditor.fetch(REVOCATIONS, clinic.person_id(RoleName.RESEARCHER))
        first, second = map(tuple, rows)
        assert first[0] == clinic.person_id(RoleName.ADMIN)
        assert first[1].startswith("mle:")
        assert second == (None, None)

    @pytest.mark.parametrize("role", [RoleName.CLINICIAN, RoleName.PATIENT, RoleName.RESEARCHER])
    async def test_nobody_else_promotes_themselves(self, clinic: Clinic, role: RoleName) -> None:
        """Whoever is no admin gives nobody a role, themselves included."""
        async with clinic.client(role) as client:
            answer = await client.post(f"{place(clinic, role)}/roles", json=WHY | {"role": "admin"})
        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "told",
        [{}, {"role": "doctor", **WHY}, {"role": "admin", "reason": "   "}, {"role": "admin"}],
    )
    async def test_a_grant_names_a_role_and_its_reason(
        self, clinic: Clinic, admin: AsyncClient, told: dict[str, str]
    ) -> None:
        answer = await admin.post(f"{place(clinic, RoleName.PATIENT)}/roles", json=told)
        assert answer.status_code == 422


class TestLastAdmin:
    """Nothing takes an organization its last admin."""

    async def test_keeps_the_role_and_stays_active(
        self, clinic: Clinic, admin: AsyncClient
    ) -> None:
        own = place(clinic, RoleName.ADMIN)
        for path, body in ((f"{own}/roles/admin/revoke", WHY), (f"{own}/deactivate", None)):
            refused = await admin.post(path, json=body)
            assert (refused.status_code, refused.json()["code"]) == (409, "last-admin")
        assert (await admin.get(own)).status_code == 200

    async def test_may_leave_once_somebody_else_is_an_admin_who_can_sign_in(
        self, clinic: Clinic, admin: AsyncClient
    ) -> None:
        own, other = place(clinic, RoleName.ADMIN), place(clinic, RoleName.CLINICIAN)
        await admin.post(f"{other}/roles", json=WHY | {"role": "admin"})
        await admin.post(f"{other}/deactivate")
        assert (await admin.post(f"{own}/roles/admin/revoke", json=WHY)).status_code == 409
        await admin.post(f"{other}/reactivate")
        assert (await admin.post(f"{own}/roles/admin/revoke", json=WHY)).status_code == 200
        assert (await admin.get(own)).status_code == 403

    async def test_two_admins_who_take_the_role_from_each_other_at_once_leave_one(
        self, clinic: Clinic, admin: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        other = place(clinic, RoleName.CLINICIAN)
        await admin.post(f"{other}/roles", json=WHY | {"role": "admin"})
        async with clinic.client(RoleName.CLINICIAN) as second:
            answers = await asyncio.gather(
                admin.post(f"{other}/roles/admin/revoke", json=WHY),
                second.post(f"{place(clinic, RoleName.ADMIN)}/roles/admin/revoke", json=WHY),
            )
        assert sorted(answer.status_code for answer in answers) in ([200, 403], [200, 409])
        assert await auditor.fetchval(ADMINS, clinic.person_id(RoleName.ADMIN)) == 1

    @pytest.mark.parametrize("leaving", ["deactivate", "roles/admin/revoke"])
    async def test_two_admins_who_refuse_each_other_at_once_leave_one_who_can_sign_in(
        self, clinic: Clinic, admin: AsyncClient, leaving: str
    ) -> None:
        """A role taken and a member deactivated change different tables."""
        own, other = place(clinic, RoleName.ADMIN), place(clinic, RoleName.CLINICIAN)
        body = WHY if "revoke" in leaving else None
        await admin.post(f"{other}/roles", json=WHY | {"role": "admin"})
        async with clinic.client(RoleName.CLINICIAN) as second:
            answers = await asyncio.gather(
                admin.post(f"{other}/{leaving}", json=body), second.post(f"{own}/deactivate")
            )
            assert sorted(answer.status_code for answer in answers) in ([200, 403], [200, 409])
            left = [(await client.get(own)).status_code for client in (admin, second)]
        assert 200 in left

    async def test_a_role_granted_twice_at_once_is_granted_once(
        self, clinic: Clinic, admin: AsyncClient
    ) -> None:
        told = WHY | {"role": "researcher"}
        patient = f"{place(clinic, RoleName.PATIENT)}/roles"
        answers = await asyncio.gather(*(admin.post(patient, json=told) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [201] * 4
        assert {len(answer.json()["roles"]) for answer in answers} == {2}


class TestDeactivation:
    async def test_ends_with_the_next_request_and_is_taken_back(
        self, clinic: Clinic, admin: AsyncClient
    ) -> None:
        """A deactivated member's valid token is refused."""
        asked = (clinic, RoleName.CLINICIAN, "/api/records/assessments")
        clinician = place(clinic, RoleName.CLINICIAN)
        assert await status_of(*asked) == 200
        assert (await admin.post(f"{clinician}/deactivate")).json()["is_active"] is False
        assert await status_of(*asked) == 403
        await admin.post(f"{clinician}/reactivate")
        assert await status_of(*asked) == 200


class TestInvitations:
    INVITATIONS = "/api/accounts/invitations"

    async def test_is_made_listed_and_withdrawn(self, admin: AsyncClient) -> None:
        told = {"email": "eve@example.org", "role": "researcher"}
        made = (await admin.post(self.INVITATIONS, json=told)).json()
        assert made | told == made
        assert (await admin.get(self.INVITATIONS)).json()["items"] == [made]
        place = f"{self.INVITATIONS}/{made['id']}"
        assert (await admin.delete(place)).status_code == 204
        assert (await admin.get(self.INVITATIONS)).json()["items"] == []
        assert (await admin.delete(place)).status_code == 404

    @pytest.mark.parametrize(
        "told",
        [
            {"role": "clinician"},
            {"role": "clinician", "email": "a@b.org", "identity_subject": "user_x"},
            {"role": "clinician", "email": "nobody"},
            {"email": "a@b.org"},
            {"role": "clinician", "email": "a@b.org", "days": 365},
        ],
    )
    async def test_names_one_addressee_and_a_role(
        self, admin: AsyncClient, told: dict[str, str]
    ) -> None:
        assert (await admin.post(self.INVITATIONS, json=told)).status_code == 422

    async def test_a_patient_is_joined_as_a_patient_and_only_ones_own(
        self, elsewhere: Clinic, admin: AsyncClient
    ) -> None:
        told = {"email": "a@b.org", "person_id": str(elsewhere.person_id(RoleName.PATIENT))}
        as_admin = await admin.post(self.INVITATIONS, json=told | {"role": "admin"})
        assert as_admin.status_code == 422
        foreign = await admin.post(self.INVITATIONS, json=told | {"role": "patient"})
        assert foreign.status_code == 404
