"""What an administrator does in the console: members, keys, emergencies, the trail, a deletion."""

import asyncio
from pathlib import Path

from playwright.async_api import expect

from shared.permissions import RoleName
from tests.browser.conftest import Console
from tests.browser.test_console import recorded
from tests.conftest import Clinic


async def saved(console: Console, button: str) -> tuple[str, bytes]:
    """Return the name and the content of what a button hands over."""
    async with console.page.expect_download() as started:
        await console.page.get_by_role("button", name=button).click()
    file = await started.value
    return file.suggested_filename, await asyncio.to_thread(Path(await file.path()).read_bytes)


class TestMembers:
    async def test_role_is_given_and_taken_away_with_a_reason(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        await console.sign_in(clinic, RoleName.ADMIN)
        await console.open("settings")
        researcher = page.get_by_role("row").filter(has_text="Researcher").first
        await researcher.get_by_role("button").click()
        await page.locator("select[name=role]").select_option("clinician")
        await page.get_by_label("Reason").fill("joined the ward")
        await page.get_by_role("button", name="Give a role").click()
        row = page.get_by_role("row").filter(has_text="Researcher, Clinician")
        await expect(row.or_(page.get_by_text("Clinician, Researcher")).first).to_be_visible()


class TestKeys:
    async def test_key_is_shown_once_works_and_is_revoked(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        await console.sign_in(clinic, RoleName.ADMIN)
        await console.open("settings?part=keys")
        await page.get_by_label("Name").fill("Imports")
        await page.get_by_label("View assessments", exact=True).check()
        await page.get_by_role("button", name="Make a key").click()
        key = await page.locator(".key").inner_text()
        answer = await page.request.get(
            f"{console.url}/api/records/assessments", headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status == 200

        await console.open("settings?part=members")
        await console.open("settings?part=keys")
        await expect(page.get_by_text(key)).to_have_count(0)
        await page.get_by_role("button", name="Take away").click()
        await expect(page.get_by_text("revoked")).to_be_visible()


class TestEmergencies:
    async def test_emergency_is_judged_by_somebody_else(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        async with console.client(clinic, RoleName.ADMIN) as admin:
            await admin.patch("/api/accounts/organization", json={"visibility": "care_team"})
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.open(f"person/{clinic.person_id(RoleName.PATIENT)}")
        await page.get_by_role("link", name="Emergency access").click()
        await page.get_by_label("Why it cannot wait").fill("Unconscious in the emergency room")
        await page.get_by_role("button", name="Open the record").click()
        await expect(page.get_by_text("Emergency access is open.")).to_be_visible()
        await console.sign_out()

        await console.sign_in(clinic, RoleName.ADMIN)
        await console.open("settings?part=emergencies")
        await expect(page.get_by_text("Unconscious in the emergency room")).to_be_visible()
        await page.get_by_label("Note (optional)").fill("Seen with the ward")
        await page.get_by_role("button", name="It was justified").click()
        await expect(page.get_by_text("justified: Seen with the ward")).to_be_visible()
        await expect(page.get_by_text("No emergency awaits review.")).to_be_visible()


class TestAudit:
    async def test_trail_is_handed_over_as_csv_without_names(
        self, console: Console, clinic: Clinic
    ) -> None:
        await recorded(console, clinic)
        await console.sign_in(clinic, RoleName.ADMIN)
        await console.open("audit?action=create")
        name, content = await saved(console, "Download as CSV")
        assert name == "medilens-audit.csv"
        head, *rows = content.decode().splitlines()
        assert head.startswith("id,created_at,seq")
        assert any(str(clinic.person_id(RoleName.PATIENT)) in row for row in rows)


class TestAssessment:
    async def test_deleted_assessment_is_brought_back_by_an_administrator(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        assessment = await recorded(console, clinic)
        await console.sign_in(clinic, RoleName.ADMIN)
        await console.open(f"assessment/{assessment['id']}")
        name, content = await saved(console, "FHIR document")
        assert name == f"medilens-{assessment['id']}.fhir.json"
        assert b'"resourceType":"Bundle"' in content.replace(b" ", b"")

        await page.get_by_role("button", name="Delete this assessment").click()
        await page.get_by_role("button", name="Delete", exact=True).click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_role("button", name="Bring it back").click()
        await expect(page.get_by_role("heading", name="Measured values")).to_be_visible()

    async def test_persons_report_over_time(self, console: Console, clinic: Clinic) -> None:
        await recorded(console, clinic)
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.open(f"person/{clinic.person_id(RoleName.PATIENT)}")
        _, content = await saved(console, "Report (PDF)")
        assert content.startswith(b"%PDF")
