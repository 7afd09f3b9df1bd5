"""A zip that is being written: on disk beyond what one answer holds, never whole in memory."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from shutil import disk_usage
from tempfile import SpooledTemporaryFile, gettempdir
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

# What every platform lets out in one answer.
ANSWER_BYTES = 4_000_000


@dataclass
class Archive:
    """Takes files until it has `most_bytes`, or the monotonic clock says `until_s`."""

    file: SpooledTemporaryFile[bytes]
    archive: ZipFile
    most_bytes: int
    until_s: float
    left_out: list[dict[str, Any]] = field(default_factory=list)
    altered: list[dict[str, Any]] = field(default_factory=list)
    _is_refusing: bool = False

    @property
    def size_bytes(self) -> int:
        return self.file.tell()

    @property
    def is_full(self) -> bool:
        """Whether the archive takes no more; an empty one takes something, however late it is."""
        is_over = time.monotonic() >= self.until_s or self.size_bytes >= self.most_bytes
        return self._is_refusing or (is_over and self.size_bytes > 0)

    def takes(self, size_bytes: int) -> bool:
        """Whether there is room for a file; one larger than every archive has its own."""
        is_empty = self.size_bytes == 0
        self._is_refusing = not is_empty and self.size_bytes + size_bytes > self.most_bytes
        return not self._is_refusing

    def has_disk_for(self, size_bytes: int) -> bool:
        """Whether the disk takes a file of this size; the settings allow larger ones than some."""
        return size_bytes <= disk_usage(gettempdir()).free

    def add(self, files: Iterable[tuple[str, bytes]]) -> None:
        for name, content in files:
            self.archive.writestr(name, content)

    def add_recording(self, name: str, chunks: Iterator[bytes]) -> str:
        """Add a file as it comes, and as it is: recordings have been compressed, or are noise.

        Returns its SHA-256.

        Raises
        ------
        NotThere, Unavailable
        """
        first = next(chunks, b"")
        digest = sha256(first)
        entry = ZipInfo(name)
        entry.compress_type = ZIP_STORED
        with self.archive.open(entry, "w") as file:
            file.write(first)
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()

    def finish(self, name: str, manifest: Mapping[str, Any]) -> None:
        """Add what tells of the archive itself; from now on it is read."""
        recordings = {"recordings_left_out": self.left_out, "recordings_altered": self.altered}
        told = {**manifest, **recordings}
        self.archive.writestr(name, json.dumps(told, default=str, indent=1))
        self.archive.close()

    @property
    def digest(self) -> str:
        self.file.seek(0)
        return file_digest(self.file, "sha256").hexdigest()

    def read(self) -> bytes:
        self.file.seek(0)
        return self.file.read()


@contextmanager
def opened(most_bytes: int, lasts_s: float) -> Iterator[Archive]:
    """Open an archive whose file is gone at the end."""
    with SpooledTemporaryFile(ANSWER_BYTES) as file, ZipFile(file, "w", ZIP_DEFLATED) as archive:
        yield Archive(file, archive, most_bytes, time.monotonic() + lasts_s)
