"""Write a picture of each page of the console, from the running stack: `make screenshots`.

They are of the demo clinic and its synthesized recordings: nobody is in them.
"""

import shutil
import sys
from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from local import demo
from local.stack import Running, found_or_started
from shared.permissions import RoleName
from tests.conftest import ROOT

PICTURES = ROOT / "docs" / "pictures" / "console"
SIZES = {"light": (1280, 800), "dark": (1280, 800), "narrow": (390, 844)}
PAGES = {
    RoleName.CLINICIAN: {
        "people": "people",
        "person": f"person/{demo.person_id(RoleName.PATIENT)}",
        "assessments": "assessments?pipeline=cardiology",
        "assessment": "",
        "conversation": "",
        "history": f"history/heart_rate?subject_id={demo.person_id(RoleName.PATIENT)}",
        "review": "review",
        "new-recording": f"new?person={demo.person_id(RoleName.PATIENT)}&pipeline=speech",
        "tasks": f"tasks?person={demo.person_id(RoleName.PATIENT)}",
    },
    RoleName.PATIENT: {"my-results": "mine", "who-looked": "access"},
    RoleName.ADMIN: {"audit": "audit", "members": "settings", "keys": "settings?part=keys"},
}


def sign_in(page: Page, here: Running, role: RoleName) -> None:
    page.goto(f"{here.url}/console")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=role.value, exact=True).first.click()
    page.get_by_role("button", name="Sign out").wait_for()


def addresses(page: Page, here: Running, role: RoleName) -> Iterator[tuple[str, str]]:
    """Each page's name and address; the assessment is the newest electrocardiogram."""
    for name, path in PAGES[role].items():
        if not path:
            show(page, f"{here.url}/console#/assessments?pipeline=cardiology")
            newest = page.locator("tbody th a").first.get_attribute("href")
            yield name, f"{here.url}/console{newest}"
        else:
            yield name, f"{here.url}/console#/{path}"


def show(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.querySelector('.loading')")
    page.wait_for_function("() => [...document.images].every((image) => image.complete)")


def converse(page: Page) -> None:
    """Ask the first question that is offered, and show its answer."""
    page.get_by_role("button", name="Ask about this assessment").click()
    log = page.get_by_role("log")
    page.get_by_role("group", name="Questions that are answered").get_by_role(
        "button"
    ).first.click()
    log.locator(".answered").last.wait_for()
    page.locator("#conversation").evaluate("(heading) => heading.scrollIntoView()")


def write(here: Running, executable: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as client:
        browser = client.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for look, (width, height) in SIZES.items():
            for role in PAGES:
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if look == "dark" else "light",
                    locale="en-GB",
                )
                page = context.new_page()
                sign_in(page, here, role)
                for name, address in addresses(page, here, role):
                    show(page, address)
                    if name == "conversation":
                        converse(page)
                    page.screenshot(path=PICTURES / f"{name}-{look}.png")
                context.close()
        browser.close()


if __name__ == "__main__":
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("There is no chromium on this machine: apt-get install chromium.")
    with found_or_started() as running:
        write(running, chromium)
