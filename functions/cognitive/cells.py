"""What a cell of a log means, whichever program wrote it."""

import json
import re
from math import isfinite
from typing import Any

from functions.cognitive.plaintext import ImpossibleNumber

_NUMBER = re.compile(r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|inf(inity)?)", re.IGNORECASE)
_TRUE = frozenset(
    {"true", "1", "1.0", "correct", "correctresponse", "right", "hit", "yes", "y", "t"}
)
_FALSE = frozenset(
    {
        *("false", "0", "0.0", "incorrect", "incorrectresponse", "wrong", "no", "n", "f"),
        *("error", "err", "miss", "missed", "omission", "timeout", "too slow", "no response"),
    }
)
# What stands for "no key was pressed".
_NO_RESPONSE = frozenset(
    {
        *("-1", "none", "null", "no response", "noresponse", "no_response", ""),
        *("timeout", "timed out", "too slow", "miss", "missed", "omission"),
    }
)
_SEPARATORS = re.compile(r"[,;|\s]+")


def number(value: Any) -> float | None:
    """A finite number, or None where the cell holds none.

    Raises
    ------
    ImpossibleNumber
        For infinity, also when written as 1e400.
    """
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        value = value.strip()  # `float` strips less than `strip` does
        if not _NUMBER.fullmatch(value):
            return None
    elif not isinstance(value, int | float):
        return None
    try:
        decimal = float(value)
    except OverflowError as error:  # an integer beyond the largest float
        raise ImpossibleNumber from error
    if not isfinite(decimal):
        raise ImpossibleNumber
    return decimal


def truth(value: Any) -> bool | None:
    """A judgment, written as true, "True", 1, 1.0 or "correct"."""
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def label(value: Any) -> str | None:
    """A word of the log; numbers lose their idle decimals, so "37.0" and 37 are the same."""
    if value is None or isinstance(value, list | dict):
        return None
    decimal = number(value) if not isinstance(value, bool) else None
    return f"{decimal:.0f}" if decimal is not None and decimal.is_integer() else str(value).strip()


def is_unread_time(value: Any) -> bool:
    """Whether a cell that should hold a time holds something else."""
    return value is not None and number(value) is None and token(value) is not None


def token(value: Any) -> str | None:
    """A key or an answer; -1 and "none" are no key."""
    word = label(value)
    return None if word is None or word.lower() in _NO_RESPONSE else word


def words(value: Any) -> tuple[str, ...]:
    """A list of items: a JSON list, its text, or items between commas or spaces."""
    if isinstance(value, str):
        value = _listed(value.strip())
    if not isinstance(value, list):
        return ()
    return tuple(word for item in value if (word := token(item)) is not None)


def _listed(text: str) -> list[Any]:
    if text.startswith("["):
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return _SEPARATORS.split(text.strip("[]'\" "))
        return parsed if isinstance(parsed, list) else []
    return _SEPARATORS.split(text) if text else []
