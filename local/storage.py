"""A store on the laptop's disk that speaks as much of S3 as the functions use.

Requests are believed as S3 believes them: by a signature over method, address, type, size and hash,
in the query (for whoever uploads) or in a header (for the functions), and for as long as it says.
"""

import re
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from local.signatures import REGION, Refused, verify
from shared.aws.signing import Credentials, Signer
from shared.settings import Environment, ServiceSettings

BUCKET = "recordings"
# An organization's id, and a file's; or of an export, and the file's number there.
KEY = re.compile(r"[0-9a-f-]{36}/[0-9a-f-]{36}|exports/[0-9a-f-]{36}/[0-9a-f-]{36}/[0-9]{1,7}")


class NotDevelopment(RuntimeError):
    """The local store was asked for where people's recordings are."""


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
        if ServiceSettings.read().environment is not Environment.DEVELOPMENT:
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
            verify(request, Signer(self.credentials, REGION, "s3"))
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

    async def _put(self, place: Path, request: Request) -> Response:
        """Keep what comes if it has the hash that was signed; uvicorn has counted its bytes."""
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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
