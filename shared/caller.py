"""Who asks: what the verified token and the request tell of the caller."""

from dataclasses import dataclass
from uuid import UUID


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
