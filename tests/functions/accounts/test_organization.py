"""An organization's settings over HTTP, and organizations that no caller makes."""

from base64 import b64encode

import asyncpg
import pytest

from shared.database import transaction
from shared.database.repositories import keys
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic

PLACE = "/api/accounts/organization"
PIXEL = f"data:image/png;base64,{b64encode(b'not looked into').decode()}"
CHANGES = {"time_zone": "Europe/Berlin", "report_logo": PIXEL, "default_role": "patient"}


async def test_settings_change_one_by_one_and_are_read_back(clinic: Clinic) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        before = (await admin.get(PLACE)).json()
        assert before["settings"]["visibility"] == "organization"
        await admin.patch(PLACE, json=CHANGES)
        more = {"retention_years": {"assessments": 10, "recordings": 3, "conversations": 1}}
        after = (await admin.patch(PLACE, json=more)).json()
        assert after["settings"] == before["settings"] | CHANGES | more
        assert (await admin.get(PLACE)).json() == after
        cleared = (await admin.patch(PLACE, json={"default_role": None})).json()
        assert cleared["settings"]["default_role"] is None


async def test_settings_of_one_organization_are_not_anothers(
    clinic: Clinic, elsewhere: Clinic
) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        before = (await admin.get(PLACE)).json()["settings"]
        await admin.patch(PLACE, json=CHANGES)
    async with elsewhere.client(RoleName.ADMIN) as admin:
        assert (await admin.get(PLACE)).json()["settings"] == before


@pytest.mark.parametrize(
    "change",
    [
        {"visibility": "everybody"},
        {"default_role": "admin"},
        {"time_zone": "Mars/Olympus"},
        {"retention_years": {"assessments": 0}},
        {"report_logo": "https://example.org/logo.png"},
        {"report_logo": "data:image/svg+xml;base64,AAAA"},
        {"report_head": "a\u0000b"},
        {"analyses_per_day": -1},
        {"is_active": False},
        {"identity_organization": "org_other"},
        {"settings": {}},
    ],
)
async def test_what_is_not_theirs_or_makes_no_sense_is_refused(
    clinic: Clinic, change: dict[str, object]
) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        answer = await admin.patch(PLACE, json=change)
    assert answer.status_code == 422, answer.text


async def test_no_caller_makes_or_ends_an_organization(clinic: Clinic) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        for method in ("POST", "PUT", "DELETE"):
            assert (await admin.request(method, PLACE)).status_code == 405


class TestFhirServer:
    async def test_secret_is_never_shown_and_goes_with_its_address(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """Whoever moves the address to a server of theirs has no secret sent there."""
        server = f"{PLACE}/fhir-server"
        secret = "of-the-server-alone"
        async with clinic.client(RoleName.ADMIN) as admin:
            wanted = {"url": "https://fhir.example.org/r4", "secret": secret}
            told = await admin.put(server, json=wanted)
            assert told.status_code == 200, told.text
            for answer in (told, await admin.get(PLACE)):
                assert secret not in answer.text
                shown = answer.json()["settings"]["fhir_server"]
                assert (shown["url"], shown["has_secret"]) == (wanted["url"], True)
            assert await newest(auditor, clinic) == secret
            moved = await admin.put(server, json={"url": "https://other.example.org/"})
            assert moved.json()["settings"]["fhir_server"]["has_secret"] is False
            assert await newest(auditor, clinic) == ""
            await admin.put(server, json=wanted)
            assert (await admin.delete(server)).json()["settings"]["fhir_server"] is None
            assert await newest(auditor, clinic) == ""
            assert (await admin.patch(PLACE, json={"fhir_server": shown})).status_code == 422

    @pytest.mark.parametrize(
        "url", ["http://fhir.example.org/", "https://10.0.0.8/r4", "https://169.254.169.254/", "x"]
    )
    async def test_no_address_of_ours_is_taken(self, clinic: Clinic, url: str) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            refused = await admin.put(f"{PLACE}/fhir-server", json={"url": url})
        assert refused.status_code == 422
        assert "url" in refused.json()["detail"]


async def newest(auditor: asyncpg.Connection, clinic: Clinic) -> str:
    row = await auditor.fetchrow(
        "SELECT s.id, s.secret FROM outgoing_secrets s JOIN organizations o"
        " ON o.id = s.organization_id WHERE o.identity_organization = $1"
        " AND s.webhook_id IS NULL ORDER BY s.created_at DESC LIMIT 1",
        clinic.identity,
    )
    assert row["secret"].startswith("mle:")
    caller = clinic.caller(RoleName.ADMIN)
    async with transaction.begin(caller, Permission.MANAGE_ORGANIZATION) as connection:
        texts = (await keys.get_organization_keys(connection)).texts
    secret: str = texts.opened("outgoing_secrets", "secret", row["id"], row["secret"])
    return secret
