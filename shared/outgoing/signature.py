"""Signatures of Standard Webhooks: HMAC-SHA256 over id, time and body."""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"  # noqa: S105  # of any secret
SECRET_BYTES = 32


def new_secret() -> str:
    return SECRET_PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix(SECRET_PREFIX))
    return b64encode(hmac.digest(key, signed, "sha256")).decode()


def signed_headers(key: str, sent_at: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the headers of one delivery, with a signature by each secret that is good now."""
    signed = f"{key}.{sent_at}.".encode() + body
    signatures = " ".join(f"v1,{signature(secret, signed)}" for secret in secrets)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": signatures,
    }
