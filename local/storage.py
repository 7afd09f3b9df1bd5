"""A store on the laptop's disk that speaks as much of S3 as the functions use.

Requests are believed as S3 believes them: by a signature over method, address, type, size and hash,
in the query (for whoever uploads) or in a header (for the functions), and for as long as it says.
"""

import re
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from local import storage_parts
from local.signatures import REGION, Refused, verify
from local.storage_parts import NoSuchParts
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
        methods = ["GET", "PUT", "POST", "DELETE"]  # HEAD comes with GET
        return [Route(f"/{BUCKET}/{{key:path}}", self.answer, methods=methods)]

    async def answer(self, request: Request) -> Response:
        key = request.path_params["key"]
        if not KEY.fullmatch(key):
            return PlainTextResponse("no such key", HTTPStatus.NOT_FOUND)
        try:
            verify(request, Signer(self.credentials, REGION, "s3"))
            if request.query_params.keys() & {"uploads", "uploadId"}:
                return await _in_parts(self.folder / key, request)
            return await _whole(self.folder / key, request)
        except Refused as refusal:
            return PlainTextResponse(str(refusal), HTTPStatus.FORBIDDEN)
        except NoSuchParts:
            return PlainTextResponse("NoSuchUpload", HTTPStatus.NOT_FOUND)


async def _whole(place: Path, request: Request) -> Response:
    if request.method == "PUT":
        return await _put(request, place, lambda file, _: file.rename(place))
    return _kept(place, request.method)


def _kept(place: Path, method: str) -> Response:
    if method == "DELETE":
        place.unlink(missing_ok=True)
        return Response(status_code=HTTPStatus.NO_CONTENT)
    if method == "POST":
        return PlainTextResponse("MethodNotAllowed", HTTPStatus.METHOD_NOT_ALLOWED)
    if not place.is_file():
        return PlainTextResponse("no such key", HTTPStatus.NOT_FOUND)
    return FileResponse(place)


async def _in_parts(place: Path, request: Request) -> Response:
    query = request.query_params
    if "uploads" in query:
        return storage_parts.begin(place)
    folder = storage_parts.folder_of(place, query["uploadId"])
    match request.method:
        case "PUT":
            number = query.get("partNumber", "")
            return await _put(request, place, partial(storage_parts.keep, folder, number))
        case "POST":
            body = await request.body()
            return await run_in_threadpool(storage_parts.join, folder, place, body)
        case "DELETE":
            storage_parts.abort(folder)
            return Response(status_code=HTTPStatus.NO_CONTENT)
    return storage_parts.listed(folder)


async def _put(request: Request, place: Path, keep: Callable[[Path, str], object]) -> Response:
    """Keep what comes if it has the hash that was signed; uvicorn has counted its bytes."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = place.with_suffix(f".{secrets.token_hex(8)}")
    try:
        digest = await _write(unfinished, request.stream())
        if b64encode(digest).decode() != request.headers.get("x-amz-checksum-sha256"):
            return PlainTextResponse("BadDigest", HTTPStatus.BAD_REQUEST)
        keep(unfinished, digest.hex())
    except ClientDisconnect:
        pass  # nobody is left to answer
    finally:
        unfinished.unlink(missing_ok=True)
    return Response()


async def _write(place: Path, chunks: AsyncIterator[bytes]) -> bytes:
    digest = sha256()
    with place.open("xb") as file:
        async for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.digest()
