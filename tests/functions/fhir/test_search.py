"""Dates, codes and references as FHIR writes them, and what they ask for."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.fhir.codes import BIOMARKERS
from functions.fhir.resources.elements import BIOMARKER
from functions.fhir.search import (
    MOST_VALUES,
    Period,
    Token,
    Wanted,
    has_category,
    has_code,
    measured,
    period,
    subject,
    tokens,
    uuid_or_none,
)
from shared.errors import InvalidRequest

PERSON = UUID("0190f3c4-0000-7000-8000-000000000001")
HEART_RATE = BIOMARKERS["heart_rate"][0]


def at(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


class TestPeriod:
    @pytest.mark.parametrize(
        ("written", "start", "end"),
        [
            ("2024", at(2024), at(2025)),
            ("2024-02", at(2024, 2), at(2024, 3)),
            ("2023-02", at(2023, 2), at(2023, 3)),
            ("2024-12", at(2024, 12), at(2025)),
            ("2024-02-29", at(2024, 2, 29), at(2024, 3, 1)),
        ],
    )
    def test_a_date_is_all_of_it(self, written: str, start: datetime, end: datetime) -> None:
        assert period([written], "date") == Period(start, end)

    @pytest.mark.parametrize(
        ("prefix", "start", "end"),
        [
            ("eq", at(2024, 5), at(2024, 6)),
            ("ge", at(2024, 5), None),
            ("gt", at(2024, 6), None),
            ("sa", at(2024, 6), None),
            ("le", None, at(2024, 6)),
            ("lt", None, at(2024, 5)),
            ("eb", None, at(2024, 5)),
        ],
    )
    def test_prefixes(self, prefix: str, start: datetime | None, end: datetime | None) -> None:
        assert period([f"{prefix}2024-05"], "date") == Period(start, end)

    def test_a_moment_is_itself(self) -> None:
        within = period(["2024-05-01T12:00:00+02:00"], "date")
        assert within.start == datetime(2024, 5, 1, 10, tzinfo=UTC)
        assert within.end == within.start + timedelta(microseconds=1)

    @pytest.mark.parametrize("order", [1, -1])
    def test_both_ends_narrow_in_any_order(self, order: int) -> None:
        given_twice = ["ge2024-01-15", "lt2024-02", "ge2023"][::order]
        assert period(given_twice, "date") == Period(at(2024, 1, 15), at(2024, 2))

    def test_nothing_given_is_always(self) -> None:
        assert period([], "date") == Period(None, None)

    @pytest.mark.parametrize(
        "written",
        ["", "ge", "2024-13", "2023-02-29", "ne2024", "gegt2024", "2024-1", "9999", "ge 2024"],
    )
    def test_no_date_is_refused_by_its_name(self, written: str) -> None:
        with pytest.raises(InvalidRequest, match="_lastUpdated: expected a date"):
            period([written], "_lastUpdated")

    @given(st.text(max_size=12))
    def test_any_words_are_read_or_refused(self, written: str) -> None:
        try:
            within = period([written], "date")
        except InvalidRequest:
            return
        assert within.start or within.end


class TestTokens:
    def test_commas_and_repetition_are_alike(self) -> None:
        assert tokens(["a,b"], "code") == tokens(["a", "b"], "code")

    @pytest.mark.parametrize(
        ("written", "token"),
        [
            ("8867-4", Token(None, "8867-4")),
            ("http://loinc.org|8867-4", Token("http://loinc.org", "8867-4")),
            ("http://loinc.org|", Token("http://loinc.org", None)),
            ("|local", Token("", "local")),
        ],
    )
    def test_system_and_code(self, written: str, token: Token) -> None:
        assert tokens([written], "code") == (token,)

    def test_empty_places_are_no_codes(self) -> None:
        assert tokens(["a,,b,"], "code") == (Token(None, "a"), Token(None, "b"))

    def test_more_than_anybody_means(self) -> None:
        assert len(tokens([",".join("a" * MOST_VALUES)], "code")) == MOST_VALUES
        with pytest.raises(InvalidRequest, match="code"):
            tokens(["a"] * (MOST_VALUES + 1), "code")


class TestMeasured:
    @pytest.mark.parametrize("system", [None, BIOMARKER])
    def test_own_name(self, system: str | None) -> None:
        assert measured([Token(system, "rmssd")]) == ("rmssd",)

    def test_code_of_a_terminology(self) -> None:
        assert "heart_rate" in (measured([Token(HEART_RATE.system, HEART_RATE.code)]) or ())

    def test_code_of_another_system_is_not_ours(self) -> None:
        assert measured([Token("urn:elsewhere", "rmssd")]) is None

    @pytest.mark.parametrize("code", ["rhythm", "risk_score"])
    def test_what_is_no_stored_value_is_derived(self, code: str) -> None:
        assert measured([Token(None, "heart_rate"), Token(None, code)]) is None

    @pytest.mark.parametrize("wanted", [(), (Token(BIOMARKER, None),)])
    def test_a_whole_system_leaves_none_out(self, wanted: tuple[Token, ...]) -> None:
        assert measured(wanted) is None


class TestFits:
    def test_any_of_several_codings(self) -> None:
        codings = [{"system": "a", "code": "1"}, {"system": "b", "code": "2"}]
        resource = {"code": {"coding": codings}}
        assert has_code(resource, [Token("b", "2")])
        assert not has_code(resource, [Token("a", "2")])

    def test_any_of_several_categories(self) -> None:
        concept = {"coding": [{"system": "a", "code": "1"}]}
        resource = {"category": [{"text": "words alone"}, concept]}
        assert has_category(resource, [Token("a", None)])
        assert not has_category({}, [Token("a", None)])

    def test_nothing_wanted_takes_all(self) -> None:
        assert has_code({}, [])
        assert has_category({}, [])


class TestWanted:
    def test_only_what_is_asked_is_a_parameter(self) -> None:
        wanted = Wanted(ids=(PERSON,), recorded=Period(at(2024), None))
        assert wanted.parameters() == {"ids": [PERSON], "recorded_from": at(2024)}
        assert wanted.conditions() == ("ids", "recorded_from", "stored")

    def test_deleted_of_a_group(self) -> None:
        assert Wanted(group="consented", is_deleted=True).conditions() == ("consented", "deleted")


class TestReferences:
    @pytest.mark.parametrize("written", [str(PERSON), f"Patient/{PERSON}"])
    def test_of_a_patient(self, written: str) -> None:
        assert subject(written) == PERSON

    @pytest.mark.parametrize("written", ["", "Patient/", f"Practitioner/{PERSON}", "-" * 36])
    def test_of_nobody(self, written: str) -> None:
        with pytest.raises(InvalidRequest, match="patient"):
            subject(written)

    def test_none_given(self) -> None:
        assert subject(None) is None

    @pytest.mark.parametrize(("written", "key"), [(str(PERSON), PERSON), ("heart_rate", None)])
    def test_an_id_of_ours_or_none(self, written: str, key: UUID | None) -> None:
        assert uuid_or_none(written) == key
