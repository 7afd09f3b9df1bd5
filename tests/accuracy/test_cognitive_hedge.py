"""Retest agreement from raw trials equals what Hedge, Powell & Sumner (2018) published."""

import re
from datetime import UTC, datetime
from functools import cache
from statistics import fmean, stdev

import pytest

from functions.cognitive.analysis import SCORERS
from functions.cognitive.decode import decode
from functions.cognitive.reliability import session_reliability
from functions.cognitive.samples import SAMPLES, Sample
from functions.cognitive.scores import Score
from functions.cognitive.validity import Verdict, run_validity
from shared.examination.change import Point, reliable_change
from shared.examination.change import Verdict as ChangeVerdict
from shared.examination.retest import BAND, RETESTS
from shared.recording import RecordingFile
from tests.accuracy.agreement import retest_agreement, split_half_reliability
from tests.accuracy.sets import DATA, needs

SET = "cognitive/hedge2018_study1"
FOLDER = DATA / SET
pytestmark = needs(SET)

# The source holds one file under the names of both people.
TWINS = (5, 13)
TASKS = {"flanker": "Flanker", "stroop": "Stroop"}


@cache
def sessions(task: str) -> dict[int, dict[int, tuple[dict[str, Score], Verdict]]]:
    """Everybody's scores by session, from headerless files given a header."""
    name = TASKS[task]
    values: dict[int, dict[int, tuple[dict[str, Score], Verdict]]] = {}
    for path in sorted((FOLDER / f"Study1-{name}").glob("*.csv")):
        match = re.fullmatch(rf"Study1_P(\d+){name}(\d)", path.stem)
        assert match is not None
        text = "block,trial,unused,condition,correct,rt\n" + path.read_text()
        run = decode([RecordingFile(f"{task}.csv", text.encode())]).runs[0]
        assert run.rt_unit.startswith("seconds (detected")
        scores = {score.name: score for score in SCORERS[run.family](run).scores}
        person = values.setdefault(int(match[1]), {})
        person[int(match[2])] = (scores, run_validity(run).verdict)
    return {person: value for person, value in values.items() if len(value) == 2}


def pairs(name: str, *, without: tuple[int, ...] = ()) -> list[tuple[float, float]]:
    people = sessions(name.partition("_")[0])
    return [
        (item[1][0][name].value, item[2][0][name].value)
        for person, item in people.items()
        if person not in without
    ]


class TestRetestAgreement:
    @pytest.mark.parametrize(
        ("name", "published"), [("flanker_effect", 0.40), ("stroop_effect", 0.60)]
    )
    def test_agreement_is_the_published_one(self, name: str, published: float) -> None:
        values = pairs(name)

        assert len(values) == 47
        assert retest_agreement(values) == pytest.approx(published, abs=0.02)

    @pytest.mark.parametrize(
        ("name", "agreement"),
        [
            ("flanker_gratton_effect", 0.28),
            ("stroop_gratton_effect", 0.32),
            ("stroop_exgaussian_mu", 0.65),
            ("stroop_exgaussian_sigma", 0.74),
            ("stroop_exgaussian_tau", 0.42),
        ],
    )
    def test_agreement_of_new_scores_is_what_the_card_says(
        self, name: str, agreement: float
    ) -> None:
        values = pairs(name, without=TWINS if name.startswith("flanker") else ())

        assert retest_agreement(values) == pytest.approx(agreement, abs=0.005)

    @pytest.mark.parametrize(
        ("name", "mean", "sd", "practice", "difference_sd"),
        [
            ("flanker_effect", 45.5, 21.4, -10.1, 21.4),
            ("stroop_effect", 78.0, 38.5, -16.8, 29.7),
        ],
    )
    def test_moments_equal_an_independent_script(
        self, name: str, mean: float, sd: float, practice: float, difference_sd: float
    ) -> None:
        values = pairs(name)
        changes = [second - first for first, second in values]

        assert fmean(first for first, _ in values) == pytest.approx(mean, abs=0.1)
        assert stdev(first for first, _ in values) == pytest.approx(sd, abs=0.1)
        assert fmean(changes) == pytest.approx(practice, abs=0.1)
        assert stdev(changes) == pytest.approx(difference_sd, abs=0.1)


class TestRetestTable:
    @pytest.mark.parametrize("name", RETESTS)
    def test_table_is_what_these_trials_give(self, name: str) -> None:
        values = pairs(name, without=TWINS if name.startswith("flanker") else ())
        changes = [second - first for first, second in values]

        assert RETESTS[name].n == len(values)
        assert RETESTS[name].difference_sd == pytest.approx(stdev(changes), abs=0.06)
        assert RETESTS[name].practice == pytest.approx(fmean(changes), abs=0.06)


class TestFalseAlarms:
    @pytest.mark.parametrize(("name", "changed"), [("stroop_effect", 2), ("flanker_effect", 3)])
    def test_unchanged_people_are_called_changed_at_most_as_often_as_promised(
        self, name: str, changed: int
    ) -> None:
        first, later = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 26, tzinfo=UTC)
        verdicts = [
            reliable_change(name, [Point(before, first)], [Point(after, later)]).verdict
            for before, after in pairs(name)
        ]
        alarms = sum(verdict is not ChangeVerdict.NO_RELIABLE_CHANGE for verdict in verdicts)

        assert alarms == changed
        assert alarms <= (1 - BAND) * len(verdicts)


class TestSamples:
    @pytest.mark.parametrize(
        "sample", [s for s in SAMPLES if s.source == "hedge-2018"], ids=lambda s: s.biomarker
    )
    def test_sample_is_what_these_trials_give(self, sample: Sample) -> None:
        without = TWINS if sample.biomarker.startswith("flanker") else ()
        first = [value for value, _ in pairs(sample.biomarker, without=without)]

        assert sample.n == len(first)
        assert sample.mean == pytest.approx(fmean(first), abs=0.06)
        assert sample.sd == pytest.approx(stdev(first), abs=0.06)


class TestSessionReliability:
    @pytest.mark.parametrize("name", ["flanker_effect", "stroop_effect", "flanker_median"])
    def test_one_session_agrees_with_the_split_half_of_the_group(self, name: str) -> None:
        first = [session[1][0][name] for session in sessions(name.partition("_")[0]).values()]
        spread = stdev(score.value for score in first)

        group = split_half_reliability([score.halves for score in first if score.halves])
        alone = [session_reliability(score.standard_error, spread) for score in first]

        assert group is not None
        assert fmean(value for value in alone if value is not None) == pytest.approx(
            group, abs=0.08
        )


class TestValidity:
    @pytest.mark.parametrize(("task", "questionable"), [("flanker", 3), ("stroop", 0)])
    def test_no_real_session_is_thrown_out(self, task: str, questionable: int) -> None:
        verdicts = [
            verdict for session in sessions(task).values() for _, verdict in session.values()
        ]

        assert Verdict.INVALID not in verdicts
        assert len(verdicts) == 94
        assert verdicts.count(Verdict.QUESTIONABLE) == questionable
