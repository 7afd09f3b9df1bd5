"""Which files of a folder belong together as one recording."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.recording import RecordingFile

HEADER = ".hea"
# Annotations and notes that lie beside recordings.
BESIDE = {".atr", ".txt", ".md", ".xyz", ".ecg", ".qrs", ".html", ".pdf"}


def recordings(paths: Sequence[Path]) -> Iterator[tuple[str, tuple[RecordingFile, ...]]]:
    """Yield each recording among `paths` with the name to show for it.

    A WFDB header brings the signal files that lie beside it under its name; a folder is searched
    whole.
    """
    files = sorted(_files(paths))
    headers = [path for path in files if path.suffix == HEADER]
    taken: set[Path] = set()
    for header in headers:
        group = [header, *_signals(header)]
        taken.update(group)
        yield header.stem, tuple(map(_read, group))
    for path in files:
        if path not in taken:
            yield path.name, (_read(path),)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (one for one in path.rglob("*") if one.is_file() and not _is_beside(one))
        else:
            yield path


def _is_beside(path: Path) -> bool:
    return path.suffix in BESIDE or path.name.startswith(".")


def _signals(header: Path) -> list[Path]:
    """The signal files that the header names, as far as they are there."""
    words = {line.split()[0] for line in header.read_text(errors="replace").splitlines() if line}
    return [path for path in sorted(header.parent.iterdir()) if path.name in words]


def _read(path: Path) -> RecordingFile:
    return RecordingFile(path.name, path.read_bytes())
