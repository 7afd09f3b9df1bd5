"""The page of the development issuer, on which people choose whom to be."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from local.pages import PAGE, link


def sign_in_page(asked: Sequence[tuple[str, str]], people: Sequence[tuple[str, str, str]]) -> str:
    """Offer everybody of the demo, and anybody else by the names that their provider has."""
    sections = "".join(
        f"<section><h2>{escape(organization)}</h2><nav>"
        + "".join(
            link(f"?{urlencode([*asked, ('as', subject), ('in', place)])}", role)
            for role, subject, place in people
            if place == organization
        )
        + "</nav></section>"
        for organization in dict.fromkeys(place for _, _, place in people)
    )
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked
    )
    other = (
        f"<section><h2>Somebody else</h2><form><p>{hidden}"
        '<label>Subject <input name="as" required></label> '
        '<label>Organization <input name="in" required></label> '
        "<button>Sign in</button></p></form></section>"
    )
    return PAGE.format(
        title="Sign in",
        body="<p>This is the development issuer: be whom you like. No password is asked for,"
        f" and nothing here is in the cloud.</p>{sections}{other}",
    )
