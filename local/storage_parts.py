"""Parts of objects that are not joined yet, on the laptop's disk.

Parts of one object lie in a folder beside it, which has the name that S3 calls an upload id. A
part's name is its number and its hash.
"""

import re
import secrets
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path

from starlette.responses import PlainTextResponse, Response

from local.storage_answers import answer, listed_parts

TOGETHER = re.compile(r"[0-9a-f]{32}")
# S3 joins no smaller ones, but for the last.
LEAST_BYTES = 5 * 1024**2


class NoSuchParts(LookupError):
    """No object has parts under that name, or not any more."""


def begin(place: Path) -> Response:
    """Expect the parts of an object, under a name that nobody can guess."""
    together = secrets.token_hex(16)
    _folder(place, together).mkdir(mode=0o700, parents=True)
    return answer("InitiateMultipartUploadResult", UploadId=together)


def folder_of(place: Path, together: str) -> Path:
    """Find the folder of the parts of an object.

    Raises
    ------
    NoSuchParts
        If `together` is no such name, was joined or was aborted.
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
    return listed_parts(
        (number, sha256, path.stat().st_size) for number, sha256, path in _parts(folder)
    )


def join(folder: Path, place: Path, named: bytes) -> Response:
    """Make one object of the parts that a request names, in its order; the others are thrown away.

    Answers 400 as S3 does: `InvalidPart` for a part that is not there or out of order,
    `EntityTooSmall` where any but the last is below `LEAST_BYTES`.
    """
    parts = _named(folder, ET.XML(named))
    if not parts:
        return PlainTextResponse("InvalidPart", HTTPStatus.BAD_REQUEST)
    if any(part.stat().st_size < LEAST_BYTES for part in parts[:-1]):
        return PlainTextResponse("EntityTooSmall", HTTPStatus.BAD_REQUEST)
    _copy(parts, folder / "joined").rename(place)
    abort(folder)
    return answer("CompleteMultipartUploadResult")


def _named(folder: Path, root: ET.Element) -> Sequence[Path]:
    """Return the parts that are named; none where one is not there, or they are out of order."""
    there = {(number, f'"{sha256}"'): path for number, sha256, path in _parts(folder)}
    keys = [
        (int(part.findtext("PartNumber", "")), part.findtext("ETag", ""))
        for part in root.iterfind("Part")
    ]
    is_whole = keys == sorted(keys) and there.keys() >= set(keys)
    return [there[key] for key in keys] if is_whole else []


def _copy(parts: Sequence[Path], joined: Path) -> Path:
    with joined.open("wb") as file:
        for path in parts:
            with path.open("rb") as part:
                shutil.copyfileobj(part, file)
    return joined


def abort(folder: Path) -> None:
    """Throw away what came so far; an object that was there before stays."""
    shutil.rmtree(folder)


def _folder(place: Path, together: str) -> Path:
    return place.with_name(f"{place.name}.{together}")


def _parts(folder: Path) -> Iterator[tuple[int, str, Path]]:
    for path in sorted(folder.glob("[0-9]*-*")):
        number, _, sha256 = path.name.partition("-")
        yield int(number), sha256, path
