"""Where the next page begins comes back as it was written; anything else is refused."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.fhir.examinations.queries import Place
from functions.fhir.paging import Matches, read, told, written
from shared.http.cursor import InvalidCursor

KEY = UUID("0190f3c4-0000-7000-8000-000000000001")
MOMENT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def word(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


class TestPlace:
    @given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)), st.uuids(), st.integers(0))  # noqa: DTZ001  # made aware below
    def test_comes_back(self, moment: datetime, key: UUID, skipped: int) -> None:
        place = Place(moment.replace(tzinfo=UTC), key, skipped)
        more = Matches([], place).more
        assert more is not None
        assert read(written(more)) == place

    def test_last_page_has_no_next(self) -> None:
        assert Matches([], None).more is None

    def test_first_page_has_no_place(self) -> None:
        assert read(None) is None

    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "no base 64 !",
            word("no JSON"),
            word("{}"),
            word('"text"'),
            word("[]"),
            word(f'["{MOMENT.isoformat()}", "{KEY}"]'),
            word(f'["yesterday", "{KEY}", 0]'),
            word(f'["{MOMENT.isoformat()}", "4711", 0]'),
            word(f'["{MOMENT.isoformat()}", "{KEY}", "many"]'),
            word(f'[1, "{KEY}", 0]'),
            word(f'["{MOMENT.isoformat()}", 1, 0]'),
            word(f'["{MOMENT.isoformat()}", "{KEY}", null]'),
            word("[" * 100_000),
        ],
    )
    def test_what_is_no_place(self, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            read(cursor)

    @given(st.text(max_size=40))
    def test_any_words_are_a_list_or_refused(self, cursor: str) -> None:
        try:
            place = told(cursor)
        except InvalidCursor:
            return
        assert isinstance(place, list)
