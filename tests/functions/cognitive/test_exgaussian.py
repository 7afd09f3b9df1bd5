"""The ex-Gaussian fit equals an independent one, and its errors are those of repetition."""

from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import exponnorm, norm

from functions.cognitive.exgaussian import (
    MIN_TIMES,
    ExGaussian,
    exgaussian_scores,
    fit_exgaussian,
    mean_log_likelihood,
)
from functions.cognitive.trials import Trial

MU, SIGMA, TAU = 400.0, 40.0, 100.0


def times(seed: int, n: int = 240) -> list[float]:
    random = Random(seed)
    return [random.gauss(MU, SIGMA) + random.expovariate(1 / TAU) for _ in range(n)]


def fitted(values: list[float]) -> ExGaussian:
    fit = fit_exgaussian(values)
    assert fit is not None
    return fit


class TestFitExGaussian:
    @pytest.mark.parametrize("seed", range(5))
    def test_fit_is_that_of_another_optimizer(self, seed: int) -> None:
        values = times(seed)

        fit = fitted(values)

        shape, mu, sigma = exponnorm.fit(values)
        assert fit.mu == pytest.approx(mu, abs=0.2)
        assert fit.sigma == pytest.approx(sigma, abs=0.2)
        assert fit.tau == pytest.approx(shape * sigma, abs=0.2)

    def test_errors_are_the_spread_of_many_sessions(self) -> None:
        fits = [fitted(times(seed)) for seed in range(100, 200)]

        for i, part in enumerate(("mu", "sigma", "tau")):
            spread = stdev(getattr(fit, part) for fit in fits)
            told = fmean(fit.errors[i] for fit in fits if fit.errors is not None)
            assert told == pytest.approx(spread, rel=0.25), part

    def test_truth_lies_within_the_errors_of_many_sessions(self) -> None:
        fits = [fitted(times(seed)) for seed in range(100)]

        for part, truth in (("mu", MU), ("sigma", SIGMA), ("tau", TAU)):
            values = [getattr(fit, part) for fit in fits]
            assert fmean(values) == pytest.approx(truth, abs=3 * stdev(values) / 10), part

    @given(st.integers(0, 10**6), st.floats(0.5, 20), st.floats(-3000, 3000))
    @settings(max_examples=20, deadline=None)
    def test_fit_follows_scale_and_shift(self, seed: int, scale: float, shift: float) -> None:
        values = times(seed, 80)
        plain, moved = fit_exgaussian(values), fit_exgaussian([scale * x + shift for x in values])
        if plain is None or moved is None:
            assert plain is moved or scale * SIGMA < 100
            return
        assert moved.mu == pytest.approx(scale * plain.mu + shift, abs=0.5 * scale)
        assert moved.tau == pytest.approx(scale * plain.tau, abs=0.5 * scale)

    def test_times_without_a_tail_have_no_fit(self) -> None:
        left_skewed = [1000 - value for value in times(1)]

        assert fit_exgaussian(left_skewed) is None
        assert fit_exgaussian([500.0] * 60) is None


class TestMeanLogLikelihood:
    @pytest.mark.parametrize("tau", [1e-3, 0.1, 1.0, 30.0])
    def test_density_is_scipys(self, tau: float) -> None:
        values = [-3.0, -0.5, 0.0, 1.0, 25.0]
        expected = exponnorm.logpdf(values, tau, loc=0.2, scale=1.0)
        if tau < 0.01:  # where scipy's own formula overflows, the density is the normal one
            expected = norm.logpdf(values, 0.2 + tau, 1.0)

        density = mean_log_likelihood(values, 0.2, 1.0, tau)

        assert density == pytest.approx(fmean(expected), rel=1e-3)


class TestScores:
    def test_wrong_and_early_answers_are_left_out_and_slow_ones_not(self) -> None:
        right = [Trial(rt_ms=value, correct=True) for value in times(3)]
        others = [Trial(rt_ms=50.0, correct=True), Trial(rt_ms=900.0, correct=False), Trial()]

        scores = exgaussian_scores("x", [*right, *others], 100.0)

        assert [score.name for score in scores] == [
            "x_exgaussian_mu",
            "x_exgaussian_sigma",
            "x_exgaussian_tau",
        ]
        assert {score.n for score in scores} == {len(right)}
        assert scores == exgaussian_scores("x", right, 100.0)

    def test_few_times_have_no_score(self) -> None:
        few = [Trial(rt_ms=value) for value in times(3, MIN_TIMES - 1)]

        assert exgaussian_scores("x", few, 100.0) == []
