"""Switching, cueing, tapping, blocks, and the effect of the trial before."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from random import Random
from statistics import fmean, stdev

import pytest

from functions.cognitive.cueing import cueing_scores
from functions.cognitive.decode import decode
from functions.cognitive.interference import gratton_effect, interference_scores
from functions.cognitive.scores import Score, Scored
from functions.cognitive.span import span_scores
from functions.cognitive.switching import switching_scores, with_transitions
from functions.cognitive.tapping import intervals, tapping_scores
from functions.cognitive.trials import Family, TaskRun, Trial
from local.samples import tasklog, tasklog_free
from shared.recording import RecordingFile


def by_name(scored: Scored) -> dict[str, Score]:
    return {score.name: score for score in scored.scores}


def conflict(pairs: dict[tuple[str, str], float], n: int = 40, seed: int = 1) -> TaskRun:
    """A flanker whose time depends on the trial and on the one before."""
    random = Random(seed)
    kinds = random.choices(("congruent", "incongruent"), k=16 * n)
    trials = [Trial(condition=kinds[0], correct=True, rt_ms=400.0)]
    for before, kind in pairwise(kinds):
        rt_ms = random.gauss(pairs[before, kind], 20)
        trials.append(Trial(condition=kind, correct=True, rt_ms=rt_ms))
    return TaskRun("flanker", Family.INTERFERENCE, tuple(trials))


ADAPTING = {
    ("congruent", "congruent"): 400.0,
    ("congruent", "incongruent"): 480.0,
    ("incongruent", "congruent"): 420.0,
    ("incongruent", "incongruent"): 460.0,
}


class TestGrattonEffect:
    def test_effect_shrinks_after_conflict(self) -> None:
        (score,) = gratton_effect("g", conflict(ADAPTING))

        assert score.value == pytest.approx(40, abs=5)

    def test_error_is_the_spread_of_many_sessions(self) -> None:
        matches = [gratton_effect("g", conflict(ADAPTING, seed=seed))[0] for seed in range(60)]

        told = fmean(score.standard_error or 0.0 for score in matches)
        assert told == pytest.approx(stdev(score.value for score in matches), rel=0.25)

    def test_trials_after_errors_and_block_starts_are_left_out(self) -> None:
        run = conflict(ADAPTING)
        wrong = tuple(
            replace(trial, correct=i % 10 != 0, rt_ms=3000.0 if i % 10 == 1 else trial.rt_ms)
            for i, trial in enumerate(run.trials)
        )

        (score,) = gratton_effect("g", replace(run, trials=wrong))

        assert score.value == pytest.approx(40, abs=8)

    def test_one_kind_of_pair_missing_is_no_effect(self) -> None:
        run = TaskRun("flanker", Family.INTERFERENCE, tasklog.flanker(1).trials[:20])

        assert "flanker_gratton_effect" not in by_name(interference_scores(run))


def ruled(trials: Iterable[Trial]) -> list[Trial]:
    """The trials of mixed blocks: by their rules alone, which change where they switched."""
    rule, told = "color", []
    for trial in trials:
        if trial.condition == "switch":
            rule = "shape" if rule == "color" else "color"
        if trial.condition != "single":
            told.append(replace(trial, rule=rule, condition=None))
    return told


class TestSwitchingScores:
    def test_rules_tell_switches_where_no_column_does(self) -> None:
        sample = tasklog.task_switching(1)
        trials = ruled(sample.trials)

        told = with_transitions(trials)

        expected = [t.condition for t in sample.trials if t.condition != "single"]
        assert [trial.condition for trial in told[1:]] == expected[1:]
        run = TaskRun("task_switching", Family.SWITCHING, tuple(trials))
        cost = by_name(switching_scores(run))["task_switching_switch_cost"].value
        assert cost == pytest.approx(150, abs=5)

    def test_first_trial_of_a_block_is_neither(self) -> None:
        trials = [Trial(rule=rule, block=block) for block in "ab" for rule in ("x", "x", "y")]

        told = [trial.condition for trial in with_transitions(trials)]

        assert told == [None, "repeat", "switch"] * 2

    def test_a_log_of_rules_alone_is_valid(self) -> None:
        random = Random(1)
        trials = [(random.choice(("color", "shape")), random.gauss(700, 90)) for _ in range(80)]
        rows = ["rule,correct,rt", *(f"{rule},1,{rt_ms:.0f}" for rule, rt_ms in trials)]

        (run,) = decode([RecordingFile("taskswitch.csv", "\n".join(rows).encode())]).runs

        assert run.concerns == ()
        assert "task_switching_switch_cost" in by_name(switching_scores(run))

    def test_mixed_blocks_alone_have_no_mixing_cost(self) -> None:
        trials = tuple(t for t in tasklog.task_switching(1).trials if t.condition != "single")
        scored = switching_scores(TaskRun("task_switching", Family.SWITCHING, trials))

        assert "task_switching_mixing_cost" not in by_name(scored)
        assert by_name(scored)["task_switching_switch_cost"].value == pytest.approx(150)


class TestCueingScores:
    def test_without_neutral_cues_there_is_the_effect_alone(self) -> None:
        trials = tuple(t for t in tasklog.posner(1).trials if t.condition != "neutral")
        scores = by_name(cueing_scores(TaskRun("posner", Family.CUEING, trials)))

        assert scores["posner_validity_effect"].value == pytest.approx(40)
        assert not {"posner_cost", "posner_benefit"} & scores.keys()

    def test_holding_back_at_a_catch_trial_is_right(self) -> None:
        rows = ["condition,rt", *("valid,300\ninvalid,340\ncatch," for _ in range(20)), "catch,250"]

        (run,) = decode([RecordingFile("posner.csv", "\n".join(rows).encode())]).runs

        judged = [trial.correct for trial in run.test if trial.condition == "catch"]
        assert judged == [True] * 20 + [False]

    def test_one_kind_of_cue_is_told(self) -> None:
        trials = tuple(t for t in tasklog.posner(1).trials if t.condition == "valid")

        scored = cueing_scores(TaskRun("posner", Family.CUEING, trials))

        assert [entry.name for entry in scored.absent] == ["posner_validity_effect"]

    def test_detection_without_judgments_is_valid(self) -> None:
        rows = ["cue_validity,rt", *(f"{('valid', 'invalid')[i % 2]},{300 + i}" for i in range(60))]

        (run,) = decode([RecordingFile("posner.csv", "\n".join(rows).encode())]).runs

        assert run.concerns == ()
        assert {trial.condition for trial in run.test} == {"valid", "invalid"}


class TestTappingScores:
    def test_intervals_and_onsets_give_the_same(self) -> None:
        taps = [t for t in tasklog_free.finger_tapping(1).trials if t.condition == "right"]
        (series,) = intervals(taps)
        timed = tuple(Trial(condition="right", rt_ms=interval) for interval in series)

        by_onset = tapping_scores(TaskRun("finger_tapping", Family.TAPPING, tuple(taps)))
        by_time = tapping_scores(TaskRun("finger_tapping", Family.TAPPING, timed))

        assert [s.value for s in by_onset.scores] == pytest.approx(
            [s.value for s in by_time.scores]
        )

    def test_pause_between_blocks_is_no_interval(self) -> None:
        first = [Trial(block="1", onset_ms=200.0 * i) for i in range(20)]
        second = [Trial(block="2", onset_ms=60_000 + 200.0 * i) for i in range(20)]
        run = TaskRun("finger_tapping", Family.TAPPING, (*first, *second))

        scores = by_name(tapping_scores(run))

        assert scores["finger_tapping_rate"].value == pytest.approx(5)
        assert scores["finger_tapping_variability"].value == pytest.approx(0, abs=1e-9)

    def test_error_of_the_decrement_is_the_spread_of_many_sessions(self) -> None:
        outcomes: list[Score] = []
        for seed in range(80):
            random = Random(seed)
            taps = tuple(
                Trial(rt_ms=random.gauss(180 * (1 + 0.1 * (i / 59 - 0.5)), 15)) for i in range(60)
            )
            run = TaskRun("finger_tapping", Family.TAPPING, taps)
            outcomes.append(by_name(tapping_scores(run))["finger_tapping_decrement"])

        assert fmean(score.value for score in outcomes) == pytest.approx(10, abs=1.5)
        told = fmean(score.standard_error or 0.0 for score in outcomes)
        assert told == pytest.approx(stdev(score.value for score in outcomes), rel=0.25)

    def test_few_taps_are_told(self) -> None:
        run = TaskRun("finger_tapping", Family.TAPPING, (Trial(rt_ms=200.0),) * 5)

        assert tapping_scores(run).scores == ()
        assert "Found 5 usable" in tapping_scores(run).absent[0].detail

    def test_a_table_of_tap_times_is_read(self) -> None:
        rows = ["hand,tap_time_ms", *(f"left,{180 * i}" for i in range(40))]

        (run,) = decode([RecordingFile("finger_tapping.csv", "\n".join(rows).encode())]).runs

        scores = by_name(tapping_scores(run))
        assert scores["finger_tapping_left_rate"].value == pytest.approx(1000 / 180)


class TestCorsi:
    def test_a_log_without_direction_is_forward_and_judged_by_its_blocks(self) -> None:
        rows = ["sequence,recalled"]
        rows += [f'"{size}-1-2","{size}-1-2"'.replace("-", " ") for size in range(3, 7)]
        rows += ['"1 2 3 4","1 2 4 3"']

        (run,) = decode([RecordingFile("corsi.csv", "\n".join(rows).encode())]).runs

        assert [trial.correct for trial in run.test] == [True] * 4 + [False]
        scores = by_name(span_scores(run))
        assert scores["corsi_forward_total"].value == 4
        assert run.concerns == ()
