"""What the first bytes of a file say it is, against what its sender says."""

import re
from collections.abc import Mapping
from types import MappingProxyType

# The part of a file that tells its kind: DICOM names itself after a preamble of 128 bytes.
HEAD_BYTES = 4096

_TEXT = rb"[\t\n\f\r -\xff]*"
_MARK = rb"(?:\xef\xbb\xbf)?\s*"

# Samples alone, such as WFDB's signal files, have no mark of their own.
ANY_TYPE = "application/octet-stream"

# The parts of a WFDB record, the only format whose files are told apart by their names.
KEPT_SUFFIXES = (".hea", ".dat", ".mat", ".xyz")

# The types that a pipeline may read, and how their files begin.
KINDS: Mapping[str, re.Pattern[bytes]] = MappingProxyType(
    {
        name: re.compile(pattern, re.DOTALL)
        for name, pattern in {
            # The preamble may hold anything, a program too; that is no recording.
            "application/dicom": rb"(?!MZ|\x7fELF|#!).{128}DICM",
            "application/edf": rb"0 {7}",
            "application/json": _MARK + rb"[\[{]" + _TEXT,
            "application/xml": _MARK + rb"<" + _TEXT,
            "audio/aac": rb"\xff[\xf0-\xf9]",
            "audio/flac": rb"fLaC",
            "audio/mp4": rb".{4}ftyp",
            "audio/mpeg": rb"ID3|\xff[\xe2-\xfb]",
            "audio/ogg": rb"OggS",
            "audio/wav": rb"(?:RIFF|RF64).{4}WAVE",
            "audio/webm": rb"\x1a\x45\xdf\xa3",
            "image/jpeg": rb"\xff\xd8\xff",
            "image/png": rb"\x89PNG\r\n\x1a\n",
            "image/tiff": rb"II\*\0|MM\0\*|II\+\0|MM\0\+",
            "image/webp": rb"RIFF.{4}WEBP",
            "text/csv": rb"(?:\xff\xfe|\xfe\xff|" + _TEXT + rb"\Z)",
            "text/plain": rb"(?:\xff\xfe|\xfe\xff|" + _TEXT + rb"\Z)",
            ANY_TYPE: rb"",
        }.items()
    }
)


def looks_like(content_type: str, head: bytes) -> bool:
    """Whether a file that begins with `head` can be of `content_type`, one of `KINDS`."""
    return bool(head) and KINDS[content_type].match(head) is not None
