"""An organization's settings over HTTP, and organizations that no caller makes."""

from base64 import b64encode

import pytest

from shared.permissions import RoleName
from tests.conftest import Clinic

PLACE = "/api/accounts/organization"
PIXEL = f"data:image/png;base64,{b64encode(b'not looked into').decode()}"


async def test_settings_change_one_by_one_and_are_read_back(
    clinic: Clinic, elsewhere: Clinic
) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        before = (await admin.get(PLACE)).json()
        assert before["settings"]["visibility"] == "organization"
        changes = {"time_zone": "Europe/Berlin", "report_logo": PIXEL, "default_role": "patient"}
        await admin.patch(PLACE, json=changes)
        more = {"retention_years": {"assessments": 10, "recordings": 3, "conversations": 1}}
        after = (await admin.patch(PLACE, json=more)).json()
        assert after["settings"] == before["settings"] | changes | more
        assert (await admin.get(PLACE)).json() == after
        cleared = (await admin.patch(PLACE, json={"default_role": None})).json()
        assert cleared["settings"]["default_role"] is None
    async with elsewhere.client(RoleName.ADMIN) as admin:
        assert (await admin.get(PLACE)).json()["settings"] == before["settings"]


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
