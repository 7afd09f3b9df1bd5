"""What a table of samples in a text file looks like: where it begins, and what its columns are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from functions.cardiology.unreadable import UnknownFormat
from functions.cardiology.voltage import mv_per

_HEAD_LINES = 200
_NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?")
# A time of day, with or without a date (in any order) and an offset from UTC.
_CLOCK = re.compile(
    r"[\[(]?(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[T ])?\d{1,3}:\d\d(?::\d\d)?(?:[.,:]\d+)?[\])]?"
    r"\s?(?:Z|UTC|[+-]\d\d:?(?:\d\d)?)?"
)
MISSING = {"", "nan", "na", "n/a", "null", "none", "-", "--"}
_RATE = re.compile(
    r"(?:sampl\w*[\s_-]*(?:rate|freq\w*)|\bfs(?:_hz)?\b|frequency)\D{0,12}?"
    r"(\d{1,6}(?:[.,]\d{1,6})?)\s*(khz)?",
    re.IGNORECASE,
)
_TIME_NAME = re.compile(
    r"(?:elapsed[ _]?|sample[ _]?|recording[ _]?)?"
    r"(?:time|t|zeit|temps|tiempo|tempo|tid|czas|timestamp|epoch|sec|secs|seconds|date[ _]?time)"
    r"(?:[ _]?(?:stamp|s|ms|us|ns|sec|seconds|utc))?",
    re.IGNORECASE,
)
_COUNTER_NAME = re.compile(
    r"|#|n|no\.?|idx|index|sample ?(?:#|no\.?|number)?|unnamed.*", re.IGNORECASE
)
_UNIT_IN_BRACKETS = re.compile(r"\s*[\[(]\s*([^\])]{1,24}?)\s*[\])]\s*$")
_UNIT_AT_END = re.compile(r"[\s_]+([munµμ]?v|ms|us|ns|s)$", re.IGNORECASE)
SECONDS_PER = {
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "seconds": 1.0,
    "ms": 1e-3,
    "msec": 1e-3,
    "us": 1e-6,
    "\N{GREEK SMALL LETTER MU}s": 1e-6,
    "\N{MICRO SIGN}s": 1e-6,
    "ns": 1e-9,
    "min": 60.0,
}


@dataclass(frozen=True)
class Layout:
    """How a text table is laid out.

    Attributes
    ----------
    delimiter : str or None
        None for blanks.
    first_row : int
        The number of lines before the first row of numbers.
    names, units : tuple of str
        One a column, empty where the file gives none.
    headed : bool
        Whether a line names the columns.
    stated_hz : float or None
        The sampling rate, where a line before the table states one.
    """

    delimiter: str | None
    decimal_comma: bool
    first_row: int
    names: tuple[str, ...]
    units: tuple[str, ...]
    headed: bool
    stated_hz: float | None

    def time_column(self) -> int | None:
        """Position of the column that its name makes a time."""
        named = (k for k, name in enumerate(self.names) if _TIME_NAME.fullmatch(name))
        return next(named, None) if self.headed else None

    def counter_column(self) -> int | None:
        """Position of the first column where its name makes it a running number."""
        counts = self.headed and len(self.names) > 1 and _COUNTER_NAME.fullmatch(self.names[0])
        return 0 if counts else None


def find_layout(text: str) -> Layout:
    """Find the table in a text: its first row of numbers, and the headings right above it.

    Parameters
    ----------
    text : str
        Of which the first 200 lines within 64 KiB are looked at.

    Returns
    -------
    Layout

    Raises
    ------
    UnknownFormat
        If none of them is a row of numbers.
    """
    lines = text[: 1 << 16].split("\n")[:_HEAD_LINES]
    for number, line in enumerate(lines):
        delimiter = _delimiter(line)
        cells = _cells(line, delimiter)
        if _is_row(cells):
            return _layout(lines[:number], delimiter, cells)
    raise UnknownFormat("a text without a row of numbers")


def _layout(before: Sequence[str], delimiter: str | None, cells: Sequence[str]) -> Layout:
    """The layout of a table whose first row these cells are."""
    headings = _headings(before, len(cells), delimiter)
    names, units = _names_and_units(headings, len(cells))
    comma = delimiter != "," and any("," in cell for cell in cells)
    rate = _stated_rate(before)
    return Layout(delimiter, comma, len(before), names, units, bool(headings), rate)


def _delimiter(line: str) -> str | None:
    return next((mark for mark in ";\t," if mark in line), None)


def _cells(line: str, delimiter: str | None) -> list[str]:
    """Split a line into cells without their quotes and blanks."""
    return [cell.strip().strip("\"'").strip() for cell in line.strip().split(delimiter)]


def _is_row(cells: Sequence[str]) -> bool:
    values = [cell for cell in cells if cell.casefold() not in MISSING]
    return bool(values) and all(
        _NUMBER.fullmatch(cell) or _CLOCK.fullmatch(cell) for cell in values
    )


def _headings(before: Sequence[str], width: int, delimiter: str | None) -> list[list[str]]:
    """The one or two lines right above the table that have as many cells as it."""
    headings: list[list[str]] = []
    for line in reversed([line for line in before if line.strip("# \t\r")]):
        cells = _cells(line.lstrip("# "), delimiter)
        if len(cells) != width or _RATE.search(line) or len(headings) == 2:
            break
        headings.insert(0, cells)
    return headings


def _names_and_units(
    headings: Sequence[Sequence[str]], width: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not headings:
        return ("",) * width, ("",) * width
    has_units = len(headings) == 2 and any(_is_unit(cell) for cell in headings[1])
    names, units = [], []
    for k, heading in enumerate(headings[0 if has_units else -1]):
        name, unit = _split_unit(heading)
        names.append(name)
        units.append(headings[1][k] if has_units else unit)
    return tuple(names), tuple(units)


def _is_unit(cell: str) -> bool:
    return mv_per(cell) is not None or cell.casefold() in SECONDS_PER


def _split_unit(heading: str) -> tuple[str, str]:
    """Part "II (mV)", "ecg_uV" and "time_ms" into name and unit."""
    bracket = _UNIT_IN_BRACKETS.search(heading)
    if bracket:
        return heading[: bracket.start()], bracket[1]
    end = _UNIT_AT_END.search(heading)
    return (heading[: end.start()], end[1]) if end else (heading, "")


def _stated_rate(before: Sequence[str]) -> float | None:
    match = next((match for line in before if (match := _RATE.search(line))), None)
    if match is None:
        return None
    return float(match[1].replace(",", ".")) * (1000 if match[2] else 1)
