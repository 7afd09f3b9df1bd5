"""What the database says beside its answers: its notices need no round trip of their own."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import UUID

# A row that was written to the outbox.
MESSAGE = "medilens.message "
# To whoever reaches people by assignment: what they have open in an emergency, or that they may.
BREAK_GLASS = "medilens.break_glass "
BREAK_GLASS_HEADER = "medilens-break-glass"
OFFERED = "offered"


@dataclass
class Heard:
    """What was said while one request was served."""

    messages: list[UUID] = field(default_factory=list)
    break_glass: str | None = None

    def hear(self, notice: str) -> None:
        _, is_message, key = notice.partition(MESSAGE)
        if is_message:
            self.messages.append(UUID(key))
        _, is_break_glass, told = notice.partition(BREAK_GLASS)
        if is_break_glass:
            self.break_glass = told

    def headers(self, status: HTTPStatus) -> dict[str, str]:
        """What is open is told with every answer; that it may be opened, where nobody is found."""
        is_told = self.break_glass and (
            self.break_glass != OFFERED or status == HTTPStatus.NOT_FOUND
        )
        return {BREAK_GLASS_HEADER: self.break_glass} if self.break_glass and is_told else {}


_heard: ContextVar[Heard | None] = ContextVar("heard", default=None)


def begin_request() -> Heard:
    """Listen from here on."""
    heard = Heard()
    _heard.set(heard)
    return heard


def current() -> Heard | None:
    return _heard.get()
