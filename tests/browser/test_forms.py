"""Every form of the console that no other test sends: filled in, sent, and what it led to."""

from dataclasses import dataclass

import pytest
from playwright.async_api import Page, expect

from shared.permissions import RoleName
from tests.browser.conftest import Console
from tests.browser.test_console import recorded
from tests.conftest import Clinic


@dataclass(frozen=True)
class Sending:
    """A form's page, what a person does there in order, and what then stands there, or no more."""

    role: RoleName
    path: str
    steps: list[tuple[str, str] | tuple[str, str, str]]
    then: str = ""
    gone: str = ""


FORMS = {
    "a consent is withdrawn": Sending(
        RoleName.CLINICIAN,
        "person/{person}",
        [
            ("choose", "Agreed to", "research"),
            ("fill", "Version of the text that was agreed to", "2026-03"),
            ("press", "Record consent"),
            ("press", "Withdraw: Research"),
        ],
        "withdrawn",
    ),
    "care is ended": Sending(
        RoleName.CLINICIAN,
        "person/{person}",
        [("press", "Assign"), ("press", "End the care")],
        "until ",
    ),
    "a person is found by their date of birth": Sending(
        RoleName.CLINICIAN,
        "people",
        [
            ("fill", "Search by name", "Nobody-of-that-name"),
            ("fill", "Date of birth", "1975-12-10"),
            ("press", "Search"),
        ],
        "Nobody is found by that.",
    ),
    "a person is added with their identifier": Sending(
        RoleName.CLINICIAN,
        "new-person",
        [
            ("fill", "Last name", "Byron"),
            ("choose", "Sex at birth", "female"),
            ("fill", "System", "urn:records"),
            ("fill", "Value", "A-1815"),
            ("press", "Add"),
        ],
        "A-1815",
    ),
    "a person is chosen by a part of their name": Sending(
        RoleName.CLINICIAN,
        "new",
        [("fill", "Search by name", "Nobody-of-that-name")],
        "Nobody is found by that.",
    ),
    "a person is chosen by an identifier": Sending(
        RoleName.CLINICIAN,
        "tasks",
        [
            ("open", "Search by an identifier"),
            ("fill", "System", "urn:records"),
            ("fill", "Value", "nobody"),
            ("press", "Search"),
        ],
        "Nobody is found by that.",
    ),
    "assessments are filtered by their days": Sending(
        RoleName.CLINICIAN,
        "assessments",
        [("fill", "Stored until", "2001-02-03")],
        "No assessment fits.",
    ),
    "a role is taken away": Sending(
        RoleName.ADMIN,
        "settings",
        [
            ("unfold", "Researcher"),
            ("choose", "Role", "researcher"),
            ("fill", "Reason", "left the study"),
            ("press", "Take away"),
        ],
        gone="Researcher",
    ),
    "a member is deactivated and comes back": Sending(
        RoleName.ADMIN,
        "settings",
        [
            ("unfold", "Researcher"),
            ("press", "Deactivate"),
            ("press", "Reactivate"),
            ("press", "Deactivate"),
        ],
        "deactivated",
    ),
    "an invitation is taken back": Sending(
        RoleName.ADMIN,
        "settings?part=invitations",
        [
            ("fill", "E-mail, or the name", "a-colleague@clinic.test"),
            ("fill", "Valid for days", "30"),
            ("press", "Invite"),
            ("press", "Take back"),
        ],
        "Nobody is invited.",
    ),
    "what an organization decides stays as it was typed": Sending(
        RoleName.ADMIN,
        "settings?part=organization",
        [
            ("fill", "Time zone", "Europe/Paris"),
            ("choose", "Who sees whom", "care_team"),
            ("fill", "What people are told in an emergency", "Call 112."),
            ("press", "Save"),
        ],
        "Saved.",
    ),
    "the trail is filtered by its outcome": Sending(
        RoleName.ADMIN, "audit", [("choose", "Outcome", "denied")], "No event fits."
    ),
    "the trail is verified": Sending(
        RoleName.ADMIN, "audit", [("press", "Verify the trail")], "The trail is as it was sealed."
    ),
}


async def act(page: Page, kind: str, name: str, value: str = "") -> None:
    """Do a step as a person does, by the name that stands beside the control."""
    if kind == "press":
        await page.get_by_role("button", name=name, exact=True).first.click()
    elif kind == "unfold":
        row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=name, exact=True))
        await row.get_by_role("button").first.click()
    elif kind == "open":
        await page.get_by_text(name).click()
    elif kind == "choose":
        await page.locator("select").and_(page.get_by_label(name)).select_option(value)
    else:
        await page.locator("input, textarea").and_(page.get_by_label(name)).fill(value)


@pytest.mark.parametrize("name", FORMS)
async def test_form_does_what_it_says(console: Console, clinic: Clinic, name: str) -> None:
    form, page = FORMS[name], console.page
    assessment = await recorded(console, clinic)
    await console.sign_in(clinic, form.role)
    await console.open(form.path.format(id=assessment["id"], person=assessment["subject_id"]))
    for step in form.steps:
        await act(page, *step)
    if form.gone:
        await expect(page.get_by_role("cell", name=form.gone, exact=True)).to_have_count(0)
    else:
        await expect(page.locator("main").get_by_text(form.then).first).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)
    for kind, label, *value in form.steps:
        if kind == "fill" and form.then == "Saved.":
            await expect(page.get_by_label(label).first).to_have_value(value[0])


async def test_question_about_a_look_is_asked_and_answered(
    console: Console, clinic: Clinic
) -> None:
    """The patient asks whoever keeps the log, and reads the answer."""
    page = console.page
    await recorded(console, clinic)
    await console.sign_in(clinic, RoleName.PATIENT)
    await console.open("access")
    for step in (
        ("press", "Ask about this"),
        ("fill", "Your question", "Who was this in the night?"),
        ("press", "Send"),
    ):
        await act(page, *step)
    await expect(page.get_by_text("not answered yet")).to_be_visible()
    await console.sign_out()

    await console.sign_in(clinic, RoleName.ADMIN)
    await console.open(f"access/{clinic.person_id(RoleName.PATIENT)}")
    await act(page, "fill", "Answer", "The ward, for the round.")
    await act(page, "press", "Answer")
    await expect(page.locator("blockquote")).to_have_text("The ward, for the round.")
