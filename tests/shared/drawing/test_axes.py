import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.drawing.axes import Axis, coarsest, round_ticks


class TestAxis:
    @pytest.mark.parametrize(("value", "place"), [(0.0, 100.0), (5.0, 60.0), (10.0, 20.0)])
    def test_higher_values_lie_where_the_axis_ends(self, value: float, place: float) -> None:
        assert Axis(0.0, 10.0, 100.0, 20.0).at(value) == pytest.approx(place)

    def test_axis_without_extent_shows_its_value_in_the_middle(self) -> None:
        assert Axis(7.0, 7.0, 0.0, 50.0).at(7.0) == 25.0

    def test_ticks_are_round_and_within(self) -> None:
        assert Axis(57.0, 61.0, 0.0, 1.0).ticks(5) == [57.0, 58.0, 59.0, 60.0, 61.0]


class TestRoundTicks:
    @given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 12))
    def test_lie_within_and_are_few(self, low: float, extent: float, most: int) -> None:
        high = low + extent

        ticks = round_ticks(low, high, most)

        assert len(ticks) <= most + 1
        slack = 1e-9 * max(abs(low), abs(high), 1.0)
        assert min(ticks, default=low) >= low - slack
        assert max(ticks, default=high) <= high + slack

    @pytest.mark.parametrize("step", [0.1, 0.2, 0.5, 1.0, 20.0, 500.0])
    def test_step_that_fits_exactly_is_taken(self, step: float) -> None:
        ticks = round_ticks(0.0, 5 * step, 5)

        assert ticks == pytest.approx([number * step for number in range(6)])

    @pytest.mark.parametrize("high", [3.0, 2.0])
    def test_range_without_extent_has_its_low_end(self, high: float) -> None:
        assert round_ticks(3.0, high, 5) == [3.0]


class TestCoarsest:
    @pytest.mark.parametrize(("span", "step"), [(10, 1), (60, 5), (600, 60), (10_000, 60)])
    def test_first_step_that_keeps_the_number_low(self, span: float, step: float) -> None:
        assert coarsest((1, 5, 15, 60), span, 12) == step
