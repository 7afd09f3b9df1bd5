"""From a bearer token to the caller it names; nothing here is believed unverified.

Tokens are those of Clerk sessions (claims version 1 and 2) or of any OpenID Connect issuer that
names the organization in `org_id`. What the caller may do is not read from the token: the
database knows (`shared.database.transaction`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.caller import plain
from shared.errors import Forbidden, MediLensError, Unauthenticated
from shared.settings import TokenSettings, load


@dataclass(frozen=True)
class Token:
    """What a verified token says."""

    subject: str
    organization: str
    session_id: str | None


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
    # Cryptography takes a twentieth of a start, and who sends no token never needs it.
    from shared.http.tokens import verified_claims

    settings = load(TokenSettings)
    return _token(await verified_claims(encoded, settings), settings)


async def refused(authorization: str | None) -> Token | None:
    """Say whom a token names that was refused, where at least its issuer has signed it."""
    from shared.http.tokens import signed_claims

    encoded = (authorization or "").partition(" ")[2]
    try:
        claims = await signed_claims(encoded, load(TokenSettings))
    except MediLensError:
        return None
    subject, organization = claims.get("sub"), _organization(claims) or ""
    if not (isinstance(subject, str) and plain(subject) == subject):
        return None
    return Token(subject, plain(organization) or "", session_id=None)


def _token(claims: Mapping[str, Any], settings: TokenSettings) -> Token:
    if settings.authorized_parties and claims.get("azp") not in settings.authorized_parties:
        raise Unauthenticated("The token was made for another application.")
    if claims.get("sts") == "pending":
        raise Forbidden("Finish signing in first.")
    organization = _organization(claims)
    if organization is None:
        raise Forbidden("Choose an organization first: the token names none.")
    session_id = claims.get("sid")
    return Token(
        subject=str(claims["sub"]),
        organization=organization,
        session_id=session_id if isinstance(session_id, str) else None,
    )


def _organization(claims: Mapping[str, Any]) -> str | None:
    """Clerk's version 2 nests it; version 1 and other issuers do not."""
    nested = claims.get("o")
    found = nested.get("id") if isinstance(nested, Mapping) else claims.get("org_id")
    return found if isinstance(found, str) and found else None
