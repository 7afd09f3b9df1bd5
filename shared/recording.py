"""A file as somebody sent it."""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256


@dataclass(frozen=True)
class RecordingFile:
    """One file of a recording; a format such as WFDB has several.

    `name` is what the sender calls it: it may be used to find the files that
    belong together, never as a path, and never stored (it can name a patient).
    Of a file that came through storage, its suffix is all that is left.
    """

    name: str = field(repr=False)
    content: bytes = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()
