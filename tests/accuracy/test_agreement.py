"""Agreement against simulation and by hand."""

from random import Random

import pytest

from tests.accuracy.agreement import retest_agreement, spearman_brown, split_half_reliability


class TestSpearmanBrown:
    @pytest.mark.parametrize(("half", "whole"), [(0.0, 0.0), (0.5, 2 / 3), (1.0, 1.0)])
    def test_doubling_the_test(self, half: float, whole: float) -> None:
        assert spearman_brown(half) == pytest.approx(whole)


class TestSplitHalfReliability:
    def test_known_error_gives_its_reliability(self) -> None:
        random = Random(7)
        halves = []
        for _ in range(3000):
            true = random.gauss(0, 1)
            halves.append((true + random.gauss(0, 1), true + random.gauss(0, 1)))

        # Each half has reliability 1/2, the whole 2/3.
        assert split_half_reliability(halves) == pytest.approx(2 / 3, abs=0.04)

    def test_two_people_or_no_spread_have_none(self) -> None:
        assert split_half_reliability([(1, 1), (2, 2)]) is None
        assert split_half_reliability([(1, 1), (1, 2), (1, 3)]) is None


class TestRetestAgreement:
    def test_shrout_and_fleiss_example_of_two_judges(self) -> None:
        # Judges 2 and 3 of their table 2; mean squares by hand.
        pairs = [(2, 5), (1, 3), (4, 6), (1, 2), (5, 6), (2, 4)]

        between, residual, judges = 5.0833, 0.2833, 10.0833
        by_hand = (between - residual) / (between + residual + 2 * (judges - residual) / 6)
        assert retest_agreement(pairs) == pytest.approx(by_hand, abs=1e-3)

    def test_practice_lowers_agreement_but_not_consistency(self) -> None:
        values = [float(i) for i in range(10)]

        assert retest_agreement([(v, v) for v in values]) == pytest.approx(1)
        assert retest_agreement([(v, v + 5) for v in values]) < 0.5
