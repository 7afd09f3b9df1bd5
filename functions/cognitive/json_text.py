"""JSON to rows, read so that no upload can do harm."""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any, NoReturn

from functions.cognitive.plaintext import (
    MAX_COLUMNS,
    MAX_ROWS,
    Document,
    ImpossibleNumber,
    Line,
    LogMalformed,
    LogNotText,
    LogTooDeep,
    LogTooLarge,
    RepeatedKey,
    Row,
    named_cells,
)

MAX_DEPTH = 24  # a log nests trials, rows and lists; nothing honest goes deeper
MAX_DIGITS = 20  # more digits than a time in nanoseconds has

# Where the trials stand when the log is an object and not a list.
TRIAL_KEYS = ("trials", "data", "taskdata", "trialdata")


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
