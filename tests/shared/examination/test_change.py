"""Reliable change: noise is called noise, and change is called change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import NormalDist, fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from shared.examination.change import Point, Verdict, history_changes, reliable_change
from shared.examination.retest import RETESTS, Retest, tolerance_factor

PLAIN = Retest(10.0, 0.0, 50, "3 weeks", "a study", (14, 28))
MORNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
values = st.floats(-1e6, 1e6, allow_nan=False)


class TestReliableChange:
    @pytest.mark.parametrize(
        ("days", "said"), [(2, "2 days apart"), (13, "13 days"), (29, "29 days"), (365, "365 days")]
    )
    def test_forty_ms_more_stroop_cost_is_noise_at_another_interval(
        self, days: float, said: str
    ) -> None:
        later = Point(110, MORNING + timedelta(days=days))

        change = reliable_change("stroop_effect", [Point(70, MORNING)], [later])

        assert change.verdict is Verdict.NO_RELIABLE_CHANGE
        assert change.expected == 0
        assert said in change.statement
        assert change.band == pytest.approx(59.7, abs=0.1)
        assert change.minimal_detectable == pytest.approx(71.2, abs=0.1)

    @pytest.mark.parametrize("days", [14, 21, 28])
    def test_practice_is_subtracted_at_the_interval_it_was_measured_at(self, days: float) -> None:
        later = Point(115, MORNING + timedelta(days=days))

        change = reliable_change("stroop_effect", [Point(70, MORNING)], [later])

        assert change.index == pytest.approx((45 + 16.8) / 29.7)
        assert change.verdict is Verdict.RELIABLE_INCREASE
        assert "practice" not in change.statement

    def test_unknown_time_between_sessions_expects_no_practice(self) -> None:
        change = reliable_change("stroop_effect", [Point(70)], [Point(110)])

        assert change.expected == 0
        assert "is not known" in change.statement

    def test_large_drop_is_a_decrease(self) -> None:
        assert (
            reliable_change("x", [Point(100)], [Point(70)], PLAIN).verdict
            is Verdict.RELIABLE_DECREASE
        )

    def test_unknown_retest_error_gives_the_difference_only(self) -> None:
        change = reliable_change("never_measured", [Point(1)], [Point(3)])

        assert change.verdict is Verdict.UNKNOWN
        assert change.difference == 2
        assert change.index is None

    @pytest.mark.parametrize(
        ("before", "after", "what"),
        [
            (Point(100, method="1.0"), Point(10, method="2.0"), "method"),
            (Point(100, device="a"), Point(10, device="b"), "device"),
        ],
    )
    def test_changed_method_or_device_is_not_comparable(
        self, before: Point, after: Point, what: str
    ) -> None:
        change = reliable_change("x", [before], [after], PLAIN)

        assert change.verdict is Verdict.NOT_COMPARABLE
        assert what in change.statement

    @pytest.mark.parametrize(
        ("before", "said"),
        [(Point(1, device="d"), "The method"), (Point(1, method="m"), "The device")],
    )
    def test_what_is_not_known_of_a_measurement_is_said(self, before: Point, said: str) -> None:
        later = Point(1, method="m", device="d")

        assert said in reliable_change("x", [before], [later], PLAIN).statement

    def test_means_of_four_sessions_halve_the_band(self) -> None:
        outcome = reliable_change("x", [Point(0)], [Point(1)], PLAIN)
        four = reliable_change("x", [Point(0)] * 4, [Point(1)] * 4, PLAIN)

        assert outcome.band is not None
        assert four.band == pytest.approx(outcome.band / 2)

    def test_repeat_within_a_day_is_said(self) -> None:
        again = Point(1, MORNING + timedelta(hours=3), "m", "d")

        change = reliable_change("x", [Point(0, MORNING, "m", "d")], [again], PLAIN)

        assert "24 hours" in change.statement
        assert "not known" not in change.statement

    def test_bands_of_nineteen_samples_in_twenty_hold_nine_unchanged_people_in_ten(self) -> None:
        random = Random(1)
        count = 0
        for _ in range(1000):
            sample = [random.gauss(0, 10) for _ in range(50)]
            measured = replace(PLAIN, difference_sd=stdev(sample), practice=fmean(sample))
            change = reliable_change("x", [Point(0)], [Point(0)], measured)
            assert change.band is not None
            noise = NormalDist(0, 10)
            # Practice is not known at this interval; where it is, the band lies around it.
            low, high = measured.practice - change.band, measured.practice + change.band
            count += noise.cdf(high) - noise.cdf(low) >= 0.9

        assert count / 1000 == pytest.approx(0.95, abs=0.02)

    @given(values, values)
    def test_verdict_turns_around_with_the_order(self, first: float, second: float) -> None:
        forth = reliable_change("x", [Point(first)], [Point(second)], PLAIN)
        back = reliable_change("x", [Point(second)], [Point(first)], PLAIN)

        mirrored = {
            Verdict.RELIABLE_INCREASE: Verdict.RELIABLE_DECREASE,
            Verdict.RELIABLE_DECREASE: Verdict.RELIABLE_INCREASE,
        }
        assert back.verdict is mirrored.get(forth.verdict, forth.verdict)

    @given(values, values)
    def test_verdict_agrees_with_the_band(self, first: float, second: float) -> None:
        change = reliable_change("flanker_effect", [Point(first)], [Point(second)])

        assert change.difference is not None
        assert change.expected is not None
        assert change.band is not None
        outside = abs(change.difference - change.expected) > change.band
        assert outside is (change.verdict is not Verdict.NO_RELIABLE_CHANGE)


class TestHistoryChanges:
    def test_empty_history_has_no_changes(self) -> None:
        assert history_changes("x", []) == ()

    def test_every_point_has_its_verdict_against_the_baseline(self) -> None:
        points = [Point(0), Point(5), Point(40)]

        verdicts = [change.verdict for change in history_changes("x", points, PLAIN)]

        assert verdicts == [
            Verdict.FIRST,
            Verdict.NO_RELIABLE_CHANGE,
            Verdict.RELIABLE_INCREASE,
        ]

    def test_third_session_expects_no_practice(self) -> None:
        points = [Point(70, MORNING + timedelta(days=21 * n)) for n in range(3)]

        second, third = history_changes("stroop_effect", points)[1:]

        assert (second.expected, third.expected) == (-16.8, 0)
        assert "first to a second" in third.statement

    def test_second_session_on_a_new_device_is_practiced_all_the_same(self) -> None:
        days = (0, 21, 42)
        points = [Point(70, MORNING + timedelta(days=n), device=str(n > 0)) for n in days]

        assert history_changes("stroop_effect", points)[2].expected == 0

    def test_new_device_begins_a_baseline_of_its_own(self) -> None:
        points = [Point(0, device="a"), Point(90, device="b"), Point(95, device="b")]

        verdicts = [change.verdict for change in history_changes("x", points, PLAIN)]

        assert verdicts == [Verdict.FIRST, Verdict.NOT_COMPARABLE, Verdict.NO_RELIABLE_CHANGE]


class TestRetests:
    @pytest.mark.parametrize("name", RETESTS)
    def test_every_figure_is_positive_and_cited(self, name: str) -> None:
        assert RETESTS[name].difference_sd > 0
        assert RETESTS[name].n > 30
        assert "doi:10." in RETESTS[name].source


class TestToleranceFactor:
    @pytest.mark.parametrize("n", [5, 20, 47, 200])
    @pytest.mark.parametrize("level", [0.90, 0.95])
    def test_factor_is_howes(self, level: float, n: int) -> None:
        least = chi2.ppf(0.05, n - 1)
        howe = norm.ppf((1 + level) / 2) * ((n - 1) * (1 + 1 / n) / least) ** 0.5

        assert tolerance_factor(level, n) == pytest.approx(howe, rel=0.02)

    def test_certainty_grows_with_the_sample(self) -> None:
        assert tolerance_factor(0.9, 10) > tolerance_factor(0.9, 100)
        assert tolerance_factor(0.9, 10**8) == pytest.approx(NormalDist().inv_cdf(0.95), abs=1e-3)
