"""E-Prime's text log: one `name: value` a line, between marks of header and frames."""

import re

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
        if mark[2] == "Start":
            frame, begins = [], number
            continue
        cells = _cells(frame or [], unclear if mark[1] == "LogFrame" else {})
        frame = None
        if mark[1] == "Header":
            head = cells
        else:
            lines.append(Line(begins, cells))
    if frame is not None:
        raise LogMalformed("The E-Prime log ends within a frame.")
    if len(lines) > MAX_ROWS:
        raise LogTooLarge(f"The log has {len(lines)} frames; at most {MAX_ROWS} are read.")
    return Document(lines, "text log", head, unclear=unclear)


def _cells(frame: list[tuple[str, str]], unclear: dict[str, str]) -> Row:
    if len(frame) > MAX_COLUMNS:
        raise LogTooLarge(f"A frame has {len(frame)} values; at most {MAX_COLUMNS} are read.")
    return named_cells(frame, unclear)
