"""Which page of a list a caller asks for, where it begins, and where the next one does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.caller import Caller
from shared.http import cursor as cursors


class Placed(Protocol):
    """A row or an item of a list that is in the order of its times, and of its keys within."""

    @property
    def created_at(self) -> datetime: ...

    @property
    def id(self) -> object: ...


@dataclass(frozen=True)
class Paging:
    """At most `limit` rows of a caller's list, after the place that the cursor names."""

    caller: Caller
    # A dataclass: what the list is narrowed to. A cursor is of one list alone.
    filters: object
    limit: int
    cursor: str | None

    @property
    def most(self) -> int:
        """How many rows to read: one more than the page holds, as `page_of` asks for."""
        return self.limit + 1

    def place[Key](self, key: Callable[[str], Key]) -> tuple[datetime, Key] | None:
        """Return the time and the key after which the page begins; None for the first page.

        Raises
        ------
        InvalidCursor
        """
        if self.cursor is None:
            return None
        moment, written = cursors.decode(self.cursor, self.caller, self.filters)
        return moment, key(written)

    def page[Item: Placed](self, rows: Sequence[Item]) -> tuple[list[Item], str | None]:
        """Return the rows of the page, and the cursor of the next page where there is one."""
        page, last = page_of(rows, self.limit)
        if last is None:
            return page, None
        return page, cursors.encode(last.created_at, last.id, self.caller, self.filters)


def page_of[Item](rows: Sequence[Item], limit: int) -> tuple[list[Item], Item | None]:
    """Return the first `limit` rows, and the last of these where there are more rows.

    A query reads one row more than its page holds: that row tells of a next page.
    """
    page = list(rows[:limit])
    return page, page[-1] if len(rows) > limit else None
