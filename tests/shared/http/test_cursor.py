"""Cursors name a place of one list of one caller, and cannot be made up."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.caller import Caller
from shared.http import cursor
from shared.http.cursor import InvalidCursor
from tests.conftest import Configure

MORNING = datetime(2026, 1, 5, 8, 0, 0, 123456, tzinfo=UTC)
YEARS = datetime(1970, 1, 1), datetime(2199, 12, 31)  # noqa: DTZ001  # hypothesis adds UTC
ADA = Caller("user_ada", "org_clinic", "request")


@dataclass(frozen=True)
class Filters:
    pipeline: str | None = None
    status: str | None = None


ALL = Filters()


@pytest.fixture(autouse=True)
def database(configure: Configure) -> Iterator[None]:
    configure(database_url="postgresql://app:one@db/medilens")
    yield
    cursor._key.cache_clear()


class TestRoundTrip:
    @given(st.datetimes(timezones=st.just(UTC), min_value=YEARS[0], max_value=YEARS[1]), st.uuids())
    def test_place_comes_back_to_the_microsecond(self, moment: datetime, key: UUID) -> None:
        place = cursor.encode(moment, key, ADA, ALL)
        assert cursor.decode(place, ADA, ALL) == (moment, str(key))

    def test_place_is_the_same_in_the_next_request_and_session(self) -> None:
        place = cursor.encode(MORNING, "a", ADA, ALL)
        later = replace(ADA, request_id="another", session_id="another", ip="192.0.2.1")
        assert cursor.decode(place, later, ALL) == (MORNING, "a")

    def test_may_stand_in_an_address(self) -> None:
        assert not {"+", "/", "&", "?"} & set(cursor.encode(MORNING, "é?&/+" * 9, ADA, ALL))


class TestForeign:
    @pytest.mark.parametrize(
        "caller", [replace(ADA, subject="user_eve"), replace(ADA, organization="org_other")]
    )
    def test_of_another_caller(self, caller: Caller) -> None:
        place = cursor.encode(MORNING, "a", ADA, ALL)
        with pytest.raises(InvalidCursor):
            cursor.decode(place, caller, ALL)

    @pytest.mark.parametrize(
        "filters", [Filters("retinal"), Filters(None, "failed"), Filters("", "")]
    )
    def test_of_another_list(self, filters: Filters) -> None:
        place = cursor.encode(MORNING, "a", ADA, ALL)
        with pytest.raises(InvalidCursor):
            cursor.decode(place, ADA, filters)

    def test_filters_that_change_places_are_other_filters(self) -> None:
        place = cursor.encode(MORNING, "a", ADA, Filters("failed", None))
        with pytest.raises(InvalidCursor):
            cursor.decode(place, ADA, Filters(None, "failed"))

    def test_of_another_deployment(self, configure: Configure) -> None:
        place = cursor.encode(MORNING, "a", ADA, ALL)
        configure(database_url="postgresql://app:two@db/medilens")
        with pytest.raises(InvalidCursor):
            cursor.decode(place, ADA, ALL)


class TestMadeUp:
    @given(st.integers(0, 70), st.integers(1, 255))
    def test_changed_anywhere(self, at: int, change: int) -> None:
        word = bytearray(urlsafe_b64decode(cursor.encode(MORNING, "a" * 20, ADA, ALL)))
        word[at] ^= change
        with pytest.raises(InvalidCursor):
            cursor.decode(urlsafe_b64encode(word).decode(), ADA, ALL)

    @pytest.mark.parametrize(
        "word", ["", "x", "====", "%%%", "☃", "A" * 24, "A" * 25, "AAAA" * 500]
    )
    def test_no_cursor_at_all(self, word: str) -> None:
        with pytest.raises(InvalidCursor) as refusal:
            cursor.decode(word, ADA, ALL)
        assert refusal.value.status == 400

    def test_signature_without_a_place(self) -> None:
        word = urlsafe_b64decode(cursor.encode(MORNING, "a", ADA, ALL))[: cursor.SIGNATURE_BYTES]
        with pytest.raises(InvalidCursor):
            cursor.decode(urlsafe_b64encode(word).decode(), ADA, ALL)
