"""A file as somebody sent it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RecordingFile:
    """One file of a recording; a format such as WFDB has several.

    `name` is what the sender calls it: it may be used to find the files that
    belong together, never as a path, and never stored (it can name a patient).
    """

    name: str = field(repr=False)
    content: bytes = field(repr=False)
