"""The console as people use it: signed in, a person added, a recording read and signed."""

import json
import re
from typing import Any

import pytest
from playwright.async_api import expect

from local.samples.catalog import SAMPLES
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.words import number
from tests.browser.conftest import Console
from tests.conftest import Clinic

CANARY = "Zyxwvut"
TOKEN = re.compile(r"eyJ[\w-]+\.eyJ")  # header and claims: a random word may hold the first three
STORED = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"


async def recorded(
    console: Console, clinic: Clinic, pipeline: PipelineName = PipelineName.CARDIOLOGY
) -> dict[str, Any]:
    """An assessment of the clinic's patient, from a sample with known truth."""
    sample = next(sample for sample in SAMPLES if sample.pipeline is pipeline)
    files = [("file", (file.name, file.content)) for file in sample.make()]
    data = {**sample.fields, "subject_id": str(clinic.person_id(RoleName.PATIENT))}
    async with console.client(clinic, RoleName.CLINICIAN) as client:
        answer = await client.post(f"/api/{pipeline}/analyze", files=files, data=data)
    assert answer.status_code == 201, answer.text
    assessment: dict[str, Any] = answer.json()
    return assessment


class TestSession:
    async def test_token_is_in_no_storage_and_a_reload_signs_in_again(
        self, console: Console, clinic: Clinic
    ) -> None:
        await console.sign_in(clinic, RoleName.CLINICIAN)
        page = console.page

        stored = await page.evaluate(STORED)
        assert not TOKEN.search(stored)
        assert "code=" not in page.url
        await page.reload()
        await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        assert not TOKEN.search(await page.evaluate(STORED))

    async def test_signing_out_ends_every_tab(self, console: Console, clinic: Clinic) -> None:
        await console.sign_in(clinic, RoleName.CLINICIAN)
        other = Console(await console.page.context.new_page(), console.url)
        await other.sign_in(clinic, RoleName.CLINICIAN)

        await console.sign_out()

        await expect(other.page.get_by_role("button", name="Sign in")).to_be_visible()
        await console.page.reload()
        await expect(console.page.get_by_role("button", name="Sign in")).to_be_visible()

    async def test_unused_session_asks_and_then_ends(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        await page.clock.install()
        await console.sign_in(clinic, RoleName.CLINICIAN)

        await page.clock.fast_forward("13:30")
        await page.get_by_role("button", name="Stay signed in").click()
        await page.clock.fast_forward("12:00")
        await expect(page.get_by_role("dialog")).not_to_be_visible()
        await page.clock.fast_forward("03:30")
        await page.clock.run_for(2_000)

        await expect(page.get_by_text("signed out after 15 minutes")).to_be_visible()

    async def test_answer_to_another_tabs_question_is_refused(self, console: Console) -> None:
        """A code that this tab did not ask for signs nobody in."""
        await console.page.goto(f"{console.url}/console?code=stolen&state=another")
        await expect(console.page.get_by_role("button", name="Sign in")).to_be_visible()
        assert "stolen" not in console.page.url


class TestPeople:
    async def test_added_person_is_found_and_their_name_stays_on_the_page(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        addresses: list[str] = []
        page.on("request", lambda request: addresses.append(request.url))
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await page.get_by_role("link", name="Add a person").click()
        await page.get_by_label("First name").fill("Ada")
        await page.get_by_label("Last name").fill(CANARY)
        await page.get_by_label("Date of birth").fill("1975-12-10")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(f"Ada {CANARY}")

        await console.open("people")
        await page.get_by_label("Search by name").fill(CANARY)
        await page.get_by_role("button", name="Search").click()
        await page.get_by_role("link", name=f"Ada {CANARY}").click()
        await console.settled()

        leaks = [page.url, await page.title(), await page.evaluate(STORED), *addresses]
        assert not [text for text in [*leaks, *console.said] if CANARY.lower() in text.lower()]
        await page.go_back()
        await expect(page.get_by_role("heading", level=1)).to_have_text("People")

    async def test_likely_duplicate_is_named_before_they_are_added(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        await console.sign_in(clinic, RoleName.CLINICIAN)
        for name in ("Ada", "Ada"):
            await console.open("new-person")
            await page.get_by_label("First name").fill(name)
            await page.get_by_label("Last name").fill("Byron")
            await page.get_by_label("Date of birth").fill("1975-12-10")
            await page.get_by_role("button", name="Add", exact=True).click()
            await expect(page.locator("h1, [role=alert]").last).not_to_have_text("Add a person")

        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_role("link", name="Ada Byron")).to_be_visible()
        await page.get_by_role("button", name="It is somebody else: add them").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ada Byron")


class TestEmergency:
    async def test_record_out_of_reach_opens_with_a_reason_and_says_so(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        async with console.client(clinic, RoleName.ADMIN) as admin:
            change = {"visibility": "care_team"}
            answer = await admin.patch("/api/accounts/organization", json=change)
            assert answer.status_code == 200, answer.text
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.open(f"person/{clinic.person_id(RoleName.PATIENT)}")
        await page.get_by_role("link", name="Emergency access").click()
        await page.get_by_label("Why it cannot wait").fill("Unconscious in the emergency room")
        await page.get_by_role("button", name="Open the record").click()

        await expect(page.get_by_text("Emergency access is open.")).to_be_visible()
        await page.get_by_role("link", name="End it").click()
        await page.get_by_role("button", name="End now").click()
        await expect(page.get_by_role("button", name="End now")).to_have_count(0)
        await expect(page.get_by_text("Emergency access is open.")).to_have_count(0)


class TestAssessment:
    async def test_record_is_read_and_signed_by_keyboard_alone(
        self, console: Console, clinic: Clinic
    ) -> None:
        assessment = await recorded(console, clinic)
        page = console.page
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.open(f"assessment/{assessment['id']}")

        for biomarker in assessment["biomarkers"][:3]:
            row = page.get_by_role("row").filter(
                has=page.locator(f'a[href*="history/{biomarker["name"]}?"]')
            )
            limits = biomarker["normal_range_min"], biomarker["normal_range_max"]
            await expect(row).to_contain_text(number(biomarker["value"], *limits))
        await expect(page.locator(".picture img").first).to_be_visible()
        await page.get_by_label("Note (optional)").focus()
        await page.keyboard.type("read by hand")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")

        await expect(page.get_by_text("read by hand")).to_be_visible()
        async with console.client(clinic, RoleName.CLINICIAN) as client:
            answer = await client.get(f"/api/records/assessments/{assessment['id']}")
        assert answer.json()["review_note"] == "read by hand"

    async def test_patient_reads_their_result_in_words_with_its_facts(
        self, console: Console, clinic: Clinic
    ) -> None:
        assessment = await recorded(console, clinic)
        page = console.page
        await console.sign_in(clinic, RoleName.PATIENT)
        await console.open(f"assessment/{assessment['id']}")
        await page.get_by_role("button", name="Explain this assessment").click()
        words = page.get_by_role("region", name="In words")
        (rate,) = [
            biomarker["value"]
            for biomarker in assessment["biomarkers"]
            if biomarker["name"] == "heart_rate"
        ]
        await expect(words.locator(".card").first).to_contain_text(number(rate))
        await words.get_by_text("The facts behind these sentences").click()
        await expect(words.get_by_role("row").nth(1)).to_be_visible()
        assert not await console.violations()

    async def test_chart_and_table_of_the_history_agree(
        self, console: Console, clinic: Clinic
    ) -> None:
        assessment = await recorded(console, clinic)
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.open(f"history/heart_rate?subject_id={assessment['subject_id']}")

        (value,) = [
            biomarker["value"]
            for biomarker in assessment["biomarkers"]
            if biomarker["name"] == "heart_rate"
        ]
        await expect(console.page.locator("td.number")).to_contain_text(number(value))
        await expect(
            console.page.get_by_alt_text(f"Heart rate: 1 value, {number(value)}")
        ).to_be_visible()
        await console.page.get_by_label("Period").select_option("3650")
        await console.page.wait_for_url("**days=3650")
        await expect(console.page.locator("td.number")).to_contain_text(number(value))

    @pytest.mark.parametrize("role", [RoleName.CLINICIAN, RoleName.ADMIN])
    async def test_record_of_another_clinic_is_not_there(
        self, console: Console, clinic: Clinic, elsewhere: Clinic, role: RoleName
    ) -> None:
        assessment = await recorded(console, elsewhere)
        await console.sign_in(clinic, role)
        await console.open(f"assessment/{assessment['id']}")

        await expect(console.page.get_by_role("alert")).to_contain_text("Not found")
        await expect(console.page.get_by_role("table")).to_have_count(0)

    async def test_patient_reads_their_own_and_who_looked(
        self, console: Console, clinic: Clinic
    ) -> None:
        await recorded(console, clinic)
        page = console.page
        await console.sign_in(clinic, RoleName.PATIENT)
        await console.settled()

        await expect(page.get_by_role("heading", level=1)).to_have_text("My results")
        places = await page.get_by_role("navigation").get_by_role("link").all_inner_texts()
        assert places == ["My results", "New recording", "Tasks", "Who looked at my record"]
        await page.get_by_role("link", name="Heart rate", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Heart rate")
        await console.open("access")
        await expect(page.get_by_role("row").nth(1)).to_be_visible()


class TestDevelopers:
    async def test_endpoints_are_tried_in_the_name_of_who_is_signed_in(
        self, console: Console, clinic: Clinic
    ) -> None:
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await expect(console.page.get_by_role("link", name="Endpoints")).to_be_visible()
        await console.open("developers")
        async with console.page.context.expect_page() as opened:
            await console.page.get_by_role("link", name="Accounts").click()
        page = await opened.value
        await expect(page.get_by_label("authorization button locked").first).to_be_visible()
        await page.locator("#operations-me-get_me_api_accounts_me_get").click()
        await page.get_by_role("button", name="Try it out").click()
        await page.get_by_role("button", name="Execute").click()
        answer = page.locator(".live-responses-table")
        await expect(answer).to_contain_text(str(clinic.person_id(RoleName.CLINICIAN)))


class TestRefusals:
    async def test_lost_network_is_said_and_tried_again(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.settled()
        await page.context.set_offline(True)
        await expect(page.get_by_text("No network.")).to_be_visible()
        await page.get_by_label("Search by name").fill("Ada")
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_role("alert")).to_contain_text("No connection")

        await page.context.set_offline(False)
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_text("Nobody is found by that.")).to_be_visible()

    async def test_refusal_is_shown_in_the_services_words(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        body = {"title": "Too many requests", "detail": "Wait for 7 s.", "code": "too-many"}
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await page.route(
            "**/api/records/assessments?*",
            lambda route: route.fulfill(status=429, body=json.dumps(body)),
        )
        await console.open("assessments")
        await expect(page.get_by_role("alert")).to_contain_text("Wait for 7 s.")

    async def test_address_that_names_nothing(self, console: Console, clinic: Clinic) -> None:
        await console.sign_in(clinic, RoleName.CLINICIAN)
        for path in ("nowhere", "constructor", "__proto__"):
            await console.open(path)
            await expect(console.page.get_by_role("heading", level=1)).to_have_text("No such page")
