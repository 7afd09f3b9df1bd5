"""The keys that tokens are verified with: one of the settings, or the issuer's own."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import JsonValue

from shared.errors import Unauthenticated, Unavailable
from shared.settings import TokenSettings

# An unknown key identifier asks the issuer at most this often, whoever sends how many of them.
REFETCH_AFTER_S = 60
FETCH_TIMEOUT_S = 5
MAX_KEY_SET_BYTES = 1_000_000

# What a token or a key set that breaks the rules makes its readers raise.
MALFORMED = (jwt.PyJWTError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)


async def key_for(encoded: str, settings: TokenSettings) -> Any:
    """Return the one key of the settings, or the issuer's key that the token's header names.

    Raises
    ------
    Unauthenticated
    Unavailable
        The issuer's keys cannot be had.
    """
    if settings.token_public_key:
        return _public_key(settings.token_public_key.get_secret_value())
    try:
        identifier = jwt.get_unverified_header(encoded).get("kid")
    except MALFORMED:
        raise Unauthenticated("The token is malformed.") from None
    if not isinstance(identifier, str):
        raise Unauthenticated("The token does not say which key signed it.")
    url = settings.token_jwks_url or f"{settings.token_issuer.rstrip('/')}/.well-known/jwks.json"
    return await _key_set(url).key(identifier)


@cache
def _public_key(pem: str) -> Any:
    """Parsing it again for each token costs as much as verifying one."""
    return load_pem_public_key(pem.replace("\\n", "\n").encode())


@dataclass
class KeySet:
    """The issuer's public keys by identifier, fetched when an unknown one appears."""

    url: str
    keys: dict[str, Any] = field(default_factory=dict)
    # When a fetch last ended, and the failure that it ended with if no key was had before.
    fetched_at: float = float("-inf")
    failure: Exception | None = None
    _fetching: asyncio.Task[None] | None = None

    async def key(self, identifier: str) -> Any:
        if identifier not in self.keys and self._is_due():
            # One fetch for all who wait for it; whoever leaves does not end it for the others.
            if self._fetching is None or _is_over(self._fetching):
                self._fetching = asyncio.create_task(self._fetch())
            await asyncio.shield(self._fetching)
        if identifier in self.keys:
            return self.keys[identifier]
        if not self.keys:
            raise Unavailable("The identity provider's keys cannot be fetched.") from self.failure
        raise Unauthenticated("The token is signed with a key that its issuer does not know.")

    def _is_due(self) -> bool:
        """While there is no key at all, whoever comes next asks again."""
        return not self.keys or time.monotonic() - self.fetched_at >= REFETCH_AFTER_S

    async def _fetch(self) -> None:
        """Take up the issuer's keys; those at hand serve on where none can be had."""
        try:
            self.keys = _public_keys(await asyncio.to_thread(_fetch, self.url))
            self.failure = None
        except (OSError, HTTPException, *MALFORMED) as failure:
            self.failure = failure
        self.fetched_at = time.monotonic()


def _is_over(fetching: asyncio.Task[None]) -> bool:
    """Whether nobody waits for it, or who did was of a loop that has ended (Lambda)."""
    return fetching.done() or fetching.get_loop() is not asyncio.get_running_loop()


def _public_keys(document: dict[str, JsonValue]) -> dict[str, Any]:
    """Return the keys for signatures by their names; Keycloak publishes one for encryption too."""
    listed = jwt.PyJWKSet.from_dict(document).keys
    keys = {key.key_id: key.key for key in listed if key.key_id and key.public_key_use != "enc"}
    if not keys:
        raise ValueError("no key for signatures has a name")
    return keys


def _fetch(url: str) -> dict[str, JsonValue]:
    request = UrlRequest(url, headers={"Accept": "application/json"})  # noqa: S310  # from settings
    try:
        with urlopen(request, timeout=FETCH_TIMEOUT_S) as answer:  # noqa: S310  # from settings
            document = json.loads(answer.read(MAX_KEY_SET_BYTES))
    except HTTPError as refusal:
        refusal.close()
        raise
    if not isinstance(document, dict):
        raise TypeError("not a key set")
    return document


@cache
def _key_set(url: str) -> KeySet:
    return KeySet(url)
