"""Bytes to text, and JSON to rows, read so that no upload can do harm.

A task log is small text. Whatever is too large, too deep, not text or not finite is
refused by name before anything looks at its meaning.
"""

import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import isfinite
from typing import Any, NoReturn

from shared.errors import UnreadableUpload

type Row = dict[str, Any]  # column names in lower case; absent means empty

MAX_BYTES = 16 * 2**20  # an hour of trials with their HTML stimuli is below 4 MiB
MAX_ROWS = 20_000  # own choice: more trials than a day of testing has; bounds the memory
MAX_COLUMNS = 500  # own choice: bounds the memory
MAX_DEPTH = 24  # a log nests trials, rows and lists; nothing honest goes deeper
MAX_DIGITS = 20  # more digits than a time in nanoseconds has
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
# Where the trials stand when the log is an object and not a list.
TRIAL_KEYS = ("trials", "data", "taskdata", "trialdata")


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


def json_document(text: str) -> Document:
    """Read a list of trials, wherever in the document it stands."""
    parsed = _parse_json(text)
    head = parsed if isinstance(parsed, dict) else {}
    rows = _trial_list(parsed)
    if len(rows) > MAX_ROWS:
        raise LogTooLarge(f"The log has {len(rows)} rows; at most {MAX_ROWS} are read.")
    unclear: dict[str, str] = {}
    lines = [Line(i, _flat(row, unclear)) for i, row in enumerate(rows, 1)]
    return Document(lines, "JSON", _session_of(head), unclear=unclear)


def _session_of(head: Row) -> Row:
    session = head.get("session")
    return _lower(session) if isinstance(session, dict) else {}


def _trial_list(parsed: Any) -> list[Row]:
    """Find the list of trials: the document itself, or under a name that formats use."""
    if isinstance(parsed, dict):
        lists = [parsed[key] for key in TRIAL_KEYS if key in parsed]
        parsed = lists[0] if lists else None
        if isinstance(parsed, str):  # some servers store the client's JSON as a string
            parsed = _parse_json(parsed)
    if not isinstance(parsed, list) or not all(isinstance(row, dict) for row in parsed):
        raise LogMalformed(
            f"The JSON holds no list of trials; expected a list, or one under {TRIAL_KEYS}."
        )
    return parsed


def _flat(row: Row, unclear: dict[str, str]) -> Row:
    """Lift the row that the Experiment Factory wraps in `trialdata`."""
    inner = row.get("trialdata")
    merged = {**row, **inner} if isinstance(inner, dict) else row
    return named_cells(merged.items(), unclear)


def _lower(row: Row) -> Row:
    return named_cells(row.items(), {})


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


def _parse_json(text: str) -> Any:
    _check_depth(text)
    lines = text.strip().splitlines()
    try:
        if len(lines) > 1 and all(line.strip().endswith("}") for line in lines):
            parsed = [_loaded(line) for line in lines]  # JSON Lines: an object a line
        else:
            parsed = _loaded(text)
    except (ValueError, RecursionError) as error:
        raise LogMalformed("The JSON cannot be parsed.") from error
    _check_strings(parsed)
    return parsed


def _loaded(text: str) -> Any:
    return json.loads(
        text,
        object_pairs_hook=_unique_pairs,
        parse_float=_finite,
        parse_int=_small_integer,
        parse_constant=_not_finite,
    )


def _check_depth(text: str) -> None:
    """Count brackets outside strings, before a parser recurses into them."""
    depth, quoted, escaped = 0, False, False
    for character in text:
        if quoted:
            quoted = character != '"' or escaped
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise LogTooDeep(f"The JSON nests deeper than {MAX_DEPTH} levels.")
        elif character in "]}":
            depth -= 1


def _unique_pairs(pairs: list[tuple[str, Any]]) -> Row:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise RepeatedKey("An object of the JSON holds the same name twice.")
    if len(row) > MAX_COLUMNS:
        raise LogTooLarge(f"A row has {len(row)} values; at most {MAX_COLUMNS} are read.")
    return row


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ImpossibleNumber
    return value


def _small_integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ImpossibleNumber
    return int(text)


def _not_finite(_: str) -> NoReturn:
    raise ImpossibleNumber


def _check_strings(value: Any) -> None:
    """Refuse characters that no database stores: NUL and halves of surrogate pairs."""
    for text in _strings(value):
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise LogNotText("The log holds characters that are not text.")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _strings(part)
