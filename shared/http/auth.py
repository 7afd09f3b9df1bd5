"""From a bearer token to the caller it names; nothing here is believed unverified.

Tokens are those of Clerk sessions (claims version 1 and 2) or of any OpenID Connect issuer: the
organization stands in `org_id`, or in the claim that MEDILENS_ORGANIZATION_CLAIM names. What the
caller may do is not read from the token: the database knows (`shared.database.transaction`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from shared.errors import Forbidden, MediLensError, Unauthenticated
from shared.http.claims import name_of, organization_of, party_of
from shared.http.second_factor import second_factor_age_s
from shared.settings import TokenSettings, load


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
    subject = name_of(claims.get("sub"))
    organization = organization_of(claims, settings.organization_claim)
    if subject is None:
        return None
    actor = _name_of_actor(claims.get("act"))
    return Token(subject, organization or "", session_id=None, actor=actor)


async def _claims(
    encoded: str, settings: TokenSettings, *, must_hold: bool
) -> dict[str, JsonValue]:
    # Cryptography takes a twentieth of a start, and who sends no token never needs it.
    from shared.http.tokens import signed_claims, verified_claims

    return await (verified_claims if must_hold else signed_claims)(encoded, settings)


def _token(claims: Mapping[str, JsonValue], settings: TokenSettings) -> Token:
    if settings.authorized_parties and party_of(claims) not in settings.authorized_parties:
        raise Unauthenticated("The token was made for another application.")
    if claims.get("sts") == "pending":
        raise Forbidden("Finish signing in first.")
    subject = name_of(claims.get("sub"))
    if subject is None:
        raise Unauthenticated("The token names nobody.")
    organization = organization_of(claims, settings.organization_claim)
    if organization is None:
        raise Forbidden("Choose an organization first: the token names none.")
    return Token(
        subject,
        organization,
        session_id=name_of(claims.get("sid")),
        verified_email=name_of(claims.get("email"))
        if claims.get("email_verified") is True
        else None,
        actor=_actor(claims.get("act")),
        second_factor_age_s=second_factor_age_s(claims),
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
    return name_of(act.get("sub")) if isinstance(act, Mapping) else None
