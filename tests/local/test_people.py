"""`medilens people add`: who was announced by nobody may sign in afterwards."""

import asyncpg
import pytest
from httpx import ASGITransport, AsyncClient
from typer.testing import CliRunner

from local.cli import app
from local.issuer import Issuer
from local.people import OtherwiseKnown, add_person, key
from local.server import Server
from shared.permissions import RoleName
from tests.conftest import Addresses, Clinic


async def status(server: Server, issuer: Issuer, subject: str, organization: str, path: str) -> int:
    transport = ASGITransport(server, raise_app_exceptions=False)
    token = issuer.issue(subject, organization)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


class TestAdd:
    async def test_person_may_do_what_the_role_allows_and_no_more(
        self, server: Server, issuer: Issuer, configured: Addresses
    ) -> None:
        organization, subject = "org_new", "user_new"
        before = await status(server, issuer, subject, organization, "/api/records/assessments")
        for _ in range(2):
            await add_person(
                configured.owner, organization, subject, RoleName.RESEARCHER, "New clinic"
            )
        after = await status(server, issuer, subject, organization, "/api/records/assessments")
        review = f"/api/records/assessments/{key('none')}"
        elsewhere = await status(server, issuer, subject, "org_demo", "/api/records/assessments")

        assert (before, after, elsewhere) == (403, 200, 403)
        assert await status(server, issuer, subject, organization, review) == 404

    async def test_a_second_role_is_added(
        self, auditor: asyncpg.Connection, configured: Addresses
    ) -> None:
        for role in (RoleName.PATIENT, RoleName.CLINICIAN, RoleName.CLINICIAN):
            await add_person(configured.owner, "org_two", "user_two", role, "Clinic")
        held = await auditor.fetch(
            "SELECT r.name FROM user_roles JOIN roles r ON r.id = role_id WHERE user_id = $1",
            key("org_two", "user_two"),
        )

        assert sorted(row["name"] for row in held) == ["clinician", "patient"]

    async def test_organization_that_others_announced_is_left_to_them(
        self, clinic: Clinic, configured: Addresses
    ) -> None:
        patient = RoleName.PATIENT
        with pytest.raises(OtherwiseKnown, match=clinic.identity):
            await add_person(configured.owner, clinic.identity, "user_three", patient, "Clinic")

    async def test_keys_are_those_of_the_runbook(self, auditor: asyncpg.Connection) -> None:
        told = await auditor.fetchrow("SELECT md5('org')::uuid, md5('org user')::uuid")
        assert tuple(told) == (key("org"), key("org", "user"))


class TestCommand:
    @pytest.mark.parametrize("role", ["doctor", "Clinician", ""])
    def test_unknown_role_is_refused_by_its_name(self, role: str) -> None:
        answer = CliRunner().invoke(app, ["people", "add", "org_x", "user_x", role])

        assert answer.exit_code == 2
        assert "clinician" in answer.output
