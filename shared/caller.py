"""Who asks: what the verified token and the request tell of the caller."""

import re
from dataclasses import dataclass
from uuid import UUID

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def plain(text: str | None, longest: int = 256) -> str | None:
    """Return what a caller says of itself, fit for a log: no control character, no end."""
    return CONTROL_CHARACTERS.sub("?", text[:longest]) if text else None


@dataclass(frozen=True)
class Caller:
    """Who asks, as the verified token and the request tell it."""

    subject: str
    organization: str
    request_id: str
    session_id: str | None = None
    ip: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True)
class Resource:
    """A record that a request names: its table, and its id."""

    type: str
    id: UUID
