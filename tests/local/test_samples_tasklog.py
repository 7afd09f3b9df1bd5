"""Sessions are scored here by hand, and the scores are those that stand beside the trials."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, median

import pytest

from functions.cognitive.trials import Phase, Trial
from local.samples import tasklog
from local.samples.tasklog import SAMPLES, guessing
from local.samples.tasklog_trials import TaskSample, practice_of, quantile_times, seeded
from tests.nonempty import nonempty

SEED = 3


def of_test(sample: TaskSample, **fields: object) -> list[Trial]:
    """The trials of the test itself, of which these fields have these values."""
    return nonempty(
        trial
        for trial in sample.trials
        if trial.phase is Phase.TEST
        and all(getattr(trial, name) == value for name, value in fields.items())
    )


def times(trials: Sequence[Trial]) -> list[float]:
    return nonempty(trial.rt_ms for trial in trials if trial.rt_ms is not None)


def share(trials: Sequence[Trial], *, correct: bool = True) -> float:
    return 100 * sum(trial.correct is correct for trial in trials) / len(trials)


class TestTimes:
    @pytest.mark.parametrize("n", [1, 2, 60, 81])
    def test_mean_and_median_are_exact(self, n: int) -> None:
        drawn = quantile_times(seeded(SEED), 450.0, n)
        assert len(drawn) == n
        assert (mean(drawn), median(drawn)) == pytest.approx((450.0, 450.0))

    def test_they_are_shuffled_by_the_seed(self) -> None:
        first, second, other = (quantile_times(seeded(seed), 450.0, 40) for seed in (1, 1, 2))
        assert first == second
        assert first != other
        assert first != sorted(first)

    def test_practice_is_slower_and_none_of_the_test(self) -> None:
        trials = [Trial(rt_ms=300.0, correct=right) for right in (True, False) * 20]
        practice = practice_of(trials)
        assert [(it.phase, it.rt_ms, it.correct) for it in practice] == [
            (Phase.PRACTICE, 1000.0, True)
        ] * 12


class TestSamples:
    @pytest.mark.parametrize("make", SAMPLES)
    def test_same_seed_gives_the_same_trials(self, make: object) -> None:
        assert callable(make)
        assert make(1) == make(1)
        assert make(1).truth == pytest.approx(make(2).truth)

    def test_no_two_are_of_one_task(self) -> None:
        assert len({make(SEED).task for make in SAMPLES}) == len(SAMPLES)

    @pytest.mark.parametrize("make", [tasklog.stroop, tasklog.flanker])
    def test_conflict_costs_what_is_said(self, make: object) -> None:
        assert callable(make)
        sample = make(SEED)
        congruent, incongruent = (
            mean(times(of_test(sample, condition=kind, correct=True)))
            for kind in ("congruent", "incongruent")
        )
        assert incongruent - congruent == pytest.approx(sample.truth[f"{sample.task}_effect"])
        errors = share(of_test(sample, condition="incongruent"), correct=False)
        assert errors == pytest.approx(sample.truth[f"{sample.task}_error_effect"])
        assert share(of_test(sample)) == pytest.approx(sample.truth[f"{sample.task}_accuracy"])

    def test_cues_of_attention_speed_up_what_is_said(self) -> None:
        sample = tasklog.attention_network(SEED)
        none, double, center, spatial = (
            mean(times(of_test(sample, cue=cue, correct=True)))
            for cue in ("none", "double", "center", "spatial")
        )
        assert none - double == pytest.approx(sample.truth["ant_alerting"])
        assert center - spatial == pytest.approx(sample.truth["ant_orienting"])

    def test_false_starts_and_misses_are_beside_the_reactions(self) -> None:
        sample = tasklog.simple_reaction(SEED)
        trials = of_test(sample)
        early = [trial for trial in trials if trial.rt_ms is not None and trial.rt_ms < 100]
        answered = [it for it in times(trials) if it >= 100]
        missed = sum(trial.rt_ms is None for trial in trials)
        assert median(answered) == pytest.approx(sample.truth["simple_reaction_median"])
        assert 100 * len(early) / len(trials) == pytest.approx(
            sample.truth["simple_reaction_false_starts"]
        )
        assert 100 * missed / (len(trials) - len(early)) == pytest.approx(
            sample.truth["simple_reaction_lapses"]
        )

    def test_wrong_choices_are_counted_out_beside_the_right_ones(self) -> None:
        sample = tasklog.choice_reaction(SEED)
        right, wrong = (of_test(sample, correct=answer) for answer in (True, False))
        assert (len(right), len(wrong)) == (80, 8)
        assert share(of_test(sample)) == pytest.approx(sample.truth["choice_reaction_accuracy"])
        for trial in nonempty(of_test(sample)):
            assert (trial.response == trial.target) == trial.correct

    def test_hits_and_false_alarms_are_counted_out(self) -> None:
        sample = tasklog.n_back(SEED, load=3)
        hits = of_test(sample, condition="target", correct=True)
        alarms = of_test(sample, condition="nontarget", correct=False)
        assert (len(hits), len(alarms), {trial.load for trial in of_test(sample)}) == (24, 7, {3})
        assert share(of_test(sample)) == sample.truth["n_back_accuracy"]

    def test_omissions_and_commissions_are_shares_of_their_kind(self) -> None:
        sample = tasklog.go_no_go(SEED)
        go, no_go = (of_test(sample, condition=kind) for kind in ("go", "nogo"))
        assert share(go, correct=False) == sample.truth["go_no_go_omissions"]
        assert share(no_go, correct=False) == sample.truth["go_no_go_commissions"]
        assert median(times([it for it in go if it.correct])) == pytest.approx(
            sample.truth["go_no_go_median"]
        )

    def test_staircase_of_stops_goes_by_one_step_with_each_answer(self) -> None:
        stops = of_test(tasklog.stop_signal(SEED), condition="stop")
        for before, after in nonempty(pairwise(stops)):
            assert before.stop_delay_ms is not None
            step = 50.0 if before.correct else -50.0
            assert after.stop_delay_ms == max(50.0, before.stop_delay_ms + step)

    def test_stop_that_came_too_late_was_answered_before_it_was_over(self) -> None:
        sample = tasklog.stop_signal(SEED)
        for trial in nonempty(of_test(sample, condition="stop", correct=False)):
            assert trial.rt_ms is not None
            assert trial.stop_delay_ms is not None
            assert trial.rt_ms < trial.stop_delay_ms + sample.truth["stop_signal_ssrt"]

    def test_switches_and_mixing_cost_what_is_said(self) -> None:
        sample = tasklog.task_switching(SEED)
        single, repeat, switch = (
            mean(times(of_test(sample, condition=kind, correct=True)))
            for kind in ("single", "repeat", "switch")
        )
        assert switch - repeat == pytest.approx(sample.truth["task_switching_switch_cost"])
        assert repeat - single == pytest.approx(sample.truth["task_switching_mixing_cost"])

    def test_cues_of_posner_cost_and_help_what_is_said(self) -> None:
        sample = tasklog.posner(SEED)
        valid, neutral, invalid = (
            mean(times(of_test(sample, condition=kind))) for kind in ("valid", "neutral", "invalid")
        )
        assert invalid - valid == pytest.approx(sample.truth["posner_validity_effect"])
        assert invalid - neutral == pytest.approx(sample.truth["posner_cost"])
        assert neutral - valid == pytest.approx(sample.truth["posner_benefit"])

    def test_blind_answers_are_right_every_other_time(self) -> None:
        sample = guessing(SEED)
        assert share(list(sample.trials)) == pytest.approx(50)
        assert sample.truth == {}
