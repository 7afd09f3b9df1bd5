"""Bytes to rows: JSON and delimited text, read so that no upload can do harm.

A task log is small text. Whatever is too large, too deep, not text, not finite or
ambiguous is refused by name before anything looks at its meaning.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from math import isfinite
from typing import Any, NoReturn

from shared.errors import UnreadableUpload
from shared.recording import RecordingFile

type Row = dict[str, Any]  # column names in lower case; absent means empty

MAX_BYTES = 16 * 2**20  # an hour of trials with their HTML stimuli is below 4 MiB
MAX_ROWS = 20_000
MAX_COLUMNS = 500
MAX_DEPTH = 24  # a log nests trials, rows and lists; nothing honest goes deeper
MAX_DIGITS = 20  # more digits than a time in nanoseconds has
DELIMITERS = ",;\t"
# What R, pandas, JavaScript and Python write for "no value".
EMPTY = frozenset({"", "NA", "N/A", "n/a", "nan", "NaN", "null", "None", "undefined"})
# Where the trials stand when the log is an object and not a list.
TRIAL_KEYS = ("trials", "data", "taskdata", "trialdata")


class LogTooLarge(UnreadableUpload):
    """The file is larger than any task log."""

    code = "task-log-too-large"


class LogNotText(UnreadableUpload):
    """The file is not UTF-8 text."""

    code = "task-log-not-text"


class LogTooDeep(UnreadableUpload):
    """The JSON nests deeper than a log does."""

    code = "task-log-too-deep"


class LogMalformed(UnreadableUpload):
    """The file is neither JSON nor a table."""

    code = "task-log-malformed"


class RepeatedKey(UnreadableUpload):
    """The same name stands twice, so it is not known which value was meant."""

    code = "repeated-key"


class ImpossibleNumber(UnreadableUpload):
    """A number is not finite."""

    code = "impossible-number"

    def __init__(self) -> None:
        super().__init__("The log holds a number that is not finite; every number must be.")


@dataclass(frozen=True)
class Document:
    """The rows of one file, and what it says about the whole session."""

    rows: list[Row]
    kind: str
    head: Row = field(default_factory=dict)


def read_document(file: RecordingFile) -> Document:
    """Read one file as JSON where it begins like JSON, else as a table.

    Raises
    ------
    UnreadableUpload
        A named subclass for everything that is not a log.
    """
    text = _text(file.content)
    if text.lstrip()[:1] in ("{", "["):
        return _json_document(text)
    return Document(_table_rows(text), "CSV")


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise LogTooLarge(f"The log has {len(content)} bytes; a task log has at most {MAX_BYTES}.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LogNotText("The log is not UTF-8 text.") from error
    if "\0" in text:
        raise LogNotText("The log holds NUL characters; text has none.")
    if not text.strip():
        raise LogMalformed("The log is empty; expected trials as JSON or as a table.")
    return text


def _json_document(text: str) -> Document:
    parsed = _parse_json(text)
    head = parsed if isinstance(parsed, dict) else {}
    rows = _trial_list(parsed)
    if len(rows) > MAX_ROWS:
        raise LogTooLarge(f"The log has {len(rows)} rows; at most {MAX_ROWS} are read.")
    return Document([_flat(row) for row in rows], "JSON", _session_of(head))


def _session_of(head: Row) -> Row:
    session = head.get("session")
    return _lower(session) if isinstance(session, dict) else {}


def _trial_list(parsed: Any) -> list[Row]:
    """Find the list of trials: the document itself, or under a name that formats use."""
    if isinstance(parsed, dict):
        found = [parsed[key] for key in TRIAL_KEYS if key in parsed]
        parsed = found[0] if found else None
        if isinstance(parsed, str):  # some servers store the client's JSON as a string
            parsed = _parse_json(parsed)
    if not isinstance(parsed, list) or not all(isinstance(row, dict) for row in parsed):
        raise LogMalformed(
            f"The JSON holds no list of trials; expected a list, or one under {TRIAL_KEYS}."
        )
    return parsed


def _flat(row: Row) -> Row:
    """Lift the row that the Experiment Factory wraps in `trialdata`."""
    inner = row.get("trialdata")
    merged = {**row, **inner} if isinstance(inner, dict) else row
    return _lower(merged)


def _lower(row: Row) -> Row:
    """Lower the names and drop what is empty; the first of two spellings wins."""
    lowered: Row = {}
    for name, value in row.items():
        if value is not None and not (isinstance(value, str) and value.strip() in EMPTY):
            lowered.setdefault(name.strip().lower(), value)
    return lowered


def _parse_json(text: str) -> Any:
    _check_depth(text)
    try:
        parsed = json.loads(
            text,
            object_pairs_hook=_unique_pairs,
            parse_float=_finite,
            parse_int=_small_integer,
            parse_constant=_not_finite,
        )
    except (ValueError, RecursionError) as error:
        raise LogMalformed("The JSON cannot be parsed.") from error
    _check_strings(parsed)
    return parsed


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
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _strings(each)


def _table_rows(text: str) -> list[Row]:
    first_line = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    try:
        lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = _header(next((line for line in lines if any(line)), []))
        return [_table_row(header, line) for line in _limited(lines) if any(line)]
    except csv.Error as error:
        raise LogMalformed("The table cannot be parsed.") from error


def _header(line: list[str]) -> list[str]:
    names = [name.strip().lower() for name in line]
    named = [name for name in names if name]
    if len(set(named)) != len(named):
        raise RepeatedKey("The table names the same column twice.")
    if not 2 <= len(named) <= MAX_COLUMNS:
        raise LogMalformed(
            f"The table has {len(named)} named columns; expected 2 to {MAX_COLUMNS}."
        )
    return names


def _limited(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    for count, line in enumerate(lines):
        if count == MAX_ROWS:
            raise LogTooLarge(f"The table has more than {MAX_ROWS} rows.")
        yield line


def _table_row(header: list[str], line: list[str]) -> Row:
    if len(line) < len(header) or any(line[len(header) :]):
        raise LogMalformed(
            f"A row has {len(line)} cells where the header has {len(header)} columns."
        )
    cells = zip(header, line, strict=False)
    return {name: cell for name, cell in cells if name and cell.strip() not in EMPTY}
