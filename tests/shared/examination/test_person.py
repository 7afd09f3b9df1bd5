"""What is known of a person stands in for what the form leaves out, and for nothing else."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.database.repositories.terms import Terms
from shared.examination.person import age_on, from_person

BORN = date(2000, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Form:
    sex: str | None = None
    age_years: int | None = None
    task: str | None = None


@dataclass
class FormWithoutSex:
    age_years: int | None = None


def terms(
    born: date | None = BORN, sex: str | None = "female", zone: str = "Europe/Berlin"
) -> Terms:
    return Terms(None, ZoneInfo(zone), born, sex)


class TestAge:
    @pytest.mark.parametrize(
        ("day", "born", "years"),
        [
            (date(2026, 2, 28), BORN, 25),
            (date(2026, 3, 1), BORN, 26),
            (date(2026, 2, 28), date(2000, 2, 29), 25),
            (date(2026, 3, 1), date(2000, 2, 29), 26),
            (BORN, BORN, 0),
            (date(1999, 12, 31), BORN, -1),
        ],
    )
    def test_a_year_is_complete_on_the_birthday(self, day: date, born: date, years: int) -> None:
        assert age_on(day, born) == years

    @given(st.dates(date(1850, 1, 1), date(2100, 1, 1)), st.integers(0, 60_000))
    def test_nobody_grows_younger(self, born: date, days: int) -> None:
        day = born + timedelta(days=days)
        assert 0 <= age_on(day, born) <= age_on(day + timedelta(days=1), born)


class TestForm:
    def test_what_was_left_out_is_taken_from_the_person(self) -> None:
        assert from_person(terms(), NOON, Form()) == {"sex": "female", "age_years": 26}

    def test_what_the_form_says_stands(self) -> None:
        assert from_person(terms(), NOON, Form("male", 0)) == {}

    def test_what_the_form_does_not_ask_for_is_not_told(self) -> None:
        assert from_person(terms(), NOON, FormWithoutSex()) == {"age_years": 26}

    @pytest.mark.parametrize("sex", [None, "other", "unknown"])
    def test_no_sex_of_a_reference_range_is_none(self, sex: str | None) -> None:
        assert from_person(terms(sex=sex), NOON, Form()) == {"age_years": 26}

    @pytest.mark.parametrize("born", [None, date(1890, 1, 1), date(2026, 3, 2)])
    def test_an_age_that_no_form_takes_is_none(self, born: date | None) -> None:
        assert from_person(terms(born), NOON, Form()) == {"sex": "female"}

    @pytest.mark.parametrize(("zone", "years"), [("Pacific/Auckland", 26), ("UTC", 25)])
    def test_the_day_is_that_of_the_organization(self, zone: str, years: int) -> None:
        late = datetime(2026, 2, 28, 23, tzinfo=UTC)
        assert from_person(terms(zone=zone), late, FormWithoutSex()) == {"age_years": years}
