"""The moments that callers send: RFC 3339 with an offset, within the years of living people."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
# Nobody whose record is kept was born earlier (the CHECK of `users.date_of_birth`).
EARLIEST = datetime(1850, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def parse_moment(written: object) -> datetime:
    """Return a moment in UTC; digits alone, a day without time and a time without zone are refused.

    Raises
    ------
    ValueError
    """
    moment = written if isinstance(written, datetime) else _read(written)
    if moment.tzinfo is None:
        raise ValueError("expected a moment with its offset from UTC")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the calendar") from None
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"lies outside the years {EARLIEST.year} to {LATEST.year - 1}")
    return moment


def _read(written: object) -> datetime:
    if not isinstance(written, str) or not RFC_3339.fullmatch(written):
        raise ValueError("expected a moment as RFC 3339 writes it, such as 2024-01-15T09:30:00Z")
    try:
        return datetime.fromisoformat(written.upper())
    except ValueError:
        raise ValueError("there is no such day or time") from None


Moment = Annotated[
    datetime,
    BeforeValidator(parse_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
