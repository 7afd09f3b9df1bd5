"""Bytes to text and the rows of a document, read so that no upload can do harm.

A task log is small text. Whatever is too large, too deep, not text or not finite is
refused by name before anything looks at its meaning.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from shared.errors import UnreadableUpload

type Row = dict[str, Any]  # column names in lower case; absent means empty

MAX_BYTES = 16 * 2**20  # an hour of trials with their HTML stimuli is below 4 MiB
MAX_ROWS = 20_000  # own choice: more trials than a day of testing has; bounds the memory
MAX_COLUMNS = 500  # own choice: bounds the memory
# What R, pandas, JavaScript, Python, E-Prime and PsychoPy write for "no value".
EMPTY = frozenset({"", "NA", "N/A", "n/a", "nan", "NaN", "null", "NULL", "None", "undefined", "--"})
# How files begin that are no text, and what to do with them.
BINARIES = {
    b"PK\x03\x04": "a spreadsheet or archive; export the sheet as CSV",
    b"\x1f\x8b": "compressed; unpack it",
    b"\xd0\xcf\x11\xe0": "an E-Prime edat or an old spreadsheet; export it as text",
    b"\x80": "a pickle such as PsychoPy's psydat; send the CSV beside it",
    b"$FL2": "an SPSS file; export it as CSV",
    b"SQLite": "a database; export it as CSV",
}
# Characters of 8-bit text that no program writes into a table.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


class LogTooLarge(UnreadableUpload):
    """The file is larger than any task log."""

    code = "recording-too-large"


class LogNotText(UnreadableUpload):
    """The file is no text in UTF-8, UTF-16 or Latin-1."""

    code = "unknown-format"


class LogTooDeep(UnreadableUpload):
    """The JSON nests deeper than a log does."""

    code = "malformed-recording"


class LogMalformed(UnreadableUpload):
    """The file is neither JSON nor a table."""

    code = "malformed-recording"


class RepeatedKey(UnreadableUpload):
    """The same name stands twice, so it is not known which value was meant."""

    code = "malformed-recording"


class ImpossibleNumber(UnreadableUpload):
    """A number is not finite."""

    code = "impossible-number"

    def __init__(self) -> None:
        super().__init__("The log holds a number that is not finite; every number must be.")


@dataclass(frozen=True)
class Line:
    """One row of a file.

    Attributes
    ----------
    number : int
        The line it begins at in a table or text log, its place in the list of a JSON.
    aside : str or None
        A code of `rows.TEXTS` where the line is no row of data, such as a preamble.
    """

    number: int
    cells: Row
    aside: str | None = None


@dataclass(frozen=True)
class Document:
    """The rows of one file, and what it says about the whole session.

    Attributes
    ----------
    unclear : dict
        Columns whose cells have two meanings, with what is unclear in words.
    decimal_commas : tuple of str
        Columns whose commas were read as decimal points.
    """

    lines: list[Line]
    kind: str
    head: Row = field(default_factory=dict)
    encoding: str = "utf-8"
    unclear: dict[str, str] = field(default_factory=dict)
    decimal_commas: tuple[str, ...] = ()

    @property
    def rows(self) -> list[Row]:
        return [line.cells for line in self.lines]


def decoded_text(content: bytes) -> tuple[str, str]:
    """Text of a file, and the encoding that it was read in."""
    if len(content) > MAX_BYTES:
        raise LogTooLarge(f"The log has {len(content)} bytes; a task log has at most {MAX_BYTES}.")
    for begin, what in BINARIES.items():
        if content.startswith(begin):
            raise LogNotText(f"The log is {what}.")
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise LogNotText("The log is not text in UTF-8, UTF-16 or Latin-1.") from error
    if "\0" in text or (encoding == "cp1252" and _CONTROL.search(text)):
        raise LogNotText("The log holds control characters; text has none.")
    if not text.strip():
        raise LogMalformed("The log is empty; expected trials as JSON or as a table.")
    return text, encoding.removesuffix("-sig")


def _encoding(content: bytes) -> str:
    """Which encoding the bytes are written in; Latin-1 is read as its superset cp1252."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    head = content[:200]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 1 and head[start::2].count(0) > len(head) / 4:
            return encoding
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def plain_name(name: str) -> str:
    """A column's name as it is looked up: in lower case, spaces as underscores."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def named_cells(cells: Iterable[tuple[str, Any]], unclear: dict[str, str]) -> Row:
    """Put cells under plain names and drop what is empty.

    Where a name stands twice (also as "RT" and "rt"), equal cells are one; cells that
    differ are kept as "rt" and "rt#2", and the name is marked as unclear.
    """
    row: Row = {}
    for name, value in cells:
        if value is None or (isinstance(value, str) and value.strip() in EMPTY):
            continue
        plain = plain_name(name)
        if not plain:
            continue
        if row.setdefault(plain, value) != value:
            unclear[plain] = "stands twice with different cells"
            row[next(key for i in count(2) if (key := f"{plain}#{i}") not in row)] = value
    return row
