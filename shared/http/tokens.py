"""What a token claims, once its signature and its times hold; and the issuer's keys for that."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from shared.errors import Unauthenticated, Unavailable
from shared.settings import TokenSettings

ALGORITHMS = ["RS256", "ES256"]
REQUIRED_CLAIMS = ["exp", "iat", "nbf", "iss", "sub"]

# Two clocks are never equal.
LEEWAY_S = 5

# An unknown key identifier asks the issuer at most this often, whoever sends how many of them.
REFETCH_AFTER_S = 60
FETCH_TIMEOUT_S = 5
MAX_KEY_SET_BYTES = 1_000_000


async def verified_claims(encoded: str, settings: TokenSettings) -> dict[str, Any]:
    """Return the claims of a token that its issuer signed and that holds now.

    Raises
    ------
    Unauthenticated
    Unavailable
        The issuer's keys cannot be had, so nothing can be verified.
    """
    return _decode(encoded, await _key_for(encoded, settings), settings)


async def signed_claims(encoded: str, settings: TokenSettings) -> dict[str, Any]:
    """Return the claims of a token that its issuer signed, whether or not it still holds.

    Nobody is let in by these; they say who was refused.

    Raises
    ------
    Unauthenticated, Unavailable
    """
    key = await _key_for(encoded, settings)
    try:
        told: dict[str, Any] = jwt.decode(
            encoded,
            key,
            algorithms=ALGORITHMS,
            issuer=settings.token_issuer,
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


def _decode(encoded: str, key: Any, settings: TokenSettings) -> dict[str, Any]:
    try:
        return jwt.decode(
            encoded,
            key,
            algorithms=ALGORITHMS,
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            leeway=LEEWAY_S,
            options={"require": REQUIRED_CLAIMS, "verify_aud": settings.token_audience is not None},
        )
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The token has expired; sign in again.") from None
    except jwt.InvalidIssuerError:
        raise Unauthenticated(
            "The token's issuer (iss) is not the one that MEDILENS_TOKEN_ISSUER names here; both"
            " have to be equal, to the last slash."
        ) from None
    except jwt.InvalidAudienceError:
        raise Unauthenticated(
            "The token's audience (aud) is not the one that MEDILENS_TOKEN_AUDIENCE names here."
        ) from None
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Unauthenticated(
            "The token's signature or its claims are not valid; sign in again."
        ) from None


@dataclass
class KeySet:
    """The issuer's public keys by identifier, fetched when an unknown one appears."""

    url: str
    keys: dict[str, Any] = field(default_factory=dict)
    fetched_at: float = float("-inf")
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def key(self, identifier: str) -> Any:
        if identifier not in self.keys:
            async with self._fetching:
                await self._fetch_if_due(identifier)
        if identifier not in self.keys:
            raise Unauthenticated("The token is signed with a key that its issuer does not know.")
        return self.keys[identifier]

    async def _fetch_if_due(self, identifier: str) -> None:
        if identifier in self.keys or time.monotonic() - self.fetched_at < REFETCH_AFTER_S:
            return
        self.fetched_at = time.monotonic()
        try:
            document = await asyncio.to_thread(_fetch, self.url)
            fetched = {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(document).keys}
        except (OSError, ValueError, TypeError, jwt.PyJWTError) as failure:
            if self.keys:
                return  # the keys at hand still serve; the unknown one stays unknown
            self.fetched_at = float("-inf")
            raise Unavailable("The identity provider's keys cannot be fetched.") from failure
        self.keys = {identifier: key for identifier, key in fetched.items() if identifier}


def _fetch(url: str) -> dict[str, Any]:
    request = UrlRequest(url, headers={"Accept": "application/json"})  # noqa: S310  # from settings
    with urlopen(request, timeout=FETCH_TIMEOUT_S) as answer:  # noqa: S310  # from settings
        document = json.loads(answer.read(MAX_KEY_SET_BYTES))
    if not isinstance(document, dict):
        raise TypeError("not a key set")
    return document


@cache
def _key_set(url: str) -> KeySet:
    return KeySet(url)


async def _key_for(encoded: str, settings: TokenSettings) -> Any:
    """The one key of the settings, or the issuer's key that the token's header names."""
    if settings.token_public_key:
        return _public_key(settings.token_public_key.get_secret_value())
    try:
        identifier = jwt.get_unverified_header(encoded).get("kid")
    except (jwt.PyJWTError, ValueError):
        raise Unauthenticated("The token is malformed.") from None
    if not isinstance(identifier, str):
        raise Unauthenticated("The token does not say which key signed it.")
    url = settings.token_jwks_url or f"{settings.token_issuer.rstrip('/')}/.well-known/jwks.json"
    return await _key_set(url).key(identifier)


@cache
def _public_key(pem: str) -> Any:
    """Parsing it again for each token costs as much as verifying one."""
    return load_pem_public_key(pem.replace("\\n", "\n").encode())
