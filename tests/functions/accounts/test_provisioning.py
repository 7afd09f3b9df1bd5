"""How people come: by invitation, just in time, and as the identity provider announces them."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.newcomers import (
    INVITATIONS,
    ME,
    MEMBERS,
    WHY,
    a_subject,
    count,
    invite,
    signed_in,
)

JOIN = "/api/accounts/join"


async def configure(auditor: asyncpg.Connection, clinic: Clinic, **settings: Any) -> None:
    await auditor.execute(
        "UPDATE organizations SET settings = settings || $2::jsonb"
        " WHERE identity_organization = $1",
        clinic.identity,
        json.dumps(settings),
    )


async def make_an_admin(clinic: Clinic, role: RoleName) -> None:
    roles = f"{MEMBERS}/{clinic.person_id(role)}/roles"
    async with clinic.client(RoleName.ADMIN) as admin:
        answer = await admin.post(roles, json=WHY | {"role": "admin"})
    assert answer.status_code < 300, answer.text


class TestInvitation:
    async def test_by_subject_is_accepted_with_the_first_request(self, clinic: Clinic) -> None:
        subject = a_subject()
        made = await invite(clinic, identity_subject=subject)
        async with signed_in(clinic, subject) as client:
            me = (await client.get(ME)).json()
            assert me["roles"] == ["clinician"]
            assert (await client.get("/api/records/assessments")).status_code == 200
        async with clinic.client(RoleName.ADMIN) as admin:
            (shown,) = (await admin.get(INVITATIONS)).json()["items"]
        assert (shown["id"], shown["accepted_by"]) == (made["id"], me["id"])

    async def test_by_email_is_accepted_by_whoever_the_provider_says_it_is_of(
        self, clinic: Clinic
    ) -> None:
        await invite(clinic, email="Eve@example.org")
        claims = {"email": "eve@EXAMPLE.org"}
        async with signed_in(clinic, a_subject(), **claims) as unverified:
            assert (await unverified.post(JOIN)).status_code == 403
        async with signed_in(clinic, a_subject(), **claims, email_verified=True) as client:
            assert (await client.post(JOIN)).json()["roles"] == ["clinician"]
        # It was one person's.
        async with signed_in(clinic, a_subject(), **claims, email_verified=True) as second:
            assert (await second.post(JOIN)).status_code == 403

    async def test_joins_a_patient_to_the_login_with_all_that_was_recorded(
        self, clinic: Clinic
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            new = {"last_name": "Byron", "date_of_birth": "1975-12-10"}
            patient = (await client.post("/api/accounts/patients", json=new)).json()
        subject = a_subject()
        await invite(clinic, identity_subject=subject, role="patient", person_id=patient["id"])
        async with signed_in(clinic, subject) as client:
            me = (await client.get(ME)).json()
        assert (me["id"], me["last_name"], me["roles"]) == (patient["id"], "Byron", ["patient"])
        async with clinic.client(RoleName.CLINICIAN) as client:
            shown = (await client.get(f"/api/accounts/patients/{patient['id']}")).json()
        assert shown["has_login"] is True

    async def test_to_a_patient_who_has_a_login_is_in_nobodys_way(self, clinic: Clinic) -> None:
        subject = a_subject()
        patient = str(clinic.person_id(RoleName.PATIENT))
        await invite(clinic, identity_subject=subject, role="patient", person_id=patient)
        await invite(clinic, identity_subject=subject)
        async with signed_in(clinic, subject) as client:
            me = (await client.get(ME)).json()
        assert me["roles"] == ["clinician"]
        assert me["id"] != patient

    async def test_to_an_address_is_for_no_letters_that_only_look_like_its_own(
        self, clinic: Clinic
    ) -> None:
        await invite(clinic, email="kelly@example.org")
        kelvin = {"email": "\u212aelly@example.org", "email_verified": True}
        async with signed_in(clinic, a_subject(), **kelvin) as client:
            assert (await client.post(JOIN)).status_code == 403

    @pytest.mark.parametrize("end", ["roles/admin/revoke", "deactivate"])
    async def test_is_as_good_as_the_right_of_whoever_made_it(
        self, clinic: Clinic, auditor: asyncpg.Connection, end: str
    ) -> None:
        subject, inviter = a_subject(), clinic.person_id(RoleName.ADMIN)
        await invite(clinic, identity_subject=subject)
        await make_an_admin(clinic, RoleName.CLINICIAN)
        async with clinic.client(RoleName.CLINICIAN) as second:
            ended = await second.post(f"{MEMBERS}/{inviter}/{end}", json=WHY)
            assert ended.status_code == 200, ended.text
        async with signed_in(clinic, subject) as client:
            assert (await client.get(ME)).status_code == 403
        assert await count(auditor, subject) == 0

    async def test_withdrawn_or_of_another_organization_lets_nobody_in(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        subject = a_subject()
        made = await invite(clinic, identity_subject=subject)
        async with clinic.client(RoleName.ADMIN) as admin:
            await admin.delete(f"{INVITATIONS}/{made['id']}")
        await invite(elsewhere, identity_subject=subject)
        async with signed_in(clinic, subject) as client:
            assert (await client.get(ME)).status_code == 403

    async def test_first_requests_at_once_make_one_person(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        subject = a_subject()
        await invite(clinic, identity_subject=subject)
        async with signed_in(clinic, subject) as client:
            answers = await asyncio.gather(*(client.get(ME) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}
        assert await count(auditor, subject) == 1


class TestJustInTime:
    async def test_organization_that_wants_it_lets_newcomers_in_as_it_says(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await configure(auditor, clinic, just_in_time=True, default_role="researcher")
        async with signed_in(clinic, a_subject()) as client:
            assert (await client.get(ME)).json()["roles"] == ["researcher"]

    async def test_without_a_default_role_they_are_known_and_may_nothing(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await configure(auditor, clinic, just_in_time=True)
        subject = a_subject()
        async with signed_in(clinic, subject) as client:
            answer = await client.get(ME)
        assert (answer.status_code, answer.json()["detail"]) == (
            403,
            "None of your roles allows this.",
        )
        assert await count(auditor, subject) == 1

    @pytest.mark.parametrize("settings", [{}, {"just_in_time": False}])
    async def test_others_let_nobody_in(
        self, clinic: Clinic, auditor: asyncpg.Connection, settings: dict[str, bool]
    ) -> None:
        await configure(auditor, clinic, **settings)
        subject = a_subject()
        async with signed_in(clinic, subject) as client:
            assert (await client.get(ME)).status_code == 403
        assert await count(auditor, subject) == 0

    async def test_who_was_deactivated_stays_so(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await configure(auditor, clinic, just_in_time=True, default_role="clinician")
        clinician = clinic.person_id(RoleName.CLINICIAN)
        async with clinic.client(RoleName.ADMIN) as admin:
            await admin.post(f"/api/accounts/members/{clinician}/deactivate")
        async with clinic.client(RoleName.CLINICIAN) as client:
            assert (await client.get(ME)).status_code == 403

    async def test_brings_back_no_role_that_was_revoked_and_adds_none_to_whoever_has_another(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await configure(auditor, clinic, just_in_time=True, default_role="clinician")
        subject = a_subject()
        async with signed_in(clinic, subject) as client, clinic.client(RoleName.ADMIN) as admin:
            place = f"{MEMBERS}/{(await client.get(ME)).json()['id']}"
            await admin.post(f"{place}/roles/clinician/revoke", json=WHY)
            assert (await client.post(JOIN)).status_code == 403
        async with clinic.client(RoleName.RESEARCHER) as researcher:
            assert (await researcher.post(JOIN)).json()["roles"] == ["researcher"]

    async def test_first_requests_at_once_make_one_person_with_the_default_role(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await configure(auditor, clinic, just_in_time=True, default_role="researcher")
        async with signed_in(clinic, a_subject()) as client:
            answers = await asyncio.gather(*(client.get(ME) for _ in range(6)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["id"] for answer in answers}) == 1


async def test_impersonation_is_in_the_trail_with_both_people(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    subject = f"user_{clinic.identity.removeprefix('org_')}_{RoleName.CLINICIAN}"
    new = {"last_name": "Byron"}
    async with signed_in(clinic, subject, act={"sub": "user_support"}) as client:
        added = await client.post("/api/accounts/patients", json=new)
    assert added.status_code == 201, added.text
    row = await auditor.fetchrow(
        "SELECT user_id, details ->> 'impersonated_by' AS by FROM audit_events"
        " WHERE resource_id = $1 AND action = 'create'",
        added.json()["id"],
    )
    assert tuple(row) == (clinic.person_id(RoleName.CLINICIAN), "user_support")


async def test_so_is_one_whose_token_is_refused(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    subject = clinic.caller(RoleName.CLINICIAN).subject
    async with signed_in(clinic, subject, act={"sub": "user_support"}, exp=1) as client:
        assert (await client.get(ME)).status_code == 401
    impersonators = await auditor.fetch(
        "SELECT details ->> 'impersonated_by' AS by FROM audit_events WHERE outcome = 'denied'"
        " AND user_id = $1",
        clinic.person_id(RoleName.CLINICIAN),
    )
    assert [row["by"] for row in impersonators] == ["user_support"]


@pytest.mark.parametrize("act", ["user_support", {}, {"sub": ""}, {"sub": "x" * 300}, []])
async def test_whoever_acts_as_somebody_says_who(clinic: Clinic, act: Any) -> None:
    async with signed_in(clinic, clinic.caller(RoleName.CLINICIAN).subject, act=act) as client:
        assert (await client.get(ME)).status_code == 401
