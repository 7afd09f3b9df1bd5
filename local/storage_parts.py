"""Parts of objects that are not joined yet, on the laptop's disk.

Parts of one object lie in a folder beside it, which has the name that S3 calls an upload id. A
part's name is its number and its hash.
"""

import re
import secrets
import shutil
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from starlette.responses import PlainTextResponse, Response

TOGETHER = re.compile(r"[0-9a-f]{32}")
# S3 joins no smaller ones, but for the last.
LEAST_BYTES = 5 * 1024**2


class NoSuchParts(LookupError):
    """No object has parts under that name, or not any more."""


def begin(place: Path) -> Response:
    """Expect the parts of an object."""
    together = secrets.token_hex(16)
    _folder(place, together).mkdir(mode=0o700, parents=True)
    return _answer("InitiateMultipartUploadResult", {"UploadId": together})


def folder_of(place: Path, together: str) -> Path:
    """
    Raises
    ------
    NoSuchParts
    """
    folder = _folder(place, together)
    if not TOGETHER.fullmatch(together) or not folder.is_dir():
        raise NoSuchParts(together)
    return folder


def keep(folder: Path, number: str, file: Path, sha256: str) -> None:
    """Keep a part in place of the one that was sent under its number before."""
    for former in folder.glob(f"{int(number):05}-*"):
        former.unlink()
    file.rename(folder / f"{int(number):05}-{sha256}")


def listed(folder: Path) -> Response:
    parts = [
        {
            "PartNumber": str(number),
            "ETag": f'"{sha256}"',
            "Size": str(path.stat().st_size),
            "ChecksumSHA256": b64encode(bytes.fromhex(sha256)).decode(),
        }
        for number, sha256, path in _parts(folder)
    ]
    return _answer("ListPartsResult", {}, parts)


def join(folder: Path, place: Path, named: bytes) -> Response:
    """Make one object of the parts that a request names, in its order."""
    there = {(number, f'"{sha256}"'): path for number, sha256, path in _parts(folder)}
    keys = [
        (int(part.findtext("PartNumber", "")), part.findtext("ETag", ""))
        for part in ET.XML(named).iterfind("Part")
    ]
    if not keys or keys != sorted(keys) or not there.keys() >= set(keys):
        return PlainTextResponse("InvalidPart", HTTPStatus.BAD_REQUEST)
    if any(there[key].stat().st_size < LEAST_BYTES for key in keys[:-1]):
        return PlainTextResponse("EntityTooSmall", HTTPStatus.BAD_REQUEST)
    joined = folder / "joined"
    with joined.open("wb") as file:
        for key in keys:
            with there[key].open("rb") as part:
                shutil.copyfileobj(part, file)
    joined.rename(place)
    abort(folder)
    return _answer("CompleteMultipartUploadResult", {})


def abort(folder: Path) -> None:
    shutil.rmtree(folder)


def _folder(place: Path, together: str) -> Path:
    return place.with_name(f"{place.name}.{together}")


def _parts(folder: Path) -> Iterator[tuple[int, str, Path]]:
    for path in sorted(folder.glob("[0-9]*-*")):
        number, _, sha256 = path.name.partition("-")
        yield int(number), sha256, path


def _answer(name: str, told: dict[str, str], parts: list[dict[str, str]] | None = None) -> Response:
    root = ET.Element(name, xmlns="http://s3.amazonaws.com/doc/2006-03-01/")
    for key, value in told.items():
        ET.SubElement(root, key).text = value
    for part in parts or []:
        element = ET.SubElement(root, "Part")
        for key, value in part.items():
            ET.SubElement(element, key).text = value
    return Response(ET.tostring(root), media_type="application/xml")
