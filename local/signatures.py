"""Whether a request carries a signature that holds, as AWS's services ask of each."""

import hmac
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from starlette.requests import Request

from shared.aws.signing import MOMENT, UNSIGNED_PAYLOAD, Signer

REGION = "local"
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=\S+, ?SignedHeaders=(\S+), ?Signature=\S+")
# How old a request of the functions may be.
REQUEST_LIFETIME = timedelta(minutes=15)


class Refused(Exception):
    """The request does not carry a signature that holds."""


def verify(request: Request, signer: Signer) -> None:
    """Sign the request again, and compare.

    Raises
    ------
    Refused
    """
    if "X-Amz-Signature" in request.query_params:
        given, expected, expires_at = _signed_address(request, signer)
    else:
        given, expected, expires_at = _signed_headers(request, signer)
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refused("SignatureDoesNotMatch")
    if expires_at < datetime.now(UTC):
        raise Refused("AccessDenied: the request has expired")


def _signed_address(request: Request, signer: Signer) -> tuple[str, str, datetime]:
    query = request.query_params
    headers = _named(request, query.get("X-Amz-SignedHeaders", ""))
    at = _moment(query.get("X-Amz-Date"))
    with suppress(ValueError, OverflowError):
        expires_s = int(query.get("X-Amz-Expires", ""))
        expires_at = at + timedelta(seconds=expires_s)
        bare = str(request.url).partition("X-Amz-Algorithm")[0].rstrip("?&")
        expected = signer.url(request.method, bare, headers, expires_s, at)
        return str(request.url), expected, expires_at
    raise Refused("AuthorizationQueryParametersError")


def _signed_headers(request: Request, signer: Signer) -> tuple[str, str, datetime]:
    given = request.headers.get("authorization", "")
    told = AUTHORIZATION.fullmatch(given)
    if told is None:
        raise Refused("AccessDenied: not signed")
    headers = _named(request, told[1])
    at = _moment(headers.get("x-amz-date"))
    digest = headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD)
    expected = signer.headers(request.method, str(request.url), headers, digest, at)
    return given, expected["authorization"], at + REQUEST_LIFETIME


def _named(request: Request, names: str) -> Mapping[str, str]:
    """The signed headers, but for the host, which the signer adds itself."""
    return {
        name: request.headers.get(name, "") for name in names.split(";") if name not in {"", "host"}
    }


def _moment(text: str | None) -> datetime:
    try:
        return datetime.strptime(text or "", MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise Refused("AccessDenied: no date") from None
