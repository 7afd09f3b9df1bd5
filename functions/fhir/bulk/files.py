"""Files of NDJSON, compressed as they are written: memory holds no more than a slice makes."""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from functions.fhir.resources.elements import Resource

# An answer of Lambda holds 4.4 MB of bytes; a reader may ask for a file unpacked.
MAX_RAW_BYTES = 4_000_000
GZIP_BITS = 16 + zlib.MAX_WBITS
FAST = 3  # of zlib's levels: a tenth larger than its default, in a third of the time


@dataclass(frozen=True)
class Listed:
    """What is known of a file that was stored; `is_deletion` where it names what is gone."""

    type: str
    count: int
    size_bytes: int
    sha256: str
    is_deletion: bool = False
    # Of the object; None of one from before objects had numbers, which has its place in the list.
    number: int | None = None

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Listed":
        return cls(**told)

    @property
    def told(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class File:
    """A finished file, packed."""

    type: str
    count: int
    content: bytes
    is_deletion: bool

    @cached_property
    def listed(self) -> Listed:
        digest = sha256(self.content).hexdigest()
        return Listed(self.type, self.count, len(self.content), digest, self.is_deletion)


class _Writer:
    """One file that is being written."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(FAST, zlib.DEFLATED, GZIP_BITS)
        self._packed = bytearray()
        self.count = self.raw_bytes = 0

    def add(self, line: bytes) -> None:
        self._packed += self._packer.compress(line)
        self.count += 1
        self.raw_bytes += len(line)

    def closed(self) -> bytes:
        return bytes(self._packed + self._packer.flush())


class Files:
    """The files of a slice: for each type as many as its resources fill."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, bool], _Writer] = {}
        self._closed: list[File] = []
        self.raw_bytes = 0

    def add(self, resources: Iterable[Resource], *, is_deletion: bool = False) -> None:
        for resource in resources:
            line = json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            key = resource["resourceType"], is_deletion
            writer = self._open.setdefault(key, _Writer())
            if writer.count and writer.raw_bytes + len(line) > MAX_RAW_BYTES:
                self._close(key)
                writer = self._open.setdefault(key, _Writer())
            writer.add(line)
            self.raw_bytes += len(line)

    def _close(self, key: tuple[str, bool]) -> None:
        writer = self._open.pop(key)
        kind, is_deletion = key
        self._closed.append(File(kind, writer.count, writer.closed(), is_deletion))

    def closed(self) -> Iterator[File]:
        """Yield every file, finished."""
        for key in list(self._open):
            self._close(key)
        yield from self._closed
