"""Cognitive tasks in a browser: done by a script, and read by the ingest as they were logged."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from playwright.async_api import Error as PlaywrightError

from shared.permissions import RoleName
from tests.browser.conftest import Console, violations_in
from tests.browser.test_recordings import assessment_on
from tests.conftest import Clinic

RESPONDER = Path(__file__).with_name("responder.js")
# The browser takes a while until the frame has the whole screen.
WHOLE_SCREEN = """document.fullscreenElement ? true : new Promise((done) => {
  document.addEventListener("fullscreenchange", () => done(Boolean(document.fullscreenElement)));
})"""
# By task: a score that has to be there, and the trials that count.
SCORES = {
    "simple_reaction": ("simple_reaction_false_starts", 30),
    "pvt_brief": ("pvt_brief_median", None),
    "flanker": ("flanker_effect", 80),
    "stroop": ("stroop_effect", 96),
    "n_back": ("n_back_2_d_prime", 60),
    "go_no_go": ("go_no_go_d_prime", 100),
    "digit_span": ("digit_span_backward_longest", None),
    "finger_tapping": ("finger_tapping_right_rate", 200),
}


async def done(console: Console, clinic: Clinic, task: str) -> dict[str, Any]:
    """The assessment of a task that the script did ."""
    page = console.page
    await page.add_init_script(path=RESPONDER)
    await console.sign_in(clinic, RoleName.CLINICIAN)
    await console.open(f"tasks?person={clinic.person_id(RoleName.PATIENT)}")
    await page.get_by_label("Task").select_option(task)
    await page.get_by_role("button", name="Begin").click()
    return await assessment_on(console, clinic)


async def test_task_takes_the_whole_screen_and_has_no_rights_there(
    console: Console, clinic: Clinic
) -> None:
    page = console.page
    await console.sign_in(clinic, RoleName.PATIENT)
    await console.open("tasks")
    await page.get_by_role("button", name="Begin").click()
    task = page.frame_locator("iframe.task")
    await expect(task.get_by_text("Press the space bar to begin.")).to_be_visible()
    frame = page.frames[-1]
    assert await frame.evaluate("self.origin") == "null"
    with pytest.raises(PlaywrightError, match="cross-origin"):
        await frame.evaluate("parent.document.title")
    with pytest.raises(PlaywrightError, match="sandboxed"):
        await frame.evaluate("localStorage.length")
    assert not await violations_in(frame)

    await page.keyboard.press(" ")
    await expect(task.get_by_text("When the blue disc appears")).to_be_visible()
    assert await frame.evaluate(WHOLE_SCREEN)
    assert not await violations_in(frame)
    await page.keyboard.press("Escape")
    assert console.said == []


async def test_digits_are_typed_by_touch(chromium: Browser, site: str, clinic: Clinic) -> None:
    context = await chromium.new_context(has_touch=True, is_mobile=True)
    console = Console(await context.new_page(), site)
    await console.sign_in(clinic, RoleName.PATIENT)
    await console.open("tasks")
    await console.page.get_by_label("Task").select_option("digit_span")
    await console.page.get_by_role("button", name="Begin").click()
    task = console.page.frame_locator("iframe.task")
    for said in ("The task takes the whole screen", "type them in the same order"):
        await expect(task.get_by_text(said)).to_be_visible()
        await task.get_by_role("button", name="Press").tap()
    for key in ("3", "5", "Undo", "7"):
        await task.get_by_role("button", name=key).tap()
    await expect(task.get_by_role("status")).to_have_text("3 7")
    await context.close()


@pytest.mark.parametrize("task", SCORES)
async def test_task_is_read_as_it_was_logged(console: Console, clinic: Clinic, task: str) -> None:
    assessment = await done(console, clinic, task)
    result = assessment["result"]
    score, trials = SCORES[task]
    assert assessment["status"] == "completed"
    assert result["validity"]["verdict"] == "valid", result["validity"]
    assert score in {biomarker["name"] for biomarker in assessment["biomarkers"]}
    if trials is not None:
        assert result["import_report"]["test"] == trials
    assert [text for text in console.said if text.startswith("error")] == []
