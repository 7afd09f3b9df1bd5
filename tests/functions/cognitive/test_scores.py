"""Which responses count, and what a score carries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.cognitive.scores import (
    Score,
    median_score,
    outlier_limit,
    share_score,
    usable_times,
    variability_score,
)
from functions.cognitive.trials import Trial


def trials(*times: float | None, correct: bool | None = True) -> list[Trial]:
    return [Trial(rt_ms=time, correct=correct) for time in times]


class TestUsableTimes:
    def test_wrong_missing_early_and_very_late_responses_are_left_out(self) -> None:
        trials_read = trials(480, 490, 500, 510, 520)
        others = [*trials(90, None, 5000), *trials(505, correct=False)]

        assert usable_times([*trials_read, *others], 100) == [480, 490, 500, 510, 520]

    def test_unjudged_responses_count(self) -> None:
        assert usable_times(trials(300, 310, correct=None), 100) == [300, 310]

    def test_nothing_usable_is_empty(self) -> None:
        assert usable_times(trials(None, 20), 100) == []


class TestOutlierLimit:
    def test_identical_times_have_no_limit(self) -> None:
        assert usable_times(trials(*[500.0] * 9, 700), 100)[-1] == 700

    def test_scaled_deviation_is_used(self) -> None:
        assert outlier_limit([400, 500, 600]) == pytest.approx(500 + 3 * 1.4826 * 100)

    @given(st.lists(st.floats(100, 3000), min_size=1, max_size=60))
    def test_at_least_half_of_the_times_stay(self, times: list[float]) -> None:
        matches = [time for time in times if time <= outlier_limit(times)]

        assert 2 * len(matches) >= len(times)


class TestMedianScore:
    def test_too_few_times_give_no_score(self) -> None:
        assert median_score("x", [1, 2, 3, 4]) == []

    def test_halves_are_odd_and_even_trials(self) -> None:
        (score,) = median_score("x", [1, 10, 2, 20, 3, 30])

        assert score.halves == (2, 20)


class TestShareScore:
    def test_interval_stays_within_a_share(self) -> None:
        (score,) = share_score("x", [True] * 20)

        assert score.value == 100
        assert score.interval_95 is not None
        assert score.interval_95[0] < 100
        assert score.interval_95[1] == 100


class TestVariabilityScore:
    def test_scaling_the_times_changes_nothing(self) -> None:
        times = [300.0 + 7 * (i % 13) for i in range(40)]

        (score,), (doubled,) = (
            variability_score("x", times),
            variability_score("x", [2 * t for t in times]),
        )
        assert doubled.value == pytest.approx(score.value)


class TestScore:
    def test_without_an_error_there_is_no_interval(self) -> None:
        assert Score("x", 1.0, 5).interval_95 is None
