"""Tokens as nobody should make them, and what becomes of them."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest

from local.issuer import Issuer
from shared.errors import MediLensError
from shared.http.auth import verify

ORGANIZATION = "org_clinic"


def claims_of(issuer: Issuer, **changed: Any) -> dict[str, Any]:
    """The claims of a good token with some changed; None takes one away."""
    good = jwt.decode(issuer.issue("user_ada", ORGANIZATION), options={"verify_signature": False})
    return {name: value for name, value in (good | changed).items() if value is not None}


def forged(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """Build a token by hand, as no library would."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header, claims)
    ]
    signature = hmac.new(key, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


async def code_of(token: str) -> str:
    with pytest.raises(MediLensError) as refusal:
        await verify(f"Bearer {token}")
    return refusal.value.code


async def subject_of(token: str) -> str:
    return (await verify(f"Bearer {token}")).subject


ONE_DAY_S = 24 * 60 * 60


def now(seconds: float = 0) -> int:
    return int(time.time() + seconds)
