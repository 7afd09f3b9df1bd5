"""A store on the laptop's disk that speaks as much of S3 as the functions use.

Requests are believed as S3 believes them: by a signature over method, address, type, size and hash,
in the query (for whoever uploads) or in a header (for the functions), and for as long as it says.
"""

import hmac
import re
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from shared.settings import Environment, ServiceSettings
from shared.signing import MOMENT, UNSIGNED_PAYLOAD, Credentials, Signer

BUCKET = "recordings"
REGION = "local"
# An organization's id, and a file's.
KEY = re.compile(r"[0-9a-f-]{36}/[0-9a-f-]{36}")
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=\S+, ?SignedHeaders=(\S+), ?Signature=\S+")
# How old a request of the functions may be, as with S3.
REQUEST_LIFETIME = timedelta(minutes=15)


class NotDevelopment(RuntimeError):
    """The local store was asked for where people's recordings are."""


class Refused(Exception):
    """The request does not carry a signature that holds."""


@dataclass(frozen=True)
class DiskStore:
    """One folder, and the one key that signs for it."""

    folder: Path
    credentials: Credentials

    @classmethod
    def open(cls, folder: Path, credentials: Credentials) -> "DiskStore":
        """
        Raises
        ------
        NotDevelopment
        """
        if ServiceSettings().environment is not Environment.DEVELOPMENT:
            raise NotDevelopment("The local store runs only with MEDILENS_ENVIRONMENT=development.")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(folder, credentials)

    def routes(self) -> list[Route]:
        return [Route(f"/{BUCKET}/{{key:path}}", self.answer, methods=["GET", "PUT", "DELETE"])]

    async def answer(self, request: Request) -> Response:
        key = request.path_params["key"]
        if not KEY.fullmatch(key):
            return PlainTextResponse("no such key", HTTPStatus.NOT_FOUND)
        try:
            self._verify(request)
            match request.method:
                case "PUT":
                    return await self._put(self.folder / key, request)
                case "DELETE":
                    (self.folder / key).unlink(missing_ok=True)
                    return Response(status_code=HTTPStatus.NO_CONTENT)
        except Refused as refusal:
            return PlainTextResponse(str(refusal), HTTPStatus.FORBIDDEN)
        if not (self.folder / key).is_file():
            return PlainTextResponse("no such key", HTTPStatus.NOT_FOUND)
        return FileResponse(self.folder / key)

    def _verify(self, request: Request) -> None:
        """Sign the request again, and compare."""
        if "X-Amz-Signature" in request.query_params:
            given, expected, expires_at = self._signed_address(request)
        else:
            given, expected, expires_at = self._signed_headers(request)
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise Refused("SignatureDoesNotMatch")
        if expires_at < datetime.now(UTC):
            raise Refused("AccessDenied: the request has expired")

    def _signed_address(self, request: Request) -> tuple[str, str, datetime]:
        query = request.query_params
        headers = _named(request, query.get("X-Amz-SignedHeaders", ""))
        at = _moment(query.get("X-Amz-Date"))
        with suppress(ValueError, OverflowError):
            expires_s = int(query.get("X-Amz-Expires", ""))
            expires_at = at + timedelta(seconds=expires_s)
            bare = str(request.url).partition("?")[0]
            expected = self._signer().url(request.method, bare, headers, expires_s, at)
            return str(request.url), expected, expires_at
        raise Refused("AuthorizationQueryParametersError")

    def _signed_headers(self, request: Request) -> tuple[str, str, datetime]:
        given = request.headers.get("authorization", "")
        told = AUTHORIZATION.fullmatch(given)
        if told is None:
            raise Refused("AccessDenied: not signed")
        headers = _named(request, told[1])
        at = _moment(headers.get("x-amz-date"))
        digest = headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD)
        expected = self._signer().headers(request.method, str(request.url), headers, digest, at)
        return given, expected["authorization"], at + REQUEST_LIFETIME

    def _signer(self) -> Signer:
        return Signer(self.credentials, REGION, "s3")

    async def _put(self, place: Path, request: Request) -> Response:
        """Keep what comes if it has the hash that was signed; uvicorn has counted its bytes."""
        place.parent.mkdir(mode=0o700, exist_ok=True)
        unfinished = place.with_suffix(f".{secrets.token_hex(8)}")
        try:
            digest = await _write(unfinished, request.stream())
            if digest != request.headers.get("x-amz-checksum-sha256"):
                return PlainTextResponse("BadDigest", HTTPStatus.BAD_REQUEST)
            unfinished.rename(place)
        except ClientDisconnect:
            pass  # nobody is left to answer
        finally:
            unfinished.unlink(missing_ok=True)
        return Response()


async def _write(place: Path, chunks: AsyncIterator[bytes]) -> str:
    digest = sha256()
    with place.open("xb") as file:
        async for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return b64encode(digest.digest()).decode()


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
