"""Free answers, counted here by hand, and the counts that stand beside them."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean

import pytest

from functions.cognitive.trials import Trial
from local.samples.tasklog_free import (
    NEW_WORDS,
    WORDS,
    corsi,
    digit_span,
    finger_tapping,
    fluency,
    trail_making,
    word_list,
)
from local.samples.tasklog_trials import TaskSample
from tests.nonempty import nonempty

SEED = 5


def of(sample: TaskSample, condition: str) -> list[Trial]:
    return nonempty(trial for trial in sample.trials if trial.condition == condition)


def longest(trials: Sequence[Trial]) -> int:
    return max(len(trial.items) for trial in trials if trial.correct)


class TestSpans:
    @pytest.mark.parametrize("direction", ["forward", "backward"])
    def test_longest_span_and_number_of_right_ones(self, direction: str) -> None:
        sample = digit_span(SEED)
        trials = of(sample, direction)
        assert longest(trials) == sample.truth[f"digit_span_{direction}_longest"]
        right = sum(trial.correct is True for trial in trials)
        assert right == sample.truth[f"digit_span_{direction}_total"]

    @pytest.mark.parametrize(("direction", "step"), [("forward", 1), ("backward", -1)])
    def test_what_is_right_is_what_was_shown_in_its_order(self, direction: str, step: int) -> None:
        for trial in nonempty(of(digit_span(SEED), direction)):
            assert (trial.recalled == trial.items[::step]) == trial.correct

    def test_blocks_are_tapped_in_their_order_up_to_the_longest(self) -> None:
        sample = corsi(SEED)
        trials = of(sample, "forward")
        assert longest(trials) == sample.truth["corsi_forward_longest"]
        assert sum(trial.correct is True for trial in trials) == sample.truth["corsi_forward_total"]
        for trial in trials:
            assert (trial.recalled == trial.items) == trial.correct
            assert len(set(trial.items)) == len(trial.items) == trial.load


class TestTrails:
    @pytest.mark.parametrize("part", ["first", "second"])
    def test_last_circle_is_reached_at_the_time_of_the_part(self, part: str) -> None:
        sample = trail_making(SEED, first_s=30, second_s=70)
        times_ms = [trial.onset_ms or 0 for trial in of(sample, part)]
        assert times_ms[-1] / 1000 == pytest.approx(sample.truth[f"trail_making_{part}_time"])
        assert times_ms == sorted(times_ms)

    def test_slips_are_of_the_second_part(self) -> None:
        sample = trail_making(SEED)
        slips = [trial.condition for trial in sample.trials if trial.correct is False]
        assert slips == ["second"] * 2
        assert len(of(sample, "second")) - len(slips) == len(of(sample, "first")) == 25

    def test_difference_and_ratio_are_those_of_the_times(self) -> None:
        truth = trail_making(SEED, first_s=30, second_s=75).truth
        assert (truth["trail_making_difference"], truth["trail_making_ratio"]) == (45, 2.5)


class TestWords:
    def test_lists_have_no_word_twice(self) -> None:
        assert len({*WORDS, *NEW_WORDS}) == len(WORDS) + len(NEW_WORDS) == 32

    def test_learning_is_counted_without_slips(self) -> None:
        sample = word_list(SEED)
        learned = [set(trial.recalled) & set(WORDS) for trial in of(sample, "learning")]
        counts = [len(words) for words in learned]
        assert counts == [6, 8, 10, 12, 14]
        assert sum(counts) == sample.truth["word_list_total"]

    def test_first_trial_has_the_one_intrusion_and_the_one_repetition(self) -> None:
        recalled = of(word_list(SEED), "learning")[0].recalled
        assert [word for word in recalled if word not in WORDS] == ["giraffe"]
        assert len(recalled) - len(set(recalled)) == 1

    def test_recognition_is_known_of_both_lists(self) -> None:
        sample = word_list(SEED)
        known = sum(trial.correct is True for trial in of(sample, "old"))
        mistaken = sum(trial.correct is False for trial in of(sample, "new"))
        assert (known, mistaken) == (14, 2)
        assert {trial.stimulus for trial in of(sample, "new")} == set(NEW_WORDS)

    def test_fluency_counts_a_word_once_and_by_its_letter(self) -> None:
        sample = fluency(SEED)
        words = [str(trial.response) for trial in of(sample, "letter")]
        fitting = {word for word in words if word.startswith("f")}
        assert len(fitting) == sample.truth["fluency_letter_correct"]
        assert len(words) - len(set(words)) == sample.truth["fluency_letter_repetitions"]
        strangers = [word for word in words if not word.startswith("f")]
        assert len(strangers) == sample.truth["fluency_letter_intrusions"]


class TestTaps:
    @pytest.mark.parametrize("hand", ["right", "left"])
    @pytest.mark.parametrize("decrement_percent", [0.0, 20.0])
    def test_rate_and_slowing_are_those_of_the_intervals(
        self, hand: str, decrement_percent: float
    ) -> None:
        sample = finger_tapping(SEED, decrement_percent=decrement_percent)
        taps_ms = [trial.onset_ms or 0 for trial in of(sample, hand)]
        gaps_ms = [after - before for before, after in pairwise(taps_ms)]
        assert 1000 / mean(gaps_ms) == pytest.approx(sample.truth[f"finger_tapping_{hand}_rate"])
        grown_percent = 100 * (gaps_ms[-1] - gaps_ms[0]) / mean(gaps_ms)
        assert grown_percent == pytest.approx(sample.truth[f"finger_tapping_{hand}_decrement"])
