"""The sign-in of the development issuer: whom to be, and a code that becomes tokens.

OpenID Connect's code flow with PKCE (RFC 7636), as the console asks any provider for. There are no
passwords: whoever reaches this page may be anybody, which is why it is on a laptop alone.
"""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from local import demo
from local.issuer import (
    AUTHORIZATION_PATH,
    END_SESSION_PATH,
    ONE_HOUR,
    TOKEN_PATH,
    Issuer,
)
from local.sign_in_page import sign_in_page
from shared.permissions import RoleName
from shared.settings import ConsoleSettings, load

CODE_LIFETIME_S = 60
COOKIE = "medilens_sign_in"
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
# What an authorization request has to say beside its client and where to return to.
ASKED = {"response_type": "code", "code_challenge_method": "S256"}


@dataclass(frozen=True)
class Person:
    """Somebody to be: what the provider calls them, and where they work now."""

    subject: str
    organization: str


@dataclass(frozen=True)
class Grant:
    """What a code or a refresh token stands for until it is used."""

    person: Person
    client_id: str
    challenge: str | None = None
    nonce: str | None = None
    expires_at: float = float("inf")


@dataclass
class SignIn:
    """The endpoints of one issuer, and the codes that it has given out."""

    issuer: Issuer
    grants: dict[str, Grant] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        return [
            Route(AUTHORIZATION_PATH, self.authorize),
            Route(TOKEN_PATH, self.token, methods=["POST"]),
            Route(END_SESSION_PATH, self.end_session),
        ]

    async def authorize(self, request: Request) -> Response:
        """Ask whom to be, or return at once with a code where that is known."""
        asked = request.query_params
        if complaint := self._complaint(asked):
            return HTMLResponse(escape(complaint), HTTPStatus.BAD_REQUEST, PAGE_HEADERS)
        person = _chosen(asked) or (_remembered(request) if asked.get("prompt") == "none" else None)
        if person:
            return self._back_with_code(asked, person)
        if asked.get("prompt") == "none":
            return self._back(asked, {"error": "login_required"})
        return HTMLResponse(sign_in_page(asked.multi_items(), people()), headers=PAGE_HEADERS)

    async def token(self, request: Request) -> Response:
        """Give tokens for a code or a refresh token, each of which is good for once."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        given = form.get("code") or form.get("refresh_token") or ""
        grant = self.grants.pop(given, None)
        if grant is None or not _is_redeemed(grant, form):
            return JSONResponse({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)
        return JSONResponse(self._tokens(grant), headers={"Cache-Control": "no-store"})

    async def end_session(self, _: Request) -> Response:
        """Forget whom this browser was, and return to the console."""
        response = RedirectResponse(self._console, HTTPStatus.SEE_OTHER)
        response.delete_cookie(COOKIE, path=AUTHORIZATION_PATH)
        return response

    @property
    def _console(self) -> str:
        return f"{self.issuer.url}/console"

    def _complaint(self, asked: Mapping[str, str]) -> str | None:
        """What is wrong with a request that must not be answered by a redirect, or at all."""
        expected = {
            "client_id": load(ConsoleSettings).console_client_id,
            "redirect_uri": self._console,
            **ASKED,
        }
        for name, value in expected.items():
            if asked.get(name) != value:
                return f"{name} is {asked.get(name)!r}, and {value!r} is expected."
        return None if asked.get("code_challenge") else "code_challenge is missing."

    def _back_with_code(self, asked: Mapping[str, str], person: Person) -> Response:
        code = secrets.token_urlsafe()
        self.grants[code] = Grant(
            person,
            asked["client_id"],
            asked["code_challenge"],
            asked.get("nonce"),
            time.monotonic() + CODE_LIFETIME_S,
        )
        response = self._back(asked, {"code": code})
        remembered = urlencode({"as": person.subject, "in": person.organization})
        response.set_cookie(
            COOKIE, remembered, path=AUTHORIZATION_PATH, httponly=True, samesite="lax"
        )
        return response

    def _back(self, asked: Mapping[str, str], told: Mapping[str, str]) -> Response:
        answer = {**told, "state": asked.get("state", ""), "iss": self.issuer.url}
        return RedirectResponse(f"{self._console}?{urlencode(answer)}", HTTPStatus.SEE_OTHER)

    def _tokens(self, grant: Grant) -> dict[str, object]:
        person, now = grant.person, int(time.time())
        again = secrets.token_urlsafe()
        self.grants[again] = Grant(person, grant.client_id)
        claims = {
            "iss": self.issuer.url,
            "sub": person.subject,
            "aud": grant.client_id,
            "iat": now,
            "exp": now + int(ONE_HOUR.total_seconds()),
        }
        # Whoever may be anybody may show any factor too.
        access = self.issuer.issue(person.subject, person.organization, is_confirmed=True)
        return {
            "access_token": access,
            "id_token": self.issuer.sign(claims | ({"nonce": grant.nonce} if grant.nonce else {})),
            "refresh_token": again,
            "token_type": "Bearer",
            "expires_in": int(ONE_HOUR.total_seconds()),
            "scope": "openid",
        }


def people() -> list[tuple[str, str, str]]:
    """Everybody of the demo as role, subject and organization."""
    return [
        (role.value, demo.subject(role, organization), organization)
        for organization in (demo.ORGANIZATION, demo.OTHER_ORGANIZATION)
        for role in RoleName
    ]


def _chosen(asked: Mapping[str, str]) -> Person | None:
    subject, organization = asked.get("as"), asked.get("in")
    return Person(subject, organization) if subject and organization else None


def _remembered(request: Request) -> Person | None:
    held = dict(
        pair.split("=", 1) for pair in request.cookies.get(COOKIE, "").split("&") if "=" in pair
    )
    return _chosen(held)


def _is_redeemed(grant: Grant, form: Mapping[str, str]) -> bool:
    """Whether whoever brings a code is who asked for it (RFC 7636, 4.6), and in time."""
    if form.get("client_id") != grant.client_id or time.monotonic() > grant.expires_at:
        return False
    if grant.challenge is None:
        return form.get("grant_type") == "refresh_token"
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(challenge, grant.challenge)
