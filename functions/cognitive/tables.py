"""Delimited text to rows: the header, and lines that are no rows.

A row that was cut is refused, because what is missing from it is not known.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO

from functions.cognitive.plaintext import (
    MAX_COLUMNS,
    MAX_ROWS,
    Document,
    Line,
    LogMalformed,
    LogTooLarge,
    named_cells,
    plain_name,
)

DELIMITERS = ",;\t"
PREAMBLE_LINES = 5  # E-Merge writes the file's path above the header
END_MARK = re.compile(r"end of (file|data)", re.IGNORECASE)
_COUNT = re.compile(r"\d+(\.0)?")

type _Numbered = tuple[int, list[str]]  # the line a row begins at, and its cells


def table_document(text: str) -> Document:
    """Read a table with a header.

    Raises
    ------
    LogMalformed, LogTooLarge
        For what is no table, holds a cut row or is too large.
    """
    lines = _cells(text)
    above, header = _header(lines)
    if any(name.endswith("_raw") for name in header):
        return _summary(header, lines)
    return _table(above, header, lines)


def _cells(text: str) -> list[_Numbered]:
    """Rows with the number of the line each begins at; blank lines are no rows."""
    try:
        reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        rows: list[_Numbered] = []
        begins = 1
        for cells in reader:
            if cells:
                rows.append((begins, cells))
            if len(rows) > MAX_ROWS + PREAMBLE_LINES:
                raise LogTooLarge(f"The table has more than {MAX_ROWS} rows.")
            begins = reader.line_num + 1
    except csv.Error as error:
        raise LogMalformed("The table cannot be parsed.") from error
    return rows


def _delimiter(text: str) -> str:
    """The delimiter that stands most often in the first line that holds one."""
    first = text.lstrip("\r\n").splitlines()[:PREAMBLE_LINES]
    line = next((line for line in first if any(map(line.count, DELIMITERS))), "")
    return max(DELIMITERS, key=line.count)


def _header(lines: list[_Numbered]) -> tuple[list[Line], list[str]]:
    """Take the header off the lines, and what stands above it."""
    above: list[Line] = []
    most = 0
    for number, cells in lines[:PREAMBLE_LINES]:
        names = [plain_name(name) for name in cells]
        named = sum(map(bool, names))
        most = max(most, named)
        if named > MAX_COLUMNS:
            break
        if named > 1:
            del lines[: len(above) + 1]
            return above, names
        above.append(Line(number, {}, "preamble"))
    raise LogMalformed(f"The table has {most} named columns; expected 2 to {MAX_COLUMNS}.")


def _table(above: list[Line], header: list[str], lines: Sequence[_Numbered]) -> Document:
    if len(lines) > MAX_ROWS:
        raise LogTooLarge(f"The table has more than {MAX_ROWS} rows.")
    unclear: dict[str, str] = {}
    rows = [_line(header, number, cells, unclear) for number, cells in lines]
    return Document([*above, *rows], "CSV", unclear=unclear)


def _line(header: list[str], number: int, cells: list[str], unclear: dict[str, str]) -> Line:
    if len(cells) < len(header) or any(cells[len(header) :]):
        if END_MARK.match("".join(cells).strip()):
            return Line(number, {}, "end-mark")
        raise LogMalformed(
            f"The row in line {number} has {len(cells)} cells where the header has"
            f" {len(header)} columns; a cell that holds the delimiter needs quotes."
        )
    if END_MARK.match(cells[0].strip()) and not any(cells[1:]):
        return Line(number, {}, "end-mark")
    return Line(number, named_cells(zip(header, cells, strict=False), unclear))


def _summary(header: list[str], lines: Sequence[_Numbered]) -> Document:
    """PsychoPy's summary: a row a condition, with the values of all its repetitions.

    `rt_raw` spans as many cells as there are repetitions; `order` says when each was.
    """
    fields = _raw_fields(header)
    order = fields.get("order")
    if order is None:
        raise LogMalformed("The PsychoPy summary has no order column; its trials have no order.")
    trials: list[tuple[float, Line]] = []
    asides: list[Line] = []
    unclear: dict[str, str] = {}
    for number, cells in lines:
        if len(cells) < len(header):  # what PsychoPy knows of the session stands below
            asides.append(Line(number, {}, "preamble"))
            continue
        for i, place in enumerate(order):
            if _COUNT.fullmatch(cells[place].strip()):
                row = named_cells(_repetition(fields, cells, i), unclear)
                trials.append((float(cells[place]), Line(number, row)))
    trials.sort(key=lambda pair: pair[0])
    rows = [line for _, line in trials]
    return Document([*rows, *asides], "summary CSV", unclear=unclear)


def _raw_fields(header: list[str]) -> dict[str, list[int]]:
    """Which cells hold each column; nameless ones go on with the column before them."""
    fields: dict[str, list[int]] = {}
    name = ""
    for place, said in enumerate(header):
        name = said or name
        fields.setdefault(name, []).append(place)
    return {
        name.removesuffix("_raw"): places
        for name, places in fields.items()
        if not name.endswith(("_mean", "_std"))
    }


def _repetition(
    fields: dict[str, list[int]], cells: list[str], i: int
) -> Iterator[tuple[str, str]]:
    """One repetition's cells; a column of the condition has the same for all."""
    for name, places in fields.items():
        if len(places) == 1 or i < len(places):
            yield name, cells[places[min(i, len(places) - 1)]]
