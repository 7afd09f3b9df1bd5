"""When a voice was recorded, as its file says: broadcast WAVE and the MP4 of telephones."""

import re
import struct
from datetime import UTC, datetime, timedelta

from shared.recording import RecordingFile

# EBU Tech 3285: after description, originator and reference stand a day and a time.
BROADCAST, ORIGINATION_AT, ORIGINATION_BYTES = b"bext", 8 + 320, 18
ORIGINATION = re.compile(rb"(\d{4})\D(\d\d)\D(\d\d)(\d\d)\D(\d\d)\D(\d\d)")
HEAD_BYTES = 65_536
# ISO 14496-12, 8.2.2: seconds of UTC since 1904 in the movie's header, in 4 bytes or 8.
MOVIE = b"mvhd"
MOVIE_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)


def recording_time(files: tuple[RecordingFile, ...]) -> datetime | None:
    """Return when the first file was recorded, without a zone where it names none."""
    content = files[0].content
    if content.startswith(b"RIFF"):
        return _broadcast(content)
    return _movie(content) if content[4:8] == b"ftyp" else None


def _broadcast(content: bytes) -> datetime | None:
    if (at := content.find(BROADCAST, 0, HEAD_BYTES)) < 0:
        return None
    start = at + ORIGINATION_AT
    written = ORIGINATION.fullmatch(content[start : start + ORIGINATION_BYTES])
    numbers = [int(digits) for digits in written.groups()] if written else []
    return datetime(*numbers) if any(numbers) else None  # type: ignore[arg-type]  # noqa: DTZ001


def _movie(content: bytes) -> datetime | None:
    if (at := content.find(MOVIE)) < 0:
        return None
    version = content[at + 4]
    (seconds,) = struct.unpack_from(">Q" if version else ">I", content, at + 8)
    return MOVIE_EPOCH + timedelta(seconds=seconds) if seconds else None
