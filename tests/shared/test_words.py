"""Numbers, units and names as people read them: short, and never on the wrong side of a limit."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared import words

values = st.floats(-1e6, 1e6, allow_nan=False)


def read(written: str) -> float:
    return float(written.replace(words.MINUS, "-").replace(",", ""))


class TestNumber:
    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (-9.8, "\N{MINUS SIGN}9.80"),
            (999.4, "999"),
            (100.4, "100"),
            (99.94, "99.9"),
            (1_234_567.0, "1,234,567"),
            (0.001, "0.00100"),
            (0.000000123, "0.000000"),
        ],
    )
    def test_three_digits_are_shown(self, value: float, written: str) -> None:
        assert words.number(value) == written

    @given(values)
    def test_what_is_written_is_the_value_to_three_digits(self, value: float) -> None:
        assert read(words.number(value)) == pytest.approx(value, rel=5.1e-3, abs=5e-7)

    @given(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000))
    def test_no_value_seems_to_lie_on_a_limit_that_it_misses(self, value: int, limit: int) -> None:
        assume(value != limit)
        written = read(words.number(value / 1000, None, limit / 1000))
        assert (written > limit / 1000) is (value > limit)
        assert written != limit / 1000

    def test_a_value_on_its_limit_needs_no_more_digits(self) -> None:
        assert words.number(0.5, 0.5) == "0.500"

    def test_what_no_six_decimals_tell_apart_is_not_told_apart(self) -> None:
        assert words.number(1e-8, 1e-7) == "0.000000"

    def test_the_nearer_of_two_limits_decides(self) -> None:
        assert words.number(60.04, 60.0, 100.0) == "60.04"


class TestReference:
    @pytest.mark.parametrize(
        ("low", "high", "written"),
        [
            (0.0, 0.5, "0 to 0.5"),
            (-5, 5, "\N{MINUS SIGN}5 to 5"),
            (1_500, None, "≥ 1,500"),
            (None, -0.5, "≤ \N{MINUS SIGN}0.5"),
        ],
    )
    def test_open_and_negative_limits(
        self, low: float | None, high: float | None, written: str
    ) -> None:
        assert words.reference(low, high) == written


class TestLabel:
    @pytest.mark.parametrize(
        ("name", "written"),
        [
            ("heart_rate", "Heart rate"),
            ("rmssd", "RMSSD"),
            ("pnn50", "pNN50"),
            ("lf_hf_ratio", "LF/HF ratio"),
            ("go_no_go_d_prime", "Go/no-go d-prime"),
            ("cv", "Coefficient of variation"),
            ("area_mm2", "Area in mm²"),
        ],
    )
    def test_abbreviations_are_written_as_people_know_them(self, name: str, written: str) -> None:
        assert words.label(name) == written


class TestUnit:
    @pytest.mark.parametrize(
        ("ucum", "written"),
        [("ms2", "ms²"), ("{score}", "points"), ("{beat}", "beats"), ("%", "%"), ("deg", "°")],
    )
    def test_braces_of_ucum_are_not_shown(self, ucum: str, written: str) -> None:
        assert words.unit(ucum) == written
