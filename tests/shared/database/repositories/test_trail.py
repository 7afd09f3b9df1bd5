"""A question about the trail, as JSON says it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.database.repositories.trail import asked_of

AT, KEY = datetime(2026, 11, 27, 9, 30, 0, 123456, UTC), UUID(int=7)


def test_filters_that_nobody_set_are_left_out() -> None:
    assert asked_of(50, None, action=None, outcome="denied") == {"outcome": "denied", "most": 50}


def test_a_page_goes_on_where_the_one_before_ended() -> None:
    assert asked_of(50, (AT, 12)) == {
        "before_at": "2026-11-27T09:30:00.123456+00:00",
        "before_id": "12",
        "most": 50,
    }


@pytest.mark.parametrize(
    ("value", "told"), [(KEY, str(KEY)), (AT, AT.isoformat()), (0, "0"), (False, "False")]
)
def test_ids_and_times_are_text(value: object, told: str) -> None:
    assert asked_of(1, None, asked=value) == {"asked": told, "most": 1}
