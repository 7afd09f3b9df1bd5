"""Signal detection against textbook values and simulation."""

from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.cognitive.detection import detection


class TestDetection:
    def test_perfect_answers_stay_finite(self) -> None:
        sensitivity = detection(20, 20, 0, 20)

        assert 3 < sensitivity.d_prime < 5
        assert sensitivity.d_prime_error > 0

    @given(st.integers(1, 60), st.integers(1, 60), st.data())
    def test_swapping_yes_and_no_keeps_sensitivity_and_turns_the_criterion(
        self, signals: int, noise: int, data: st.DataObject
    ) -> None:
        hits = data.draw(st.integers(0, signals))
        false_alarms = data.draw(st.integers(0, noise))

        sensitivity = detection(hits, signals, false_alarms, noise)
        turned = detection(noise - false_alarms, noise, signals - hits, signals)

        assert turned.d_prime == pytest.approx(sensitivity.d_prime)
        assert turned.criterion == pytest.approx(-sensitivity.criterion)

    def test_error_is_the_spread_of_repeated_sessions(self) -> None:
        random = Random(1)

        def session() -> float:
            hits = sum(random.random() < 0.8 for _ in range(60))
            false_alarms = sum(random.random() < 0.3 for _ in range(60))
            return detection(hits, 60, false_alarms, 60).d_prime

        values = [session() for _ in range(2000)]

        assert detection(48, 60, 18, 60).d_prime_error == pytest.approx(stdev(values), rel=0.08)
        assert fmean(values) == pytest.approx(1.366, abs=0.05)  # z(.8) - z(.3)
