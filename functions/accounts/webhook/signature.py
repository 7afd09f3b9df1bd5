"""Signed deliveries as Standard Webhooks and Svix make them: the raw body, or nothing at all."""

import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from shared.errors import MediLensError
from shared.outgoing.signature import signature

TOLERANCE_S = 5 * 60
# Seconds since 1970, whose number of digits no clock outgrows; longer ones no float holds.
SECONDS = re.compile(r"[0-9]{1,12}")
# The names of the headers: the standard's, and those that Svix, and so Clerk, still sends.
PREFIXES = ("webhook", "svix")


class SignatureRefused(MediLensError):
    """The delivery bears no signature of the identity provider, or one that is not recent."""

    status = HTTPStatus.BAD_REQUEST
    code = "signature-refused"
    title = "Not signed by the identity provider"

    def __init__(self) -> None:
        super().__init__(
            "The delivery's signature or its time is not right. Check the secret of the endpoint"
            " and both clocks."
        )


@dataclass(frozen=True)
class Delivery:
    """What was delivered, when, and under which id; the same id again is the same delivery."""

    id: str
    sent_at: datetime
    body: bytes


def verified(headers: Mapping[str, str], body: bytes, secrets: str) -> Delivery:
    """Return a delivery that one of the secrets, separated by blanks, has signed just now.

    Raises
    ------
    SignatureRefused
    """
    key, sent_at, signatures = _sent(headers)
    if not SECONDS.fullmatch(sent_at) or abs(time.time() - int(sent_at)) > TOLERANCE_S:
        raise SignatureRefused
    signed = f"{key}.{sent_at}.".encode() + body
    given = [word.removeprefix("v1,") for word in signatures.split() if word.startswith("v1,")]
    expected = [signature(secret, signed) for secret in secrets.split()]
    if not any(
        hmac.compare_digest(word.encode(), right.encode()) for word in given for right in expected
    ):
        raise SignatureRefused
    return Delivery(key, datetime.fromtimestamp(int(sent_at), UTC), body)


def _sent(headers: Mapping[str, str]) -> tuple[str, str, str]:
    """Id, time and signatures under the first names that are sent; empty where none is."""
    for prefix in PREFIXES:
        if key := headers.get(f"{prefix}-id"):
            sent_at, signatures = f"{prefix}-timestamp", f"{prefix}-signature"
            return key, headers.get(sent_at, ""), headers.get(signatures, "")
    return "", "", ""
