"""The text that callers send: no control characters, nothing that no database stores."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

# Control characters and halves of surrogate pairs.
UNPRINTABLE = {"Cc", "Cs"}
LINE_BREAKS = frozenset("\t\n\r")

# Whether anybody reads it, only a mail can tell.
EMAIL = r"^[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+$"


def is_line(text: str) -> bool:
    """Whether a text is one line of characters."""
    return not any(unicodedata.category(character) in UNPRINTABLE for character in text)


def printable(text: str) -> str:
    """Return the text with a blank for each such character, where it is not ours to refuse."""
    return "".join(
        " " if unicodedata.category(character) in UNPRINTABLE else character for character in text
    )


def _line(text: str) -> str:
    if not is_line(text):
        raise ValueError("holds control characters")
    return text


def _prose(text: str) -> str:
    _line("".join(character for character in text if character not in LINE_BREAKS))
    return text


# One line, such as an idempotency key; several, such as a note.
Line = Annotated[str, AfterValidator(_line)]
Prose = Annotated[str, AfterValidator(_prose)]
