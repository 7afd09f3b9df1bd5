"""Signed requests to AWS, and to what speaks as it does.

MediLens asks little of it: an object put, whole or in parts, got or deleted, a message sent. Those
are HTTPS requests under a signature, so no client library is shipped (decision 0008). All of this
waits for the network: call it in a thread.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import file_digest, sha256
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead
from ssl import SSLContext, create_default_context
from tempfile import SpooledTemporaryFile
from typing import Any, cast
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from shared.aws.signing import Credentials, Signer
from shared.errors import Unavailable
from shared.settings import AwsSettings, load

NETWORK_TIMEOUT_S = 20
# A put, a get and a send do no harm when they are done twice.
RETRY_DELAYS_S = (0.05, 0.4)
# Credentials of a role are fetched again while they still have this long to live.
RENEW_BEFORE = timedelta(minutes=5)


type Body = bytes | SpooledTemporaryFile[bytes]


class NotThere(LookupError):
    """What was asked for does not exist."""


class RequestRefused(Unavailable):
    """The store, the queue, the keys or the secret refuse a request of the deployment's."""

    code = "request-refused"

    def __init__(self, status: int) -> None:
        super().__init__(
            f"What this deployment stores in, or sends to, refused its request with {status}. Its"
            " operator looks at the rights of the function's role, or of its access key."
        )


class CredentialsMissing(Unavailable):
    """The deployment has no credentials for the store, the queue and the keys that it names."""

    code = "credentials-missing"

    def __init__(self) -> None:
        super().__init__(
            "This deployment has no credentials of AWS. Set MEDILENS_AWS_ACCESS_KEY_ID and"
            " MEDILENS_AWS_SECRET_ACCESS_KEY, or give the function a role."
        )


def signer(service: str) -> Signer:
    """Return what signs for a service.

    Raises
    ------
    CredentialsMissing, Unavailable
    """
    return Signer(_credentials(), load(AwsSettings).aws_region, service)


def call(
    service: str, method: str, url: str, headers: Mapping[str, str], body: Body = b""
) -> HTTPResponse:
    """Send a signed request and return its answer, which the caller closes.

    A file is read anew for each try, and sent whole, wherever its position is.

    Raises
    ------
    NotThere, RequestRefused, Unavailable
    """
    for delay_s in (*RETRY_DELAYS_S, None):
        digest, length = _measured(body)
        signed = signer(service).headers(method, url, headers, digest, datetime.now(UTC))
        sent = signed | length
        request = Request(url, body or None, sent, method=method)  # noqa: S310  # from settings
        try:
            return _open(request)
        except (OSError, HTTPException) as failure:
            _give_up_or_wait(failure, delay_s)
    raise AssertionError("the last try raises")


@contextmanager
def answered(
    service: str, method: str, url: str, headers: Mapping[str, str], body: Body = b""
) -> Iterator[HTTPResponse]:
    """Send a signed request and have its answer read to the end.

    Raises
    ------
    NotThere, RequestRefused
    Unavailable
        The answer breaks off, too: read in pieces, it ends early without a word.
    """
    with call(service, method, url, headers, body) as answer:
        try:
            yield answer
            if answer.length:
                raise IncompleteRead(b"", answer.length)
        except (OSError, HTTPException) as failure:
            raise Unavailable(
                "The connection was closed before the answer was complete. Try again."
            ) from failure


def _measured(body: Body) -> tuple[str, dict[str, str]]:
    """Return a body's hash, and of a file the header that says how long it is."""
    if isinstance(body, bytes):
        return sha256(body).hexdigest(), {}
    body.seek(0)
    digest = file_digest(body, "sha256").hexdigest()
    length = body.tell()
    body.seek(0)
    return digest, {"content-length": str(length)}


def _give_up_or_wait(failure: Exception, delay_s: float | None) -> None:
    if isinstance(failure, HTTPError):
        failure.close()
        if failure.code == HTTPStatus.NOT_FOUND:
            raise NotThere from None
        if failure.code < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RequestRefused(failure.code) from failure  # the same the next time
    if delay_s is None:
        raise Unavailable("The storage or the queue does not answer. Try again.") from failure
    time.sleep(delay_s)


def _open(request: Request) -> HTTPResponse:
    context = _tls_context() if request.type == "https" else None
    answer = urlopen(request, timeout=NETWORK_TIMEOUT_S, context=context)  # noqa: S310  # as above
    return cast("HTTPResponse", answer)


@cache
def _tls_context() -> SSLContext:
    return create_default_context()


def _credentials() -> Credentials:
    """Those of the settings, or else those that the platform lends to the function's role."""
    own = load(AwsSettings)
    if own.aws_access_key_id and own.aws_secret_access_key:
        return Credentials(own.aws_access_key_id, own.aws_secret_access_key.get_secret_value())
    try:
        if "AWS_CONTAINER_CREDENTIALS_FULL_URI" in os.environ:
            return _lent_credentials()
        return Credentials(
            os.environ["AWS_ACCESS_KEY_ID"],
            os.environ["AWS_SECRET_ACCESS_KEY"],
            os.environ.get("AWS_SESSION_TOKEN"),
        )
    except KeyError:
        raise CredentialsMissing from None
    except (OSError, HTTPException) as failure:
        raise Unavailable("The platform lends no credentials. Try again.") from failure


_lent: dict[str, tuple[datetime, Credentials]] = {}


def _lent_credentials() -> Credentials:
    """A sandbox that starts from a snapshot asks for its credentials instead of inheriting them."""
    url = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    known = _lent.get(url)
    if known is None or known[0] - datetime.now(UTC) < RENEW_BEFORE:
        token = os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        with _open(Request(url, headers={"Authorization": token})) as answer:  # noqa: S310
            told: dict[str, Any] = json.load(answer)
        known = (
            datetime.fromisoformat(told["Expiration"]),
            Credentials(told["AccessKeyId"], told["SecretAccessKey"], told["Token"]),
        )
        _lent[url] = known
    return known[1]
