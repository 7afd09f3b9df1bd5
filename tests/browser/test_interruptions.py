"""What comes between: a slow or lost network, another tab, the way back, a session that ended."""

import asyncio

from playwright.async_api import Route, expect

from shared.permissions import RoleName
from shared.pipelines import PipelineName
from tests.browser.conftest import GO, Console
from tests.browser.test_console import recorded
from tests.browser.test_recordings import assessment_on, payloads
from tests.conftest import Clinic


class TestNetwork:
    async def test_lost_answer_is_asked_for_again_and_stores_one(
        self, console: Console, clinic: Clinic
    ) -> None:
        """The file lies in storage already: it is not sent a second time."""
        page = console.page
        (sample,) = payloads(PipelineName.COGNITIVE)
        sample["buffer"] += b" " * 4_000_000  # Larger than a request may be.
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        await console.sign_in(clinic, RoleName.CLINICIAN)
        person = clinic.person_id(RoleName.PATIENT)
        await console.open(f"new?person={person}&pipeline=cognitive")
        await page.route("**/cognitive/analyze", lose_the_answer, times=1)
        await page.get_by_label("Files").set_input_files([sample])
        await page.get_by_role("textbox", name="Task").fill("stroop")
        await page.get_by_role("button", name="Analyze").click()
        await expect(page.get_by_role("alert")).to_contain_text("No connection")

        await page.get_by_role("button", name="Analyze").click()
        assessment = await assessment_on(console, clinic)
        assert sent.count("PUT") == 1
        async with console.client(clinic, RoleName.CLINICIAN) as client:
            stored = (await client.get("/api/records/assessments")).json()["items"]
        assert [item["id"] for item in stored] == [assessment["id"]]

    async def test_slow_answer_shows_that_it_loads_and_comes_too_late_for_another_page(
        self, console: Console, clinic: Clinic
    ) -> None:
        page, may_go = console.page, asyncio.Event()

        async def wait(route: Route) -> None:
            await may_go.wait()
            await route.continue_()

        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.settled()
        await page.route("**/records/assessments?pipeline=speech*", wait)
        await page.goto(f"{console.url}/console#/assessments?pipeline=speech")
        await expect(page.get_by_text("Loading …")).to_be_visible()
        await page.goto(f"{console.url}/console#/review")
        may_go.set()
        await expect(page.get_by_text("Nothing awaits review.")).to_be_visible()
        await expect(page.get_by_text("No assessment fits.")).to_have_count(0)

    async def test_values_of_one_person_are_not_shown_under_another(
        self, console: Console, clinic: Clinic
    ) -> None:
        page, may_go = console.page, asyncio.Event()

        async def wait(route: Route) -> None:
            await may_go.wait()
            await route.continue_()

        person = (await recorded(console, clinic))["subject_id"]
        other = clinic.person_id(RoleName.RESEARCHER)
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.open(f"history/heart_rate?subject_id={person}")
        await expect(page.locator("td.number")).to_have_count(1)
        await page.route(f"**/history?subject_id={other}*", wait)
        await page.evaluate(GO, f"#/history/heart_rate?subject_id={other}")
        assert await page.locator("td.number, .picture").count() == 0
        assert await page.get_by_text("Loading …").count() == 1
        may_go.set()
        await expect(page.get_by_text("Loading …")).to_have_count(0)

    async def test_leaving_a_page_stops_what_it_was_sending(
        self, console: Console, clinic: Clinic
    ) -> None:
        """Nobody is taken from the page where they are to an assessment that is ready."""
        page, arrived = console.page, asyncio.Event()

        async def hold(_: Route) -> None:
            arrived.set()

        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.open(f"new?person={clinic.person_id(RoleName.PATIENT)}")
        await page.route("**/cardiology/analyze", hold)
        await page.get_by_label("Files").set_input_files(payloads(PipelineName.CARDIOLOGY))
        await page.get_by_role("button", name="Analyze").click()
        await arrived.wait()
        async with page.expect_event("requestfailed"):
            await console.open("review")
        await expect(page.get_by_text("Nothing awaits review.")).to_be_visible()


async def lose_the_answer(route: Route) -> None:
    """Let the request through, and not what comes back."""
    await route.fetch()
    await route.abort()


class TestTabs:
    async def test_who_signs_later_is_told_that_it_was_changed(
        self, console: Console, clinic: Clinic
    ) -> None:
        assessment = await recorded(console, clinic)
        other = Console(await console.page.context.new_page(), console.url)
        for tab in (console, other):
            await tab.sign_in(clinic, RoleName.CLINICIAN)
            await tab.open(f"assessment/{assessment['id']}")
        await console.page.get_by_role("button", name="Sign off").click()
        await expect(console.page.get_by_text("Signed off")).to_be_visible()

        await other.page.get_by_label("Note (optional)").fill("Seen too late")
        await other.page.get_by_role("button", name="Sign off").click()
        await expect(other.page.get_by_role("alert")).to_contain_text("changed meanwhile")
        await expect(other.page.get_by_label("Note (optional)")).to_have_value("Seen too late")


class TestHistory:
    async def test_filters_come_back_with_the_way_back(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        await recorded(console, clinic)
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await console.open("assessments")
        await page.get_by_label("Kind").select_option("speech")
        await expect(page.get_by_text("No assessment fits.")).to_be_visible()
        await page.go_back()
        await expect(page.get_by_role("row")).to_have_count(2)
        await expect(page.get_by_label("Kind")).to_have_value("")
        await page.go_forward()
        await expect(page.get_by_label("Kind")).to_have_value("speech")


# Changes the address as soon as the first page is built, before it is painted.
EARLY_CHANGE = """
new MutationObserver((_, watch) => {
  if (!document.querySelector("nav")) return;
  watch.disconnect();
  location.hash = "#/review";
}).observe(document, {childList: true, subtree: true});
"""


class TestAddress:
    async def test_change_before_the_first_paint_is_followed(
        self, console: Console, clinic: Clinic
    ) -> None:
        await console.page.add_init_script(EARLY_CHANGE)
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await expect(console.page.get_by_role("heading", level=1)).to_have_text("Review")

    async def test_form_is_of_the_person_whom_the_address_names(
        self, console: Console, clinic: Clinic
    ) -> None:
        """A form that stands already is not sent for somebody else."""
        page = console.page
        await console.sign_in(clinic, RoleName.CLINICIAN)
        for place in ("new", "tasks"):
            for role in (RoleName.PATIENT, RoleName.CLINICIAN):
                person = str(clinic.person_id(role))
                await console.open(f"{place}?person={person}")
                name = "You" if role is RoleName.CLINICIAN else person[-8:]
                await expect(page.locator(".field strong")).to_contain_text(name)


class TestSession:
    async def test_ended_session_returns_to_its_page(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await page.route("**/api/records/**", lambda route: route.fulfill(status=401, body="{}"))
        await page.route("**/token", lambda route: route.fulfill(status=400, body="{}"))
        await page.goto(f"{console.url}/console#/review")
        await expect(page.get_by_text("Your session has ended.")).to_be_visible()

        await page.unroute_all()
        await page.get_by_role("button", name="Sign in").click()
        subject = clinic.caller(RoleName.CLINICIAN).subject
        await page.get_by_label("Subject").fill(subject)
        await page.get_by_label("Organization").fill(clinic.identity)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Review")
