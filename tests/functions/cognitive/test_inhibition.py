"""Stopping and withholding: SSRT is recovered, and withheld where the race is broken."""

from dataclasses import replace
from statistics import fmean

import pytest

from functions.cognitive.inhibition import (
    go_no_go_scores,
    median_method_ssrt,
    stop_signal_reaction_time,
    stop_signal_scores,
)
from functions.cognitive.trials import Family, TaskRun, Trial
from local.samples.tasklog import stop_signal


def run_of(trials: tuple[Trial, ...]) -> TaskRun:
    return TaskRun("stop_signal", Family.STOP_SIGNAL, trials, choices=2)


class TestStopSignalReactionTime:
    @pytest.mark.parametrize("ssrt_ms", [180.0, 220.0, 280.0])
    def test_fixed_stopping_time_is_recovered(self, ssrt_ms: float) -> None:
        matches = [
            stop_signal_reaction_time(stop_signal(seed, ssrt_ms=ssrt_ms).trials)
            for seed in range(12)
        ]

        assert fmean(matche for matche in matches if matche is not None) == pytest.approx(
            ssrt_ms, abs=8
        )

    def test_omissions_count_as_the_slowest_responses(self) -> None:
        go = [Trial(condition="go", rt_ms=float(t)) for t in (400, 500, 600)]
        omitted = Trial(condition="go")
        stops = [
            Trial(condition="stop", stop_delay_ms=200.0, rt_ms=350.0),
            Trial(condition="stop", stop_delay_ms=200.0),
        ]

        # Half the stops fail: of 400 500 600 [600], the second is taken; of three, the second too.
        assert stop_signal_reaction_time([*go, omitted, *stops]) == 300
        # With two omissions the third of five is the slowest real one.
        assert stop_signal_reaction_time([*go, omitted, omitted, *stops]) == 400

    def test_no_failed_stop_gives_none(self) -> None:
        trials = [Trial(condition="go", rt_ms=400.0), Trial(condition="stop", stop_delay_ms=1.0)]

        assert stop_signal_reaction_time(trials) is None


class TestStopSignalScores:
    def test_error_covers_the_truth(self) -> None:
        covered = 0
        for seed in range(20):
            scores = {
                s.name: s for s in stop_signal_scores(run_of(stop_signal(seed).trials)).scores
            }
            interval = scores["stop_signal_ssrt"].interval_95
            assert interval is not None
            covered += interval[0] <= 220 <= interval[1]

        assert covered >= 16

    def test_stopping_nearly_always_withholds_ssrt(self) -> None:
        trials = tuple(
            replace(t, rt_ms=None) if t.condition == "stop" else t for t in stop_signal(1).trials
        )

        scored = stop_signal_scores(run_of(trials))

        assert not any("ssrt" in score.name for score in scored.scores)
        assert "0% of the stops failed" in scored.absent[0].detail

    def test_failed_stops_slower_than_going_break_the_race(self) -> None:
        trials = tuple(
            replace(t, rt_ms=1500.0) if t.condition == "stop" and t.rt_ms else t
            for t in stop_signal(1).trials
        )

        assert "race model" in stop_signal_scores(run_of(trials)).absent[0].detail


class TestGoNoGoScores:
    def test_slowing_after_errors_is_measured_from_before_to_after(self) -> None:
        before = Trial(condition="go", correct=True, rt_ms=300.0)
        wrong = Trial(condition="nogo", correct=False, rt_ms=250.0)
        after = Trial(condition="go", correct=True, rt_ms=340.0)
        run = TaskRun("go_no_go", Family.GO_NO_GO, (before, wrong, after) * 6)

        scores = {score.name: score for score in go_no_go_scores(run).scores}

        assert scores["go_no_go_post_error_slowing"].value == pytest.approx(40)
        assert scores["go_no_go_commissions"].value == 100

    def test_without_no_go_trials_nothing_is_scored(self) -> None:
        run = TaskRun("go_no_go", Family.GO_NO_GO, (Trial(condition="go", correct=True),) * 20)

        assert go_no_go_scores(run).scores == ()


class TestMedianMethodSsrt:
    def test_difference_of_the_two(self) -> None:
        assert median_method_ssrt(607.25, 390.625) == pytest.approx(216.625)
