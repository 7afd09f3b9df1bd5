"""E-Prime's text log: one `name: value` a line, between marks of header and frames."""

import re
from collections.abc import Iterator

from functions.cognitive.plaintext import (
    MAX_COLUMNS,
    MAX_ROWS,
    Document,
    Line,
    LogMalformed,
    LogTooLarge,
    Row,
    named_cells,
)

MARK = re.compile(r"\*\*\* (Header|LogFrame) (Start|End) \*\*\*")


def is_frame_log(text: str) -> bool:
    return MARK.search(text[:10_000]) is not None


def frame_document(text: str) -> Document:
    """Read every frame as a row; the header is the head.

    Raises
    ------
    LogMalformed
        If the log ends within a frame, or frames lie in each other.
    """
    head: Row = {}
    lines: list[Line] = []
    unclear: dict[str, str] = {}
    for kind, begins, values in _frames(text):
        if kind == "Header":
            head = _cells(values, {})
        else:
            lines.append(Line(begins, _cells(values, unclear)))
    if len(lines) > MAX_ROWS:
        raise LogTooLarge(f"The log has {len(lines)} frames; at most {MAX_ROWS} are read.")
    return Document(lines, "text log", head, unclear=unclear)


def _frames(text: str) -> Iterator[tuple[str, int, list[tuple[str, str]]]]:
    """The kind of every frame, the line it begins at, and its values by name."""
    frame: list[tuple[str, str]] | None = None
    begins = 0
    for number, raw in enumerate(text.splitlines(), 1):
        mark = MARK.fullmatch(raw.strip())
        if mark is None:
            name, colon, value = raw.partition(":")
            if frame is not None and colon:
                frame.append((name, value.strip()))
            continue
        if (mark[2] == "Start") is (frame is not None):
            raise LogMalformed(f"The E-Prime log has a frame that does not end, at line {number}.")
        if frame is not None:
            yield mark[1], begins, frame
        frame, begins = ([], number) if frame is None else (None, begins)
    if frame is not None:
        raise LogMalformed("The E-Prime log ends within a frame.")


def _cells(frame: list[tuple[str, str]], unclear: dict[str, str]) -> Row:
    if len(frame) > MAX_COLUMNS:
        raise LogTooLarge(f"A frame has {len(frame)} values; at most {MAX_COLUMNS} are read.")
    return named_cells(frame, unclear)
