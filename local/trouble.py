"""What a person at this machine can put right."""

from pathlib import Path


class Trouble(RuntimeError):
    """The message is a sentence for that person; the command prints it and ends with 1."""


class Unwritable(Trouble):
    """A folder or file cannot be written."""

    def __init__(self, place: Path, error: OSError) -> None:
        super().__init__(f"{error.filename or place} cannot be written ({error.strerror}).")
