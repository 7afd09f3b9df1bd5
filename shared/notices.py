"""What the database says beside its answers: its notices need no round trip of their own."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

# A row that was written to the outbox.
MESSAGE = "medilens.message "


@dataclass
class Heard:
    """What was said while one request was served."""

    messages: list[UUID] = field(default_factory=list)

    def hear(self, notice: str) -> None:
        _, is_message, key = notice.partition(MESSAGE)
        if is_message:
            self.messages.append(UUID(key))


_heard: ContextVar[Heard | None] = ContextVar("heard", default=None)


def begin_request() -> Heard:
    """Listen from here on."""
    heard = Heard()
    _heard.set(heard)
    return heard


def current() -> Heard | None:
    return _heard.get()
