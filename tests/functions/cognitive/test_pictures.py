"""Pictures are well-formed SVG and show what they should."""

from xml.etree import ElementTree as ET

import pytest

from functions.cognitive.pictures import rt_distribution, score_intervals, trial_timeline
from functions.cognitive.scores import Score
from functions.cognitive.trials import Family, TaskRun, Trial
from local.samples import tasklog
from shared.record import Picture
from tests.nonempty import nonempty

SVG = "{http://www.w3.org/2000/svg}"


def stroop() -> TaskRun:
    return TaskRun("stroop", Family.INTERFERENCE, tasklog.stroop(1).trials)


def parsed(picture: Picture) -> ET.Element:
    assert picture.media_type == "image/svg+xml"
    return ET.fromstring(picture.content)


def words(root: ET.Element) -> str:
    return " ".join(text.text or "" for text in root.iter(f"{SVG}text"))


class TestTrialTimeline:
    def test_every_trial_has_its_mark(self) -> None:
        run = stroop()
        root = parsed(trial_timeline([run])[0])

        dots = len(list(root.iter(f"{SVG}circle")))
        crosses = sum("l6 6m0 -6l-6 6" in path.get("d", "") for path in root.iter(f"{SVG}path"))

        right = sum(t.rt_ms is not None and t.correct is True for t in run.trials)
        wrong = sum(t.rt_ms is not None and t.correct is False for t in run.trials)
        assert (dots, crosses) == (right, wrong)
        assert "12 of them practice" in words(root)


class TestRtDistribution:
    def test_conditions_and_median_are_named(self) -> None:
        text = words(parsed(rt_distribution([stroop()])[0]))

        assert "congruent" in text
        assert "incongruent" in text
        assert "median" in text

    def test_words_from_the_log_are_escaped(self) -> None:
        trials = tuple(Trial(condition="<script>", rt_ms=300.0 + i) for i in range(9))

        picture = rt_distribution([TaskRun("x", Family.CHOICE_REACTION, trials)])[0]

        assert b"<script>" not in picture.content
        assert "<script>" in words(parsed(picture))

    @pytest.mark.parametrize("times", [[0.0], [-5.0, -4.0], [1e5], [500.0] * 3])
    def test_odd_times_still_give_a_picture(self, times: list[float]) -> None:
        run = TaskRun("x", Family.CHOICE_REACTION, tuple(Trial(rt_ms=t) for t in times))

        parsed(rt_distribution([run])[0])
        parsed(trial_timeline([run])[0])


class TestNarrow:
    def test_each_picture_has_a_form_for_a_telephone(self) -> None:
        scores = [Score("stroop_effect", 80, 100, 10)]
        run = stroop()
        drawn = [trial_timeline([run]), rt_distribution([run]), score_intervals(scores)]

        for wide, narrow in nonempty(drawn):
            assert narrow.name == f"{wide.name}_narrow"
            assert narrow.alt == wide.alt
            assert parsed(narrow).get("width") == "360"


class TestScoreIntervals:
    def test_scores_without_error_are_left_out(self) -> None:
        scores = [Score("stroop_effect", 80, 100, 10), Score("digit_span_forward_longest", 7, 9)]

        text = words(parsed(score_intervals(scores)[0]))

        assert "80 ms [60.4, 99.6]" in text
        assert "longest" not in text
