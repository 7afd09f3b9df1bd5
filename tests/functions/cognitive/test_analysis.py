"""Sessions of known truth are scored as they are; invalid ones are not scored at all."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.cognitive.analysis import SCORERS, analyze
from functions.cognitive.decode import decode
from functions.cognitive.norms import BIOMARKERS
from functions.cognitive.trials import (
    Device,
    Family,
    NoTestTrials,
    Phase,
    Session,
    TaskRun,
    Trial,
)
from local.samples import tasklog, tasklog_free
from local.samples.tasklog import SAMPLES
from local.samples.tasklog_trials import TaskSample
from local.samples.tasklog_web_files import canonical_json
from shared.record import Findings
from tests.nonempty import nonempty

TIMELINES = ["trial_timeline", "trial_timeline_narrow"]
BANNED = ("impaired", "impairment", "dementia", "diagnos", "abnormal")


def findings(*samples: TaskSample, **session: object) -> Findings:
    return analyze(decode([canonical_json(samples, **session)]))


def all_samples() -> list[TaskSample]:
    return [make(1) for make in SAMPLES]


class TestAnalyze:
    @pytest.mark.parametrize("make", SAMPLES, ids=lambda make: make.__name__)
    @pytest.mark.parametrize("seed", [1, 2])
    def test_known_truth_is_found(self, make: Callable[[int], TaskSample], seed: int) -> None:
        sample = make(seed)

        outcome = findings(sample)

        values = {biomarker.name: biomarker.value for biomarker in outcome.biomarkers}
        # A staircase of 100 stops estimates a fixed stopping time with some error.
        tolerance = 15.0 if sample.task == "stop_signal" else 1e-6
        for name, value in sample.truth.items():
            assert values[name] == pytest.approx(value, abs=tolerance), name
        assert outcome.result["validity"]["verdict"] == "valid"

    def test_every_score_is_in_the_catalog_with_its_unit(self) -> None:
        outcome = findings(*all_samples())

        for task in nonempty(outcome.result["task_scores"].values()):
            for name, score in nonempty(task["scores"].items()):
                assert score["unit"] == BIOMARKERS[name].unit
                assert score["n"] > 0
        assert not any("catalog" in warning for warning in outcome.warnings)

    def test_result_is_json_and_claims_no_illness(self) -> None:
        outcome = findings(*all_samples())

        text = json.dumps([outcome.result, outcome.warnings, outcome.parameters], allow_nan=False)

        assert not any(word in text.lower() for word in BANNED)
        assert outcome.result["cognitive_decline_probability"] is None
        assert outcome.risk is None
        assert outcome.confidence is None

    def test_guessing_yields_no_scores_but_reasons(self) -> None:
        outcome = findings(tasklog.guessing(1))

        assert outcome.biomarkers == ()
        assert outcome.result["validity"]["verdict"] == "invalid"
        assert outcome.result["validity"]["reasons"][0]["code"] == "at-chance"
        assert outcome.result["task_scores"]["stroop"]["scores"] == {}
        absent = [(entry.name, entry.code) for entry in outcome.absent]
        assert absent == [("stroop_effect", "task-invalid")]
        assert outcome.quality_score == 0
        assert outcome.review_reason is not None
        assert [picture.name for picture in outcome.pictures] == TIMELINES

    def test_a_task_without_any_score_is_questionable(self) -> None:
        taps = tuple(replace(t, onset_ms=None) for t in tasklog_free.trail_making(1).trials)

        outcome = findings(TaskSample("trail_making", taps, {}))

        assert [reason["code"] for reason in outcome.result["validity"]["reasons"]] == ["no-score"]
        assert {entry.code for entry in outcome.absent} == {"no-completion-time"}

    def test_invalid_task_does_not_touch_the_valid_one(self) -> None:
        outcome = findings(tasklog.guessing(1), tasklog.flanker(1))

        assert outcome.result["valid_tasks"] == 1
        assert outcome.result["tasks_completed"] == 2
        assert outcome.result["validity"]["verdict"] == "questionable"
        assert {biomarker.name.split("_")[0] for biomarker in outcome.biomarkers} == {
            "flanker",
            "fatigue",
            "consistency",
        }

    def test_lost_focus_and_slow_display_are_questionable(self) -> None:
        outcome = findings(tasklog.flanker(1), focus_losses=3, device={"refresh_hz": 30})

        codes = [reason["code"] for reason in outcome.result["validity"]["reasons"]]
        assert codes == ["focus-lost", "slow-display"]
        assert outcome.result["validity"]["verdict"] == "questionable"

    def test_without_age_there_is_no_z_and_the_reason_is_said(self) -> None:
        outcome = findings(tasklog.stroop(1), tasklog.go_no_go(1))

        assert outcome.result["executive_function_z"] is None
        assert "The age is not known." in outcome.result["domains"]["executive"]["reason"]

    def test_practice_only_is_refused(self) -> None:
        run = TaskRun("stroop", Family.INTERFERENCE, (Trial(phase=Phase.PRACTICE, rt_ms=500.0),))

        with pytest.raises(NoTestTrials):
            analyze(Session((run,), "x"))

    def test_stages_are_marked_in_order(self) -> None:
        marked: list[str] = []

        def stage(name: str) -> AbstractContextManager[None]:
            marked.append(name)
            return nullcontext()

        analyze(decode([canonical_json([tasklog.flanker(1)])]), stage=stage)

        assert marked == ["validity", "scores", "domains", "pictures"]

    def test_unit_and_its_evidence_stand_in_the_parameters(self) -> None:
        parameters = findings(tasklog.flanker(1)).parameters

        assert parameters["tasks"]["flanker"]["rt_unit"].startswith("milliseconds (detected")

    def test_what_qualifies_the_numbers_stands_in_the_parameters(self) -> None:
        device = {
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            "input": "keyboard",
        }
        session = decode([canonical_json([tasklog.flanker(1)], device=device)])

        findings = analyze(session, age_years=40, sex="female", education_years=12)

        expected = {"age_years": 40, "sex": "female", "education_years": 12, "mode": "web"}
        assert expected.items() <= findings.parameters.items()
        assert findings.parameters["device"]["user_agent"].endswith("Firefox/140.0")
        assert findings.parameters["tasks"]["flanker"]["version"] is None
        assert findings.parameters["site_norms"] == {}

    def test_method_names_task_version_mode_and_device(self) -> None:
        agent = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile"
        session = decode([canonical_json([tasklog.flanker(1), tasklog.stroop(1)])])
        flanker, stroop = session.runs
        device = Device(user_agent=agent, input_kind="touch")
        told = replace(session, runs=(replace(flanker, version="2.1"), stroop), device=device)

        methods = {biomarker.name: biomarker.method for biomarker in analyze(told).biomarkers}

        assert methods["flanker_effect"] == "flanker 2.1, web, Android, touch"
        assert methods["stroop_effect"] == "stroop, web, Android, touch"
        assert methods["fatigue_index"] == "flanker 2.1 + stroop, web, Android, touch"

    def test_order_of_trials_changes_no_score_but_halves(self) -> None:
        session = decode([canonical_json([tasklog.stroop(1)])])
        run = session.runs[0]
        turned = replace(session, runs=(replace(run, trials=run.trials[::-1]),))

        effect = analyze(session).result["task_scores"]["stroop"]["scores"]["stroop_effect"]
        again = analyze(turned).result["task_scores"]["stroop"]["scores"]["stroop_effect"]

        assert effect["value"] == again["value"]
        assert effect["standard_error"] == again["standard_error"]


CONDITIONS = (
    *(None, "congruent", "incongruent", "go", "nogo", "stop", "target", "nontarget"),
    *("forward", "backward", "first", "second", "learning", "delayed", "old", "new"),
    *("letter", "category"),
)


def any_trial(random: Random, conditions: Sequence[str | None]) -> Trial:
    """A trial of any kind, also of kinds that no program writes."""
    return Trial(
        phase=random.choice(list(Phase)),
        condition=random.choice(conditions),
        target=random.choice([None, "a", "b"]),
        response=random.choice([None, "a", "b", "fish"]),
        correct=random.choice([None, True, False]),
        rt_ms=random.choice([None, 0.0, -30.0, 500.0, random.uniform(-50, 1e5)]),
        onset_ms=random.choice([None, 0.0, random.uniform(0, 1e5)]),
        cue=random.choice([None, "f", "none", "double", "center", "spatial"]),
        load=random.choice([None, *range(9)]),
        stop_delay_ms=random.choice([None, 0.0, random.uniform(0, 1e3)]),
        items=tuple(random.choices("abc", k=random.randrange(4))),
        recalled=tuple(random.choices("abd", k=random.randrange(4))),
    )


class TestScorers:
    def test_every_family_has_a_scorer(self) -> None:
        assert set(SCORERS) == set(Family)

    @given(st.sampled_from(Family), st.integers(0, 10**9), st.integers(1, 120))
    @settings(max_examples=150, deadline=None)
    def test_any_trials_give_finite_findings_or_a_named_refusal(
        self, family: Family, seed: int, n: int
    ) -> None:
        random = Random(seed)
        conditions = random.choices(CONDITIONS, k=3)
        run = TaskRun("stroop", family, tuple(any_trial(random, conditions) for _ in range(n)))
        try:
            findings = analyze(Session((run,), "x"))
        except NoTestTrials:
            return
        json.dumps([findings.result, findings.warnings, findings.parameters], allow_nan=False)
        assert b"nan" not in b"".join(picture.content for picture in findings.pictures)
