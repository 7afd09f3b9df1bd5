"""From a bearer token to the caller it names; nothing here is believed unverified.

Tokens are those of Clerk sessions (claims version 1 and 2) or of any OpenID Connect issuer: the
organization stands in `org_id`, or in the claim that MEDILENS_ORGANIZATION_CLAIM names. What the
caller may do is not read from the token: the database knows (`shared.database.transaction`).
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import Forbidden, MediLensError, Unauthenticated
from shared.settings import TokenSettings, load
from shared.text import is_line

# What OpenID Connect allows for `sub`, and more than any provider's names have.
MAX_NAME_CHARACTERS = 255
# What `amr` calls a second factor (RFC 8176).
SECOND_FACTORS = ("mfa", "otp", "hwk", "swk", "sms", "tel", "fpt", "face", "iris", "sc")


@dataclass(frozen=True)
class Token:
    """What a verified token says."""

    subject: str
    organization: str
    session_id: str | None
    # What the provider has seen to be theirs.
    verified_email: str | None = None
    # Who acts as the subject (RFC 8693, 4.1), as an impersonating supporter does.
    actor: str | None = None
    # How long ago a second factor was shown; None where none was.
    second_factor_age_s: float | None = None


async def verify(authorization: str | None) -> Token:
    """Verify the `Authorization` header and return what its token says.

    Raises
    ------
    Unauthenticated
        No token, or one that does not verify.
    Forbidden
        A genuine token whose sign-in is unfinished or that names no organization.
    Unavailable
        The issuer's keys cannot be had, so nothing can be verified.
    """
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not encoded:
        raise Unauthenticated("Send a token in the Authorization header: 'Bearer ...'.")
    settings = load(TokenSettings)
    return _token(await _claims(encoded, settings, must_hold=True), settings)


async def refused(authorization: str | None) -> Token | None:
    """Say whom a token names that was refused, where at least its issuer has signed it."""
    encoded = (authorization or "").partition(" ")[2]
    settings = load(TokenSettings)
    try:
        claims = await _claims(encoded, settings, must_hold=False)
    except MediLensError:
        return None
    subject = _name(claims.get("sub"))
    organization = _organization(claims, settings.organization_claim)
    if subject is None:
        return None
    actor = _name_of_actor(claims.get("act"))
    return Token(subject, organization or "", session_id=None, actor=actor)


async def _claims(encoded: str, settings: TokenSettings, *, must_hold: bool) -> dict[str, Any]:
    # Cryptography takes a twentieth of a start, and who sends no token never needs it.
    from shared.http.tokens import signed_claims, verified_claims

    return await (verified_claims if must_hold else signed_claims)(encoded, settings)


def _token(claims: Mapping[str, Any], settings: TokenSettings) -> Token:
    if settings.authorized_parties and _party(claims) not in settings.authorized_parties:
        raise Unauthenticated("The token was made for another application.")
    if claims.get("sts") == "pending":
        raise Forbidden("Finish signing in first.")
    subject = _name(claims.get("sub"))
    if subject is None:
        raise Unauthenticated("The token names nobody.")
    organization = _organization(claims, settings.organization_claim)
    if organization is None:
        raise Forbidden("Choose an organization first: the token names none.")
    return Token(
        subject,
        organization,
        session_id=_name(claims.get("sid")),
        verified_email=_name(claims.get("email")) if claims.get("email_verified") is True else None,
        actor=_actor(claims.get("act")),
        second_factor_age_s=_second_factor_age_s(claims),
    )


def _actor(act: object) -> str | None:
    """Return who acts as the subject, whom the trail has to name.

    Raises
    ------
    Unauthenticated
        The token says that somebody does, and not who.
    """
    if act is None:
        return None
    actor = _name_of_actor(act)
    if actor is None:
        raise Unauthenticated("The token's `act` does not say who acts as its subject.")
    return actor


def _name_of_actor(act: object) -> str | None:
    return _name(act.get("sub")) if isinstance(act, Mapping) else None


def _second_factor_age_s(claims: Mapping[str, Any]) -> float | None:
    """Clerk's `fva` counts minutes since each factor, -1 for never; others tell `auth_time`.

    It counts until the token was made, which may be old itself.
    """
    match claims.get("fva"), claims.get("iat"):
        case [_, int() as minutes], int() | float() as made_at if minutes >= 0:
            return 60 * minutes + max(0.0, time.time() - made_at)
    shown, methods = claims.get("auth_time"), claims.get("amr")
    is_shown = isinstance(methods, list) and _has_second_factor(methods)
    return max(0.0, time.time() - shown) if is_shown and isinstance(shown, int | float) else None


def _has_second_factor(methods: Sequence[object]) -> bool:
    """Whether `amr` tells of two factors: a code by SMS may have been the only one."""
    is_one = any(method in SECOND_FACTORS for method in methods)
    return "mfa" in methods or (is_one and any(method != methods[0] for method in methods))


def _party(claims: Mapping[str, Any]) -> str | None:
    """The application that asked for the token; Cognito's access tokens call it `client_id`."""
    return _name(claims.get("azp", claims.get("client_id")))


def _organization(claims: Mapping[str, Any], claim: str | None) -> str | None:
    """Clerk's version 2 nests it; version 1 and Auth0 do not; others are told where to look."""
    if claim:
        return _named_organization(_claim(claims, claim))
    nested = claims.get("o")
    return _name(nested.get("id") if isinstance(nested, Mapping) else claims.get("org_id"))


def _claim(claims: Mapping[str, Any], name: str) -> object:
    """Return a claim by its name, which may be an address with dots, or by the way to it."""
    if name in claims:
        return claims[name]
    first, dot, rest = name.partition(".")
    nested = claims.get(first)
    return _claim(nested, rest) if dot and isinstance(nested, Mapping) else None


def _named_organization(value: object) -> str | None:
    """Read a name, or Keycloak's organizations, of which the token has to name a single one."""
    if isinstance(value, list | Mapping) and len(value) == 1:
        (alias,) = value
        told = value[alias] if isinstance(value, Mapping) else None
        identity = told.get("id") if isinstance(told, Mapping) else None
        return _name(identity or alias)
    return _name(value)


def _name(value: object) -> str | None:
    """A name that can be looked up and written down, or None."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME_CHARACTERS:
        return None
    return value if is_line(value) else None
