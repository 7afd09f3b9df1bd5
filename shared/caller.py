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
    # Who acts as `subject`, where the identity provider lets somebody do that.
    actor: str | None = None
    # The permissions that a service key is narrowed to; None for a person.
    scopes: tuple[str, ...] | None = None
    # The key itself, whose scopes the database asks for.
    key_id: UUID | None = None


@dataclass(frozen=True)
class KeyHolder:
    """For whom a service key stands, and what it is narrowed to."""

    key_id: UUID
    subject: str
    organization: str
    scopes: tuple[str, ...]
    networks: tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """A record that a request names: its table, and its id."""

    type: str
    id: UUID
