"""Questions about an assessment, and a history in words, as they stand on the pages."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Page, Route, expect

from shared.permissions import RoleName
from tests.browser.conftest import Console
from tests.browser.test_console import recorded
from tests.browser.test_interruptions import lose_the_answer
from tests.conftest import Clinic
from tests.waiting import until


@pytest.fixture
def begun(console: Console, clinic: Clinic) -> Callable[[RoleName], Awaitable[Locator]]:
    """Begin a conversation about the patient's recording, and return where it stands."""

    async def begin(role: RoleName) -> Locator:
        assessment = await recorded(console, clinic)
        await console.sign_in(clinic, role)
        await console.open(f"assessment/{assessment['id']}")
        await console.page.get_by_role("button", name="Ask about this assessment").click()
        await expect(console.page.get_by_label("Your question")).to_be_visible()
        return console.page.get_by_role("log", name="Questions")

    return begin


# Small, so that what waits for an answer does not run into the end of the session.
TICK_MS = 200
# As a model would choose it.
CHOSEN = "The heart rate is told first."
Begun = Callable[[RoleName], Awaitable[Locator]]


async def test_offered_question_is_answered_with_its_facts(console: Console, begun: Begun) -> None:
    page, log = console.page, await begun(RoleName.CLINICIAN)
    await expect(page.get_by_text("call your local emergency number")).to_be_visible()
    await (
        page.get_by_role("group", name="Questions that are answered")
        .get_by_role("button")
        .first.click()
    )
    await expect(log.get_by_role("listitem")).to_have_count(2)
    await log.get_by_text("The facts behind these sentences").click()
    await expect(log.get_by_role("row", name="Heart rate").first).to_be_visible()
    assert await console.violations() == []
    assert console.said == []

    await page.reload()
    await page.get_by_role("button", name="Ask about this assessment").click()
    await expect(log.get_by_role("listitem")).to_have_count(2)


async def test_emergency_is_answered_with_the_emergency_text_first(
    console: Console, begun: Begun
) -> None:
    page, log = console.page, await begun(RoleName.PATIENT)
    await page.get_by_label("Your question").fill("I have chest pain. What was measured?")
    await page.get_by_role("button", name="Ask", exact=True).click()
    answer = log.get_by_role("listitem").last.locator(".refusal p").first
    await expect(answer).to_contain_text("call the emergency number where you live")
    await expect(page.get_by_label("Your question")).to_have_value("")

    await page.get_by_label("Your question").fill("Which pills should I take?")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(log.get_by_role("listitem")).to_have_count(4)
    await expect(log.get_by_role("table")).to_have_count(0)


async def test_question_whose_answer_was_lost_is_asked_again_and_stored_once(
    console: Console, begun: Begun
) -> None:
    page, log = console.page, await begun(RoleName.PATIENT)
    await page.route("**/messages", lose_the_answer, times=1)
    await page.get_by_label("Your question").fill("What was measured?")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("No connection")
    await expect(page.get_by_label("Your question")).to_have_value("What was measured?")
    await page.get_by_role("button", name="Try again").click()
    await expect(log.get_by_role("listitem")).to_have_count(2)

    await page.reload()
    await page.get_by_role("button", name="Ask about this assessment").click()
    await expect(log.get_by_role("listitem")).to_have_count(2)


@pytest.mark.parametrize(
    ("path", "button"),
    [
        ("history/heart_rate?subject_id={}", "Explain this history"),
        ("person/{}", "Explain what changed"),
    ],
)
async def test_history_is_told_in_words(
    console: Console, clinic: Clinic, path: str, button: str
) -> None:
    for _ in range(2):
        await recorded(console, clinic)
    await console.sign_in(clinic, RoleName.CLINICIAN)
    await console.open(path.format(clinic.person_id(RoleName.PATIENT)))
    await console.page.get_by_role("button", name=button).click()
    words = console.page.get_by_role("region", name="In words").locator(".card").first
    await expect(words).to_contain_text("Heart rate was measured 2 times")
    await expect(words).to_be_focused()


@pytest.mark.parametrize(
    ("role", "path", "button", "readers"),
    [
        (RoleName.PATIENT, "mine", "Ask about these results", "Part of your record"),
        (
            RoleName.CLINICIAN,
            "history/heart_rate?subject_id={}",
            "Ask about this history",
            "the person gets it with their export",
        ),
    ],
)
async def test_history_is_asked_about_and_goes_on_where_it_ended(
    console: Console, clinic: Clinic, role: RoleName, path: str, button: str, readers: str
) -> None:
    await recorded(console, clinic)
    assessment = await recorded(console, clinic)
    page, log = console.page, console.page.get_by_role("log", name="Questions")
    await console.sign_in(clinic, role)
    await console.open(f"assessment/{assessment['id']}")
    await page.get_by_role("button", name="Ask about this assessment").click()
    await asked(page, "What was measured?")
    await expect(log.locator("ol > li")).to_have_count(2)

    await console.open(path.format(assessment["subject_id"]))
    await page.get_by_role("button", name=button).click()
    field = page.get_by_label("Your question")
    await expect(field).to_have_accessible_description(re.compile(readers))
    await expect(log.locator("ol > li")).to_have_count(0)
    await asked(page, "Did my heart rate change?")
    await expect(log.locator("ol > li").last).to_contain_text("eart rate")

    await page.reload()
    await page.get_by_role("button", name=button).click()
    await expect(log.locator("ol > li")).to_have_count(2)
    assert console.said == []


async def test_what_two_tabs_began_is_read_as_one(console: Console, clinic: Clinic) -> None:
    about = {"assessment_id": (await recorded(console, clinic))["id"]}
    async with console.client(clinic, RoleName.PATIENT) as client:
        for _ in range(2):
            thread = (await client.post("/api/assistant/threads", json=about)).json()["id"]
            asked = {"text": "What was measured?"}
            told = await client.post(f"/api/assistant/threads/{thread}/messages", json=asked)
            assert told.status_code == 201, told.text
    await console.sign_in(clinic, RoleName.PATIENT)
    await console.open(f"assessment/{about['assessment_id']}")
    await console.page.get_by_role("button", name="Ask about this assessment").click()
    log = console.page.get_by_role("log", name="Questions")
    await expect(log.locator("ol > li")).to_have_count(4)


async def test_keyboard_alone_asks_and_never_loses_its_place(
    console: Console, clinic: Clinic
) -> None:
    page, log = console.page, console.page.get_by_role("log", name="Questions")
    assessment = await recorded(console, clinic)
    await console.sign_in(clinic, RoleName.PATIENT)
    await console.open(f"assessment/{assessment['id']}")
    await page.get_by_role("button", name="Ask about this assessment").focus()
    await page.keyboard.press("Enter")
    begun = page.get_by_text("Answers are sentences").locator("..")
    await expect(begun).to_be_focused()

    await page.keyboard.press("Tab")
    offered = page.get_by_role("group", name="Questions that are answered").get_by_role("button")
    await expect(offered.first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(log.locator("ol > li")).to_have_count(2)
    await expect(offered.first).to_be_focused()

    for _ in range(await offered.count()):
        await page.keyboard.press("Tab")
    await expect(page.get_by_label("Your question")).to_be_focused()
    await page.keyboard.type("What was measured?")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(log.locator("ol > li")).to_have_count(4)
    await expect(page.get_by_role("button", name="Ask", exact=True)).to_be_focused()
    await expect(log.locator("ol > li").last).to_be_in_viewport()


async def asked(page: Page, question: str) -> None:
    await page.get_by_label("Your question").fill(question)
    await page.get_by_role("button", name="Ask", exact=True).click()


@pytest.mark.parametrize(
    ("ending", "note"),
    [("complete", "A model chose these words."), ("refused", "No model's words came so far.")],
)
async def test_models_words_are_waited_for_beside_those_of_the_template(
    console: Console, clinic: Clinic, ending: str, note: str
) -> None:
    """The service is asked as it stands; its answers are as those of a model that takes time."""
    page, looks = console.page, list[str]()

    async def pending(route: Route) -> None:
        assert route.request.headers["prefer"] == "respond-async"
        body = await (await route.fetch()).json()
        await route.fulfill(status=202, json=body | {"status": "pending"})

    async def look(route: Route) -> None:
        looks.append(route.request.method)
        body = await (await route.fetch()).json()
        if ending == "refused" or len(looks) == 1:
            status = 404 if len(looks) > 1 else 200
            await route.fulfill(status=status, json=body | {"status": "pending"})
        else:
            told = [{**body["sentences"][0], "text": CHOSEN}]
            done = {"status": "complete", "engine": "model", "sentences": told}
            await route.fulfill(json=body | done)

    assessment = await recorded(console, clinic)
    await console.sign_in(clinic, RoleName.CLINICIAN)
    await console.open(f"assessment/{assessment['id']}")
    await page.route("**/assistant/explanations", pending)
    await page.route("**/assistant/explanations/*", look)
    await page.clock.install()
    words = page.get_by_role("region", name="In words")
    await words.get_by_role("button", name="Explain this assessment").click()
    await expect(words.get_by_role("status")).to_contain_text("A model is asked")
    template = await words.locator(".card").first.inner_text()

    async def looked_twice() -> bool:
        await page.clock.run_for(TICK_MS)
        return len(looks) > 1

    await until("two looks", looked_twice)
    await expect(words.get_by_role("status")).to_have_text(note)
    assert await words.locator(".card").first.inner_text() == (
        CHOSEN if ending == "complete" else template
    )
    await page.clock.run_for(10_000)
    assert looks == ["GET", "GET"]
