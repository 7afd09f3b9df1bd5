"""Measures of both halves of a recording, held against each other."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.science.halves import half_differences, only, significant

VALUES = st.floats(-1e6, 1e6)


class TestHalfDifferences:
    def test_half_of_the_difference_is_the_error_of_the_mean(self) -> None:
        assert half_differences({"rate": 70.0}, {"rate": 74.0}) == {
            "rate": {"first_half": 70.0, "second_half": 74.0, "half_difference": 2.0}
        }

    @settings(max_examples=30)
    @given(VALUES, VALUES)
    def test_order_of_the_halves_changes_no_difference(self, first: float, second: float) -> None:
        there = half_differences({"rate": first}, {"rate": second})["rate"]
        back = half_differences({"rate": second}, {"rate": first})["rate"]
        assert there["half_difference"] == back["half_difference"] >= 0

    def test_measure_of_one_half_alone_is_left_out(self) -> None:
        halves = half_differences({"rate": 70.0, "first": 1.0}, {"rate": 70.0, "second": 1.0})
        assert halves.keys() == {"rate"}

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_what_is_no_number_in_a_half_is_left_out(self, value: float) -> None:
        assert half_differences({"rate": value}, {"rate": 70.0}) == {}
        assert half_differences({"rate": 70.0}, {"rate": value}) == {}

    def test_small_difference_of_large_values_is_kept(self) -> None:
        halves = half_differences({"rr_ms": 1000.0}, {"rr_ms": 1000.02})
        assert halves["rr_ms"]["half_difference"] == 0.01


class TestSignificant:
    @pytest.mark.parametrize(
        ("value", "told"),
        [
            (0.0, 0.0),
            (1234.56, 1235.0),
            (0.000123456, 0.0001235),
            (-9.99996, -10.0),
            (98765, 98760),
        ],
    )
    def test_has_four_digits_wherever_they_stand(self, value: float, told: float) -> None:
        assert significant(value) == told

    @settings(max_examples=30)
    @given(VALUES)
    def test_is_within_a_thousandth_of_the_value(self, value: float) -> None:
        assert significant(value) == pytest.approx(value, rel=5e-4)


def test_what_the_whole_recording_gave_no_value_of_is_left_out() -> None:
    halves = half_differences({"rate": 70.0, "rmssd": 30.0}, {"rate": 72.0, "rmssd": 31.0})
    assert only({"rate": 71.0, "sdnn": 40.0}, halves) == {"rate": halves["rate"]}
