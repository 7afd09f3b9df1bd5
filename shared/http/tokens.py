"""What a token claims, once its signature and its times hold."""

import time
from typing import Any

import jwt
from pydantic import JsonValue

from shared.errors import Unauthenticated
from shared.http.issuer_keys import MALFORMED, key_for
from shared.settings import TokenSettings

ALGORITHMS = ["RS256", "ES256"]
# `nbf` counts where it is: Auth0, Cognito and Keycloak leave it out.
REQUIRED_CLAIMS = ["exp", "iat", "iss", "sub"]

# The longest life that an identity provider gives an access token is thirty days (Auth0).
LONGEST_LIFE_S = 31 * 24 * 60 * 60
# The longest that a proxy lets through; a token of several thousand brackets is none.
MAX_TOKEN_CHARACTERS = 16_384

# Two clocks are never equal.
LEEWAY_S = 5


async def verified_claims(encoded: str, settings: TokenSettings) -> dict[str, JsonValue]:
    """Return the claims of a token that its issuer signed and that holds now.

    Raises
    ------
    Unauthenticated
    Unavailable
        The issuer's keys cannot be had, so nothing can be verified.
    """
    return _decode(encoded, await _key_for(encoded, settings), settings)


async def signed_claims(encoded: str, settings: TokenSettings) -> dict[str, JsonValue]:
    """Return the claims of a token that its issuer signed, whether or not it still holds.

    Nobody is let in by these; they say who was refused.

    Raises
    ------
    Unauthenticated, Unavailable
    """
    key = await _key_for(encoded, settings)
    try:
        told: dict[str, JsonValue] = jwt.decode(
            encoded,
            key,
            algorithms=ALGORITHMS,
            issuer=_issuers(settings),
            options={
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Unauthenticated("The token does not verify.") from None
    return told


async def _key_for(encoded: str, settings: TokenSettings) -> Any:
    """Read no header of what is longer than any token."""
    if len(encoded) > MAX_TOKEN_CHARACTERS:
        raise Unauthenticated("The token is too long.")
    return await key_for(encoded, settings)


def _issuers(settings: TokenSettings) -> list[str]:
    """The issuer with and without a slash at its end: Auth0 ends its name in one."""
    issuer = settings.token_issuer.rstrip("/")
    return [issuer, f"{issuer}/"]


def _decode(encoded: str, key: Any, settings: TokenSettings) -> dict[str, JsonValue]:
    try:
        claims = jwt.decode(
            encoded,
            key,
            algorithms=ALGORITHMS,
            issuer=_issuers(settings),
            audience=settings.token_audience,
            leeway=LEEWAY_S,
            options={"require": REQUIRED_CLAIMS, "verify_aud": settings.token_audience is not None},
        )
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The token has expired; sign in again.") from None
    except jwt.InvalidIssuerError:
        raise Unauthenticated(
            "The token's issuer (iss) is not the one that MEDILENS_TOKEN_ISSUER names here; both"
            " have to be equal, but for a slash at the end."
        ) from None
    except jwt.InvalidAudienceError:
        raise Unauthenticated(
            "The token's audience (aud) is not the one that MEDILENS_TOKEN_AUDIENCE names here."
        ) from None
    except MALFORMED:
        raise Unauthenticated(
            "The token's signature or its claims are not valid; sign in again."
        ) from None
    if not _is_sane(claims["exp"]):
        raise Unauthenticated("The token would be valid for longer than 31 days.")
    return claims


def _is_sane(expires_at: object) -> bool:
    """Whether a token ends within the time that any is made for; pyjwt saw that it has not yet."""
    return (
        isinstance(expires_at, int | float)
        and not isinstance(expires_at, bool)
        and expires_at <= time.time() + LONGEST_LIFE_S
    )
