"""Events as a table for a spreadsheet, or as a line of JSON each."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from functions.audit.schemas import EventRead

# A spreadsheet takes a cell that begins so for a formula (CWE-1236).
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(events: Sequence[EventRead]) -> str:
    """Return the events as CSV (RFC 4180) with a header."""
    told = io.StringIO()
    columns = list(EventRead.model_fields)
    writer = csv.writer(told)
    writer.writerow(columns)
    for event in events:
        row = event.model_dump(mode="json")
        writer.writerow([_cell(row[column]) for column in columns])
    return told.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def ndjson_of(lines: Iterable[object]) -> str:
    """Return a line of JSON each, with a break at the end of every line."""
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def query(asked: Mapping[str, object]) -> str:
    return urlencode({name: str(value) for name, value in asked.items()})
