"""Which rows count: practice by any name, omissions, screens, and words nobody knows."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from functions.cognitive.analysis import analyze
from functions.cognitive.decode import decode
from functions.cognitive.trials import Session
from local.samples import tasklog, tasklog_web_files
from shared.recording import RecordingFile
from tests.functions.cognitive.flanker_logs import (
    ACCURACY,
    CONDITION,
    JUDGED,
    OMISSIONS,
    PHASE,
    PRACTICE,
    SESSION,
    TEST,
    TIME,
    USUAL,
    Answer,
    Column,
    jspsych,
    table,
)

TESTED = {**TIME, **JUDGED, **CONDITION}
INKS = ("red", "green", "blue")


def n_back(*keys: str) -> RecordingFile:
    """Targets and lures, answered by the first and the last of these keys, and omissions."""
    kinds: list[dict[str, Any]] = [
        {"condition": "target", "response": keys[0], "correct": True},
        {"condition": "lure", "response": keys[-1], "correct": len(keys) == 2},
        {"condition": "lure", "response": None, "correct": None},
    ]
    rows = [{**kinds[i % 3], "load": 2, "rt": None if i % 3 == 2 else 500 + i} for i in range(60)]
    return RecordingFile("n_back.json", json.dumps(rows).encode())


def ink(answer: Answer) -> str:
    return INKS[SESSION.index(answer) % 3]


def word(answer: Answer) -> str:
    other = answer.condition == "incongruent"
    return INKS[(SESSION.index(answer) + other) % 3].upper()


def counts(session: Session) -> tuple[int, int]:
    (run,) = session.runs
    return len(run.practice), len(run.test)


def result(*files: RecordingFile, task: str | None = None) -> dict[str, Any]:
    return dict(analyze(decode(files, task=task)).result)


def by_phase(name: str, said: tuple[object, object]) -> Mapping[str, Column]:
    return {name: lambda answer: said[0] if answer.practice else said[1]}


def score(outcome: dict[str, Any], name: str) -> float | None:
    scores = outcome["task_scores"][name.partition("_")[0]]["scores"]
    return scores[name]["value"] if name in scores else None


def codes(outcome: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in outcome["validity"]["reasons"]]


EFFECT = score(result(table(USUAL)), "flanker_effect")
PRACTICE_COLUMNS: list[Mapping[str, Column]] = [
    by_phase(name, said)
    for name, said in {
        "block": ("practice", "test"),
        "block_name": ("Übung", "Block 1"),
        "Block Type": ("Practice block", "Main block"),
        "task": ("flanker_practice", "flanker_test"),
        "task_name": ("flanker practice", "flanker"),
        "part": ("training", "experiment"),
        "role": ("practice trial", "trial"),
        "test_part": ("practice", "main"),
        "title": ("Warm-up", "Flanker"),
        "is_practice": (True, False),
        "practice": ("yes", "no"),
        "exp_stage": ("practice", "test"),
        "blockcode": ("practiceblock", "testblock"),
        "a column of nobody": ("Training", "Haupt"),
        "list_name": ("PracList", "TrialList"),
    }.items()
]


class TestPractice:
    @pytest.mark.parametrize("phase", PRACTICE_COLUMNS, ids=lambda column: next(iter(column)))
    @pytest.mark.parametrize("write", [table, jspsych], ids=["table", "jsPsych"])
    def test_practice_is_found_by_whatever_names_it(
        self, write: Any, phase: Mapping[str, Column]
    ) -> None:
        session = decode([write({**TESTED, **phase})])

        assert counts(session) == (PRACTICE, TEST)

    def test_main_trials_beside_practice_ones_are_the_test(self) -> None:
        outcome = result(
            jspsych({**TESTED, "task": lambda a: "practice" if a.practice else "main"}),
            task="flanker",
        )

        assert score(outcome, "flanker_accuracy") == pytest.approx(ACCURACY)
        assert score(outcome, "flanker_effect") == pytest.approx(EFFECT)

    def test_a_word_in_every_row_names_no_practice_of_an_unknown_column(self) -> None:
        session = decode([table({**TESTED, "study": lambda _: "practice effects"})])

        assert counts(session) == (0, PRACTICE + TEST)

    def test_a_stimulus_of_that_word_is_no_practice(self) -> None:
        words = ("train", "house", "tree")
        columns = {**USUAL, "word": lambda a: words[SESSION.index(a) % 3]}

        assert counts(decode([table(columns)])) == (PRACTICE, TEST)

    @pytest.mark.parametrize("word", ["práctica", "entraînement", "oefenblok", "Übungsblock"])
    def test_practice_is_known_in_other_languages(self, word: str) -> None:
        columns = {**TESTED, "block": lambda a: word if a.practice else "1"}

        assert counts(decode([table(columns)])) == (PRACTICE, TEST)

    def test_practice_alone_is_told_of_one_task_of_two(self) -> None:
        rows = json.loads(tasklog_web_files.canonical_json([tasklog.stroop(1)]).content)
        rows["trials"] += [
            {"task": "flanker", "phase": "practice", "condition": "congruent", "rt_ms": 500.0}
        ] * 3

        outcome = result(RecordingFile("a.json", json.dumps(rows).encode()))

        assert codes(outcome) == ["practice-only"]
        assert outcome["validity"]["verdict"] == "questionable"
        assert outcome["import_report"]["practice"] == 15

    def test_practice_that_begins_again_is_questionable(self) -> None:
        rows = json.loads(tasklog_web_files.canonical_json([tasklog.stroop(1)]).content)
        other = json.loads(tasklog_web_files.canonical_json([tasklog.stroop(2)]).content)
        rows["trials"] += other["trials"]

        outcome = result(RecordingFile("a.json", json.dumps(rows).encode()))

        assert codes(outcome) == ["practice-again"]


def judged_or_null(answer: Answer) -> bool | None:
    return None if answer.omitted else answer.right


class TestOmissions:
    @pytest.mark.parametrize("write", [table, jspsych], ids=["table", "jsPsych"])
    def test_an_omission_without_a_judgment_is_wrong(self, write: Any) -> None:
        outcome = result(write({**USUAL, "correct": judged_or_null}))

        assert score(outcome, "flanker_accuracy") == pytest.approx(ACCURACY)
        assert score(outcome, "flanker_effect") == pytest.approx(EFFECT)
        assert outcome["validity"]["verdict"] == "valid"

    @pytest.mark.parametrize(
        "fixation", [{}, CONDITION, {**CONDITION, **PHASE}], ids=["bare", "condition", "all"]
    )
    def test_fixations_are_no_omissions(self, fixation: Mapping[str, Column]) -> None:
        outcome = result(jspsych({**USUAL, "correct": judged_or_null}, fixation=fixation))

        assert score(outcome, "flanker_accuracy") == pytest.approx(ACCURACY)
        assert sum(reason["count"] for reason in outcome["import_report"]["left_out"]) == len(
            SESSION
        )

    @pytest.mark.parametrize(("text", "times"), [("Get ready", 60), ("+", 1), ("", 1)])
    def test_screens_that_bear_the_condition_are_no_omissions(self, text: str, times: int) -> None:
        rows = json.loads(jspsych(USUAL).content)
        screen = {**rows[-1], "stimulus": f"<p>{text}</p>", "rt": None, "response": None}
        del screen["correct"]
        rows += [{**screen, "time_elapsed": 10**6 + i} for i in range(times)]

        outcome = result(RecordingFile("flanker.json", json.dumps(rows).encode()))

        assert score(outcome, "flanker_accuracy") == pytest.approx(ACCURACY)
        (reason,) = outcome["import_report"]["left_out"]
        assert (reason["code"], reason["count"]) == ("screen", times)

    def test_an_omission_of_a_task_without_conditions_is_wrong(self) -> None:
        columns = {**TIME, "correct": judged_or_null, **PHASE}
        file = jspsych(columns, fixation=PHASE)

        findings = analyze(decode([file], task="choice_reaction")).result["task_scores"]

        scores = findings["choice_reaction"]["scores"]
        assert scores["choice_reaction_accuracy"]["value"] == pytest.approx(ACCURACY)
        assert scores["choice_reaction_accuracy"]["n"] == TEST

    def test_expected_answers_judge_what_the_log_does_not(self) -> None:
        columns: dict[str, Column] = {
            **TIME,
            **CONDITION,
            **PHASE,
            "response": lambda a: a.key,
            "corrAns": lambda a: a.key if a.right else a.other_key,
        }

        outcome = result(table(columns))

        assert score(outcome, "flanker_accuracy") == pytest.approx(ACCURACY)

    @pytest.mark.parametrize(("keys", "right"), [(("space",), True), (("m", "n"), False)])
    def test_no_key_is_right_where_one_key_means_target(
        self, keys: tuple[str, ...], right: bool
    ) -> None:
        (run,) = decode([n_back(*keys)]).runs

        assert {t.correct for t in run.test if t.rt_ms is None} == {right}

    def test_stop_signal_keeps_its_omissions(self) -> None:
        sample = tasklog.stop_signal(1)
        rows = json.loads(tasklog_web_files.jspsych_json(sample).content)
        plain = [row for row in rows if row.get("task") == "response"]
        for row in plain:
            row["correct"] = None if row["rt"] is None else row["correct"]

        (run,) = decode([RecordingFile("stop_signal.json", json.dumps(rows).encode())]).runs

        assert len(run.test) == len(sample.trials)
        assert [t.correct for t in run.test] == [t.correct for t in sample.trials]


class TestConditions:
    def test_unknown_word_counts_in_accuracy_and_is_told(self) -> None:
        seldom = {"condition": lambda a: "control" if a.rt_ms and a.rt_ms > 470 else a.condition}
        unknown = [a for a in SESSION if a.rt_ms and a.rt_ms > 470]

        outcome = result(table({**USUAL, **seldom}))

        assert score(outcome, "flanker_accuracy") == pytest.approx(ACCURACY)
        assert codes(outcome) == ["unknown-condition"]
        (word,) = outcome["import_report"]["unknown_conditions"]
        assert (word["word"], word["trials"]) == ("control", len(unknown))
        assert word["test"] == sum(not a.practice for a in unknown)

    def test_missing_word_is_told(self) -> None:
        outcome = result(
            table({**USUAL, "condition": lambda a: None if a.omitted else a.condition})
        )

        assert score(outcome, "flanker_accuracy") == pytest.approx(ACCURACY)
        (word,) = outcome["import_report"]["unknown_conditions"]
        assert (word["word"], word["test"]) == (None, OMISSIONS)
        assert outcome["validity"]["verdict"] == "questionable"

    @pytest.mark.parametrize("codes_", [("0", "1"), ("A", "B")])
    def test_words_of_nobody_give_no_effect_and_are_questionable(
        self, codes_: tuple[str, str]
    ) -> None:
        outcome = result(
            table({**USUAL, "condition": lambda a: codes_[a.condition == "incongruent"]})
        )

        assert score(outcome, "flanker_effect") is None
        assert outcome["validity"]["verdict"] == "questionable"

    def test_no_condition_at_all_is_questionable(self) -> None:
        outcome = result(table({**TIME, **JUDGED, **PHASE}))

        assert codes(outcome) == ["unknown-condition"]

    @pytest.mark.parametrize(
        ("name", "easy", "hard"),
        [
            ("congruent", 1, 0),
            ("congruent", "true", "false"),
            ("Congruent", "TRUE", "FALSE"),
            ("is_congruent", "yes", "no"),
            ("incongruent", 0, 1),
            ("Congruency", "CONGRUENT", "Incongruent"),
            ("flanker_type", "compatible", "incompatible"),
            ("stimulus_type", "con", "inc"),
            ("Bedingung cond", "x", "x"),
        ],
    )
    def test_congruence_is_read_however_it_is_said(
        self, name: str, easy: object, hard: object
    ) -> None:
        columns = {**TIME, **JUDGED, **PHASE}
        said = {name: lambda a: easy if a.condition == "congruent" else hard}

        outcome = result(table({**columns, **said}))

        known = easy != hard
        assert score(outcome, "flanker_effect") == (pytest.approx(EFFECT) if known else None)
        assert outcome["validity"]["verdict"] == ("valid" if known else "questionable")

    def test_word_and_ink_make_the_condition_of_a_stroop(self) -> None:
        columns = {**TIME, **JUDGED, **PHASE, "text": word, "letterColor": ink}
        outcome = result(table(columns, name="stroop.csv"))
        neutral = {**columns, "text": lambda a: "XXXX" if a.omitted else word(a)}
        hex_inks = {**columns, "letterColor": lambda a: f"#{INKS.index(ink(a))}"}

        assert score(outcome, "stroop_effect") == pytest.approx(EFFECT)
        assert outcome["validity"]["verdict"] == "valid"
        for unknown in (neutral, hex_inks):
            assert "unknown-condition" in codes(result(table(unknown, name="stroop.csv")))

    def test_three_codes_of_three_conditions_are_known(self) -> None:
        text = "condition,correct,rt\n" + "0,1,500\n1,1,550\n2,1,600\n" * 6

        (run,) = decode([RecordingFile("stroop.csv", text.encode())]).runs

        assert [trial.condition for trial in run.trials[:3]] == [
            "congruent",
            "neutral",
            "incongruent",
        ]

    @pytest.mark.parametrize("word", ["nostop", "no_signal", "go", "GO", "no stop"])
    def test_going_is_known_by_each_of_its_words(self, word: str) -> None:
        sample = tasklog.stop_signal(1)
        rows = json.loads(tasklog_web_files.canonical_json([sample]).content)
        for row in rows["trials"]:
            row["condition"] = word if row["condition"] == "go" else "stop"

        outcome = result(RecordingFile("a.json", json.dumps(rows).encode()))

        ssrt = outcome["task_scores"]["stop_signal"]["scores"]["stop_signal_ssrt"]
        assert ssrt["value"] == pytest.approx(220, abs=15)
        assert outcome["validity"]["verdict"] == "valid"


class TestConcerns:
    def test_times_that_are_no_numbers_are_told(self) -> None:
        outcome = result(
            table({**USUAL, "rt": lambda a: "fast" if a.rt_ms and a.rt_ms < 400 else a.rt_ms})
        )

        assert "unreadable-time" in codes(outcome)
        assert outcome["validity"]["verdict"] != "valid"

    def test_judgments_of_a_third_kind_are_told(self) -> None:
        outcome = result(table({**USUAL, "correct": lambda a: 2 if a.omitted else int(a.right)}))

        assert codes(outcome) == ["not-judged"]
        assert score(outcome, "flanker_accuracy") == pytest.approx(ACCURACY)

    def test_a_log_that_judges_nothing_is_questionable(self) -> None:
        outcome = result(table({**TIME, **CONDITION, **PHASE}))

        assert codes(outcome) == ["not-judged"]

    def test_judged_rows_of_another_kind_are_left_out_and_told(self) -> None:
        rows = json.loads(jspsych(USUAL).content)
        rows.insert(
            30, {"trial_type": "survey-x", "correct": True, "rt": 900, "time_elapsed": 27_500}
        )
        rows[30]["trial_type"] = "html-button-response"

        outcome = result(RecordingFile("flanker.json", json.dumps(rows).encode()))

        assert codes(outcome) == ["answers-left-out"]
        (reason,) = outcome["import_report"]["left_out"]
        assert (reason["code"], reason["count"], reason["first_line"]) == ("no-condition", 1, 31)

    def test_judged_rows_of_no_known_task_are_told(self) -> None:
        outcome = result(table({**USUAL, "task": lambda a: "flanker" if a.right else "puzzle"}))

        assert "other-task" in codes(outcome)
        assert outcome["import_report"]["left_out"][0]["code"] == "other-task"

    def test_a_task_without_a_trial_is_told(self) -> None:
        rows = json.loads(tasklog_web_files.canonical_json([tasklog.stroop(1)]).content)
        rows["trials"].append({"task": "flanker", "stimulus": "Welcome"})

        outcome = result(RecordingFile("a.json", json.dumps(rows).encode()))

        assert codes(outcome) == ["no-trials"]

    def test_another_task_than_the_request_names_is_told(self) -> None:
        outcome = result(table({**USUAL, "task": lambda _: "flanker"}), task="stroop")

        assert codes(outcome) == ["other-task"]
        assert "stroop" in outcome["validity"]["reasons"][0]["text"]

    def test_a_counter_that_begins_again_is_told(self) -> None:
        counted = {**USUAL, "trial": lambda a: SESSION.index(a) % 36}
        blocks = {**counted, "block": lambda a: SESSION.index(a) // 36}

        assert codes(result(table(counted))) == ["counter-begins-again"]
        assert codes(result(table(blocks))) == []
