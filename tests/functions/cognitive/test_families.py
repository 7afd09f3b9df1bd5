"""What the samples' known truth does not cover of the other families."""

from dataclasses import replace

import pytest

from functions.cognitive.coding import coding_scores
from functions.cognitive.decode import decode
from functions.cognitive.fluency import fluency_scores
from functions.cognitive.interference import interference_scores
from functions.cognitive.nback import n_back_scores
from functions.cognitive.reaction import choice_reaction_scores, simple_reaction_scores
from functions.cognitive.scores import Score, Scored
from functions.cognitive.span import partial_credit, span_scores
from functions.cognitive.trails import proportional_interference, trail_scores
from functions.cognitive.trials import Family, TaskRun, Trial
from functions.cognitive.wordlist import learning_slope, plain, word_list_scores
from local.samples import tasklog, tasklog_free, tasklog_web_files


def by_name(scored: Scored) -> dict[str, Score]:
    return {score.name: score for score in scored.scores}


class TestSimpleReactionScores:
    def test_lapse_limit_comes_from_the_profile(self) -> None:
        trials = tuple(Trial(rt_ms=rt) for rt in [300.0] * 15 + [400.0] * 5)
        run = TaskRun("pvt", Family.SIMPLE_REACTION, trials)

        usual = by_name(simple_reaction_scores(run))["pvt_lapses"].value
        brief = replace(run, settings={"lapse_ms": 355.0})

        assert usual == 0
        assert by_name(simple_reaction_scores(brief))["pvt_lapses"].value == 25

    def test_speed_is_the_mean_of_reciprocals(self) -> None:
        run = TaskRun("pvt", Family.SIMPLE_REACTION, (Trial(rt_ms=200.0), Trial(rt_ms=500.0)) * 5)

        assert by_name(simple_reaction_scores(run))["pvt_speed"].value == pytest.approx(3.5)

    def test_too_few_responses_are_said(self) -> None:
        scored = simple_reaction_scores(TaskRun("pvt", Family.SIMPLE_REACTION, (Trial(),) * 9))

        assert scored.scores == ()
        assert "Found 0 usable trials" in scored.absent[0].detail


class TestChoiceReactionScores:
    def test_efficiency_is_time_over_accuracy(self) -> None:
        trials = (Trial(rt_ms=400.0, correct=True),) * 8 + (Trial(rt_ms=400.0, correct=False),) * 2
        run = TaskRun("choice_reaction", Family.CHOICE_REACTION, trials)

        score = by_name(choice_reaction_scores(run))["choice_reaction_inverse_efficiency"]

        assert score.value == pytest.approx(500)


class TestInterferenceScores:
    def test_one_condition_alone_has_no_effect_but_a_median(self) -> None:
        trials = tuple(t for t in tasklog.stroop(1).trials if t.condition == "congruent")
        scored = interference_scores(TaskRun("stroop", Family.INTERFERENCE, trials))

        assert "stroop_effect" not in by_name(scored)
        assert "stroop_median" in by_name(scored)
        assert scored.absent[0].name == "stroop_effect"


class TestNBackScores:
    def test_loads_are_scored_apart_and_the_reached_one_is_averaged(self) -> None:
        trials = [t for n in (1, 2, 3) for t in tasklog.n_back(1, load=n).trials]
        scores = by_name(n_back_scores(TaskRun("n_back", Family.N_BACK, tuple(trials))))

        assert {f"n_back_{n}_d_prime" for n in (1, 2, 3)} <= scores.keys()
        assert scores["n_back_mean_load"].value == 2

    def test_without_loads_the_reason_is_said(self) -> None:
        trials = tuple(replace(t, load=None) for t in tasklog.n_back(1).trials)

        assert n_back_scores(TaskRun("n_back", Family.N_BACK, trials)).absent


class TestSpanScores:
    def test_direction_without_lists_is_said(self) -> None:
        trials = tuple(t for t in tasklog_free.digit_span(1).trials if t.condition == "forward")
        scored = span_scores(TaskRun("digit_span", Family.SPAN, trials))

        assert scored.absent[0].name == "digit_span_backward_total"


class TestPartialCredit:
    def test_backward_list_is_compared_turned(self) -> None:
        assert partial_credit(("1", "2", "3"), ("3", "2", "1"), backward=True) == 1

    def test_nothing_recalled_is_zero(self) -> None:
        assert partial_credit(("1", "2"), (), backward=False) == 0


class TestTrailScores:
    def test_single_rows_give_times_without_error_or_slips(self) -> None:
        trials = (Trial(condition="first", rt_ms=32e3), Trial(condition="second", rt_ms=59e3))
        scores = by_name(trail_scores(TaskRun("color_trails", Family.TRAILS, trials)))

        assert scores["color_trails_interference"].value == pytest.approx(0.84375)
        assert scores["color_trails_first_time"].standard_error is None
        assert "color_trails_first_errors" not in scores

    def test_times_from_tap_to_tap_are_added_up(self) -> None:
        taps = tuple(
            Trial(condition=part, rt_ms=rt_ms, correct=i != 3)
            for part, rt_ms in (("first", 1000.0), ("second", 2000.0))
            for i in range(25)
        )
        scores = by_name(trail_scores(TaskRun("trail_making", Family.TRAILS, taps)))

        assert scores["trail_making_first_time"].value == 25
        assert scores["trail_making_ratio"].value == 2
        assert scores["trail_making_second_errors"].value == 1

    def test_the_clock_of_the_session_is_no_time_of_a_part(self) -> None:
        file = tasklog_web_files.jspsych_json(tasklog_free.trail_making(1))

        (run,) = decode([file]).runs

        assert {entry.code for entry in trail_scores(run).absent} == {"no-completion-time"}

    def test_missing_part_gives_no_comparison(self) -> None:
        run = TaskRun("trail_making", Family.TRAILS, (Trial(condition="first", rt_ms=3e4),))
        scored = trail_scores(run)

        assert list(by_name(scored)) == ["trail_making_first_time"]
        assert scored.absent[0].name == "trail_making_second_time"


class TestProportionalInterference:
    def test_equal_times_cost_nothing(self) -> None:
        assert proportional_interference(30, 30) == 0


class TestWordListScores:
    def test_case_accents_and_order_do_not_matter(self) -> None:
        trial = Trial(condition="learning", items=("café", "Dog"), recalled=("DOG ", "cafe"))
        run = TaskRun("word_list", Family.WORD_LIST, (trial,) * 3)
        scores = by_name(word_list_scores(run))

        assert scores["word_list_total"].value == 6
        assert scores["word_list_intrusions"].value == 0


class TestLearningSlope:
    def test_constant_recall_has_no_slope(self) -> None:
        assert learning_slope([7, 7, 7]) == 0


class TestPlain:
    def test_marks_and_case_go(self) -> None:
        assert plain(" Ärger ") == "arger"


class TestFluencyScores:
    def test_clusters_are_runs_of_the_same_two_letters(self) -> None:
        words = ("fish", "fit", "fig", "fox", "frog", "free", "fan", "fun", "fell")
        trials = tuple(Trial(condition="letter", cue="f", response=word) for word in words)
        scores = by_name(fluency_scores(TaskRun("fluency", Family.FLUENCY, trials)))

        # fish fit fig | fox | frog free | fan | fun | fell -> 2 0 1 0 0 0
        assert scores["fluency_letter_cluster_size"].value == pytest.approx(0.5)

    def test_words_the_log_calls_wrong_are_intrusions(self) -> None:
        trials = (Trial(condition="category", cue="animals", response="chair", correct=False),)
        scores = by_name(fluency_scores(TaskRun("fluency", Family.FLUENCY, trials)))

        assert scores["fluency_category_correct"].value == 0
        assert scores["fluency_category_intrusions"].value == 1


class TestCodingScores:
    def test_only_items_within_the_window_count(self) -> None:
        run = TaskRun("digit_symbol", Family.CODING, (Trial(rt_ms=1000.0, correct=True),) * 200)

        assert by_name(coding_scores(run))["digit_symbol_correct"].value == 90
        longer = replace(run, settings={"window_s": 120.0})
        assert by_name(coding_scores(longer))["digit_symbol_correct"].value == 120
