"""Which files of a folder belong together as one recording."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.trouble import Trouble
from shared.recording import RecordingFile

HEADER = ".hea"
# Annotations and notes that lie beside recordings.
BESIDE = {".atr", ".txt", ".md", ".xyz", ".ecg", ".qrs", ".html", ".pdf"}


@dataclass(frozen=True)
class Recording:
    """The files of one recording, under the name to show for it."""

    name: str
    paths: tuple[Path, ...]

    def read(self) -> tuple[RecordingFile, ...]:
        """Return what the files hold.

        Raises
        ------
        Unreadable
        """
        return tuple(RecordingFile(path.name, _read(path)) for path in self.paths)


def recordings(paths: Sequence[Path]) -> Iterator[Recording]:
    """Yield each recording among `paths`.

    A WFDB header brings the signal files that lie beside it under its name; a folder is searched
    whole, and what it holds is named by its path there.

    Raises
    ------
    NoRecordings, Unreadable
    """
    names: dict[Path, str] = {}
    for path in paths:
        held = dict(_named(path))
        if not held:
            raise NoRecordings(path)
        names |= held
    taken: set[Path] = set()
    for path in sorted(names):
        if path.suffix == HEADER:
            group = (path, *_signals(path))
            taken.update(group)
            yield Recording(names[path].removesuffix(HEADER), group)
    for path in sorted(names.keys() - taken):
        yield Recording(names[path], (path,))


def _named(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that a path stands for, with their names."""
    if not path.is_dir():
        yield path, path.name
        return
    for place in path.rglob("*"):
        beside = place.suffix in BESIDE or place.name.startswith(".")
        if place.is_file() and not beside:
            yield place, str(place.relative_to(path))


def _signals(header: Path) -> list[Path]:
    """The signal files that the header names, as far as they are there."""
    lines = _read(header).decode(errors="replace").splitlines()
    words = {line.split()[0] for line in lines if line.strip()}
    return [path for path in sorted(header.parent.iterdir()) if path.name in words]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read ({error.strerror}).") from error


class NoRecordings(Trouble):
    """A folder holds nothing that could be a recording."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is no recording in {folder}. Files that begin with a dot and those that end in"
            f" {', '.join(sorted(BESIDE))} are taken for notes; name such a file itself."
        )


class Unreadable(Trouble):
    """A file cannot be read."""
