"""The first day at a clinic, from its settings to who looked at a record, in one browser."""

import asyncio
from pathlib import Path
from uuid import uuid4

from playwright.async_api import expect

from shared.permissions import RoleName
from shared.pipelines import PipelineName
from tests.browser.conftest import Console
from tests.browser.test_console import CANARY, STORED
from tests.browser.test_recordings import payloads
from tests.browser.test_tasks import RESPONDER
from tests.conftest import Clinic

PERSON = f"Ada {CANARY}"


async def test_first_day(console: Console, clinic: Clinic) -> None:
    """Whatever is done, the patient's name stays on the pages that show it."""
    page, colleague = console.page, f"user_{uuid4().hex}"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.add_init_script(path=RESPONDER)
    await console.sign_in(clinic, RoleName.ADMIN)
    await settle_organization(console)
    await invite(console, colleague)
    await console.sign_out()

    await console.enter(clinic, colleague)
    person = await add_patient(console)
    for pipeline in (PipelineName.CARDIOLOGY, PipelineName.SPEECH):
        await record(console, person, pipeline)
    await do_task(console, person)
    report = await sign(console, person)
    await console.sign_out()

    await console.sign_in(clinic, RoleName.ADMIN)
    await console.open(f"access/{person}")
    await expect(page.get_by_role("row").nth(3)).to_be_visible()
    places = [*asked, page.url, await page.title(), await page.evaluate(STORED), report]
    assert not [text for text in [*places, *console.said] if CANARY.lower() in text.lower()]


def content(path: Path) -> bytes:
    """Return the first bytes of a file, by which its kind is known."""
    return path.read_bytes()[:4]


async def settle_organization(console: Console) -> None:
    page = console.page
    await console.open("settings?part=organization")
    await page.get_by_label("Time zone").fill("Europe/Paris")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()


async def invite(console: Console, subject: str) -> None:
    page = console.page
    await console.open("settings?part=invitations")
    await page.get_by_label("E-mail, or the name at the identity provider").fill(subject)
    await page.get_by_label("Role").select_option("clinician")
    await page.get_by_role("button", name="Invite").click()
    await expect(page.get_by_role("row").filter(has_text=subject)).to_be_visible()


async def add_patient(console: Console) -> str:
    """Return the id of the person, who agrees to be treated and is assigned to the clinician."""
    page = console.page
    await console.open("new-person")
    await page.get_by_label("First name").fill("Ada")
    await page.get_by_label("Last name").fill(CANARY)
    await page.get_by_label("Date of birth").fill("1975-12-10")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(PERSON)
    await page.get_by_label("Version of the text that was agreed to").fill("2026-03")
    await page.get_by_role("button", name="Record consent").click()
    await expect(page.get_by_role("button", name="Withdraw: Treatment")).to_be_visible()
    await page.get_by_role("button", name="Assign", exact=True).click()
    team = page.get_by_role("region", name="Care team")
    await expect(team.get_by_role("button", name="End the care")).to_be_visible()
    return page.url.rpartition("/")[2]


async def record(console: Console, person: str, pipeline: PipelineName) -> None:
    page = console.page
    await console.open(f"new?person={person}&pipeline={pipeline}")
    await page.get_by_label("Files").set_input_files(payloads(pipeline))
    await page.get_by_label("Session id").fill("first-day")
    if pipeline is PipelineName.SPEECH:
        await page.locator("select[name=task]").select_option("sustained_vowel")
    await page.get_by_role("button", name="Analyze").click()
    await expect(page.get_by_role("heading", name="Measured values")).to_be_visible()
    await expect(page.get_by_role("link", name=PERSON)).to_be_visible()


async def do_task(console: Console, person: str) -> None:
    page = console.page
    await console.open(f"tasks?person={person}")
    await page.get_by_label("Task").select_option("flanker")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("heading", name="Measured values")).to_be_visible()


async def sign(console: Console, person: str) -> str:
    """Sign the newest recording and return the file name of its report."""
    page = console.page
    await console.open(f"assessments?subject_id={person}")
    await page.locator("tbody th a").first.click()
    await page.get_by_label("Note (optional)").fill("Read on the first day")
    await page.get_by_role("button", name="Sign off").click()
    await expect(page.get_by_text("Read on the first day")).to_be_visible()
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Report (PDF)").click()
    report = await started.value
    assert await asyncio.to_thread(content, await report.path()) == b"%PDF"
    return report.suggested_filename
