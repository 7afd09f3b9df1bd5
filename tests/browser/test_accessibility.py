"""WCAG 2.2 AA as axe sees it, on every page and in every look, and no breach of the policy."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from shared.permissions import RoleName
from tests.browser.conftest import Console
from tests.browser.test_console import recorded
from tests.conftest import Clinic

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "width": 1280, "zoom": 1},
    "dark": {"color_scheme": "dark", "width": 1280, "zoom": 1},
    "320 px": {"color_scheme": "light", "width": 320, "zoom": 1},
    "200 %": {"color_scheme": "light", "width": 1280, "zoom": 2},
}
OF_ALL = ["assessments", "assessment/{id}", "history/heart_rate?subject_id={subject}", "new"]
PAGES = {
    RoleName.CLINICIAN: [
        "people",
        "new-person",
        "person/{subject}",
        *OF_ALL,
        "review",
        "tasks?person={subject}",
        "developers",
        "emergency",
    ],
    RoleName.PATIENT: ["mine", "access"],
    RoleName.ADMIN: [
        *("audit", "settings", "settings?part=invitations", "settings?part=keys"),
        *("settings?part=organization", "settings?part=emergencies", "access/{subject}"),
    ],
}


# Where an explanation and a conversation are opened before axe looks.
TALKS = {RoleName.CLINICIAN: "history/heart_rate?subject_id={subject}", RoleName.PATIENT: "mine"}


@pytest.mark.parametrize("role", PAGES)
async def test_no_page_has_a_violation(console: Console, clinic: Clinic, role: RoleName) -> None:
    assessment = await recorded(console, clinic)
    faults = dict[str, list[str]]()
    assert not await violations_of_sign_in(console)
    await console.sign_in(clinic, role)
    for path in PAGES[role]:
        await console.open(path.format(id=assessment["id"], subject=assessment["subject_id"]))
        faults |= await faults_of(console, path)

    assert faults == {}
    assert console.said == []


@pytest.mark.parametrize("role", TALKS)
async def test_no_words_have_a_violation(console: Console, clinic: Clinic, role: RoleName) -> None:
    for _ in range(2):
        assessment = await recorded(console, clinic)
    await console.sign_in(clinic, role)
    await console.open(TALKS[role].format(subject=assessment["subject_id"]))
    await console.page.get_by_role("button", name=re.compile("^Explain")).click()
    await console.page.get_by_role("button", name=re.compile("^Ask about")).click()
    await asked_and_answered(console)
    for facts in await console.page.get_by_text("The facts behind these sentences").all():
        await facts.click()

    assert await faults_of(console, TALKS[role]) == {}
    assert console.said == []


async def asked_and_answered(console: Console) -> None:
    offered = console.page.get_by_role("group", name="Questions that are answered")
    await offered.get_by_role("button").first.click()
    log = console.page.get_by_role("log", name="Questions")
    await expect(log.locator("ol > li")).to_have_count(2)


async def faults_of(console: Console, path: str) -> dict[str, list[str]]:
    """What axe finds in each look, and where the page is wider than its window."""
    page, faults = console.page, dict[str, list[str]]()
    for look, how in LOOKS.items():
        await page.emulate_media(color_scheme=how["color_scheme"])
        await page.set_viewport_size({"width": how["width"], "height": 900})
        await page.evaluate(
            "(zoom) => document.documentElement.style.fontSize = `${100 * zoom}%`", how["zoom"]
        )
        if violations := await console.violations():
            faults[f"{path} {look}"] = violations
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if await page.evaluate(wide) > 0:
            faults[f"{path} {look} is wider than its window"] = []
    return faults


async def violations_of_sign_in(console: Console) -> list[str]:
    await console.page.goto(f"{console.url}/console")
    await console.settled()
    return await console.violations()
