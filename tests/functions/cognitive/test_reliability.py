"""Errors of a session against simulation and by hand."""

from itertools import pairwise
from random import Random
from statistics import NormalDist, median, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.cognitive.reliability import (
    binomial_tail,
    combined_error,
    grouped_jackknife_error,
    longest_plausible_run,
    mean_error,
    median_error,
    proportion_error,
    session_reliability,
    variation_error,
)


def skewed(random: Random, n: int) -> list[float]:
    """Times with a long right tail, as people's are."""
    return [random.gauss(400, 40) + random.expovariate(1 / 100) for _ in range(n)]


class TestMedianError:
    @pytest.mark.parametrize("n", [15, 60, 200])
    def test_error_is_the_spread_of_repeated_medians(self, n: int) -> None:
        random = Random(n)
        runs = [skewed(random, n) for _ in range(600)]

        errors = [median_error(run) for run in runs]

        truth = stdev(median(run) for run in runs)
        typical = median(error for error in errors if error is not None)
        assert typical == pytest.approx(truth, rel=0.15)

    def test_too_few_values_have_no_error(self) -> None:
        assert median_error([1, 2, 3, 4]) is None

    @given(st.lists(st.floats(0, 1e4), min_size=5, max_size=80), st.floats(0.1, 10))
    def test_error_grows_with_the_scale(self, values: list[float], factor: float) -> None:
        error, scaled = median_error(values), median_error([factor * v for v in values])

        assert error is not None
        assert error >= 0
        assert scaled == pytest.approx(factor * error, abs=1e-9)


class TestBinomialTail:
    def test_ends_are_certain_and_rare(self) -> None:
        assert binomial_tail(0, 10, 0.25) == pytest.approx(1)
        assert binomial_tail(10, 10, 0.5) == pytest.approx(2**-10)

    def test_long_sessions_do_not_overflow(self) -> None:
        assert binomial_tail(2500, 5000, 0.5) == pytest.approx(0.5, abs=0.01)


class TestMeanError:
    def test_textbook_value(self) -> None:
        assert mean_error([2, 4, 4, 4, 5, 5, 7, 9]) == pytest.approx(0.7559, abs=1e-4)

    def test_one_value_has_none(self) -> None:
        assert mean_error([1]) is None


class TestProportionError:
    def test_faultless_session_is_not_certain(self) -> None:
        assert proportion_error(100, 100) > 0.01

    def test_symmetric_in_success_and_failure(self) -> None:
        assert proportion_error(10, 100) == pytest.approx(proportion_error(90, 100))


class TestVariationError:
    def test_error_is_the_spread_of_repeated_variations(self) -> None:
        random = Random(3)
        runs = [[random.gauss(500, 80) for _ in range(80)] for _ in range(600)]

        errors = [variation_error(run) for run in runs]

        truth = stdev(stdev(run) / (sum(run) / len(run)) for run in runs)
        assert median(e for e in errors if e is not None) == pytest.approx(truth, rel=0.1)


class TestGroupedJackknifeError:
    def test_mean_of_normal_data_has_its_known_error(self) -> None:
        random = Random(5)
        runs = [[random.gauss(0, 10) for _ in range(100)] for _ in range(300)]

        errors = [grouped_jackknife_error(run, lambda x: sum(x) / len(x)) for run in runs]

        assert median(e for e in errors if e is not None) == pytest.approx(1.0, rel=0.15)

    def test_too_few_observations_have_none(self) -> None:
        assert grouped_jackknife_error([1.0] * 19, lambda x: x[0]) is None


class TestCombinedError:
    def test_errors_add_in_squares(self) -> None:
        assert combined_error(3, 4) == 5

    def test_one_unknown_makes_all_unknown(self) -> None:
        assert combined_error(3, None) is None


class TestSessionReliability:
    def test_error_as_large_as_the_spread_leaves_nothing(self) -> None:
        assert session_reliability(10, 10) == 0
        assert session_reliability(20, 10) == 0
        assert session_reliability(5, 10) == 0.75
        assert session_reliability(None, 10) is None


class TestLongestPlausibleRun:
    def test_coin_seldom_exceeds_it(self) -> None:
        random, n = Random(9), 200
        limit = longest_plausible_run(n, 0.5)
        exceeded = 0
        for _ in range(2000):
            longest = run = 1
            keys = [random.random() < 0.5 for _ in range(n)]
            for before, after in pairwise(keys):
                run = run + 1 if before == after else 1
                longest = max(longest, run)
            exceeded += longest > limit

        assert exceeded / 2000 < 0.02


class TestNormal:
    def test_interval_is_the_usual_one(self) -> None:
        assert NormalDist().inv_cdf(0.975) == pytest.approx(1.95996, abs=1e-5)
