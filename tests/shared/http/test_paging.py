"""Pages of a list: where they end and where they go on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.caller import Caller
from shared.http.paging import Paging, page_of
from shared.identifiers import uuid7

MORNING = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    created_at: datetime
    id: UUID


@dataclass(frozen=True)
class Filters:
    pipeline: str | None = None


ROWS = [Row(MORNING - timedelta(minutes=number), uuid7()) for number in range(5)]
CALLER = Caller("dr-a", "org_a", "request-a")


def read(paging: Paging) -> list[Row]:
    """What a query returns: rows beyond the place, one more than a page holds."""
    place = paging.place(UUID)
    beyond = [row for row in ROWS if place is None or (row.created_at, row.id) < place]
    return beyond[: paging.most]


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6])
def test_pages_hold_every_row_once(limit: int) -> None:
    cursor, rows = None, []
    for _ in range(len(ROWS)):
        paging = Paging(CALLER, Filters(), limit, cursor)
        page, cursor = paging.page(read(paging))
        assert 1 <= len(page) <= limit
        rows += page
        if cursor is None:
            break
    assert rows == ROWS
    assert cursor is None


def test_a_list_of_nothing_has_no_next_page() -> None:
    assert Paging(CALLER, Filters(), 2, None).page([]) == ([], None)


def test_row_beyond_a_page_is_not_its_last() -> None:
    assert page_of([1, 2, 3], 2) == ([1, 2], 2)
    assert page_of([1, 2], 2) == ([1, 2], None)
