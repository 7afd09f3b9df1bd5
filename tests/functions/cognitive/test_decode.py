"""Real dialects become the same session; everything else is refused by name."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.cognitive.decode import decode
from functions.cognitive.profiles import UnknownTask
from functions.cognitive.refusals import (
    FileCount,
    ImpossibleTime,
    ImpossibleVersion,
    NoTrials,
    RepeatedTask,
    SeveralPeople,
)
from functions.cognitive.trials import Mode, Session, Trial
from local.samples import tasklog, tasklog_files, tasklog_free, tasklog_web_files
from local.samples.tasklog_trials import TaskSample
from shared.errors import UnreadableUpload
from shared.recording import RecordingFile

type Writer = Callable[[TaskSample], RecordingFile]


def canonical(sample: TaskSample) -> RecordingFile:
    return tasklog_web_files.canonical_json([sample])


WRITERS: tuple[Writer, ...] = (
    tasklog_web_files.jspsych_json,
    tasklog_web_files.jspsych_csv,
    tasklog_web_files.experiment_factory_json,
    tasklog_files.psychopy_csv,
    tasklog_web_files.labjs_json,
    tasklog_web_files.labjs_csv,
    tasklog_files.psychopy_wide_text,
    tasklog_web_files.gorilla_csv,
    tasklog_files.eprime_log,
    tasklog_files.eprime_table,
    tasklog_files.opensesame_csv,
    canonical,
)


def table(text: str, name: str = "stroop.csv") -> RecordingFile:
    return RecordingFile(name, text.encode())


def what_happened(trial: Trial) -> tuple[object, ...]:
    rt = None if trial.rt_ms is None else round(trial.rt_ms, 6)
    return trial.phase, trial.condition, trial.correct, rt, trial.cue, trial.load


class TestDecode:
    @pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
    @pytest.mark.parametrize(
        "make",
        [
            tasklog.choice_reaction,
            tasklog.flanker,
            tasklog.stroop,
            tasklog.attention_network,
            tasklog.n_back,
            tasklog.go_no_go,
            tasklog.stop_signal,
            tasklog.task_switching,
            tasklog.posner,
        ],
        ids=lambda make: make.__name__,
    )
    def test_every_dialect_gives_the_same_trials(
        self, make: Callable[[int], TaskSample], write: Writer
    ) -> None:
        sample = make(3)

        run = decode([write(sample)]).runs[0]

        assert run.task == sample.task
        assert [what_happened(t) for t in run.trials] == [what_happened(t) for t in sample.trials]

    @pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
    def test_unanswered_simple_reactions_are_kept(self, write: Writer) -> None:
        sample = tasklog.simple_reaction(1)

        run = decode([write(sample)]).runs[0]

        assert [t.rt_ms is None for t in run.trials] == [t.rt_ms is None for t in sample.trials]

    def test_canonical_session_holds_several_tasks_and_its_device(self) -> None:
        file = tasklog_web_files.canonical_json(
            [tasklog.flanker(1), tasklog_free.digit_span(1)], focus_losses=2
        )

        session = decode([file])

        assert [run.task for run in session.runs] == ["flanker", "digit_span"]
        assert session.mode is Mode.WEB
        assert session.device.refresh_hz == 60
        assert session.focus_losses == 2

    def test_seconds_are_detected_and_said(self) -> None:
        lines = "\n".join(f"congruent,1,0.{500 + i}" for i in range(20))

        run = decode([table(f"condition,correct,rt\n{lines}\n")]).runs[0]

        assert run.trials[0].rt_ms == pytest.approx(500)
        assert run.rt_unit.startswith("seconds (detected: the median is 0.5095")

    def test_seconds_in_a_format_of_milliseconds_are_a_warning(self) -> None:
        sample = tasklog.stroop(1)
        quick = [
            replace(t, rt_ms=None if t.rt_ms is None else t.rt_ms / 1000) for t in sample.trials
        ]
        file = tasklog_web_files.jspsych_csv(replace(sample, trials=tuple(quick)))

        session = decode([file])

        assert session.runs[0].test[0].rt_ms == pytest.approx(sample.trials[12].rt_ms, abs=0.6)
        assert "writes milliseconds, but these times are seconds" in session.warnings[0]

    def test_task_may_be_named_by_the_sender(self) -> None:
        text = "condition,correct,rt\n" + "congruent,1,500\n" * 6

        assert decode([table(text, "a.csv")], task="simon").runs[0].task == "simon"

    def test_unknown_task_is_refused(self) -> None:
        with pytest.raises(UnknownTask):
            decode([table("correct,rt\n1,500\n", "a.csv")])
        with pytest.raises(UnknownTask):
            decode([table("correct,rt\n1,500\n")], task="chess")

    def test_two_people_are_refused(self) -> None:
        with pytest.raises(SeveralPeople, match="2 people"):
            decode([table("worker_id,correct,rt\na,1,500\nb,1,500\n")])

    def test_same_task_twice_is_refused(self) -> None:
        file = tasklog_web_files.labjs_json(tasklog.stroop(1))

        with pytest.raises(RepeatedTask):
            decode([file, file])

    def test_no_file_and_no_trials_are_refused(self) -> None:
        with pytest.raises(FileCount):
            decode([])
        with pytest.raises(NoTrials):
            decode([RecordingFile("stroop.json", b"[]")])

    def test_times_beyond_a_day_are_refused(self) -> None:
        text = "condition,correct,rt\n" + "congruent,1,0.5\n" * 6 + "congruent,1,1e306\n"

        with pytest.raises(ImpossibleTime):
            decode([table(text)])

    def test_several_files_make_one_session(self) -> None:
        files = [
            tasklog_files.psychopy_csv(tasklog.flanker(1)),
            tasklog_web_files.labjs_json(tasklog.stroop(1)),
        ]

        session = decode(files)

        assert [run.task for run in session.runs] == ["flanker", "stroop"]
        assert session.file_format == "PsychoPy CSV, lab.js JSON"
        assert session.mode is Mode.UNKNOWN


FUZZ = 100  # of each kind, at every run of the tests


def decoded_or_refused(content: bytes, name: str) -> Session | UnreadableUpload:
    """Decode, letting nothing but a named refusal pass."""
    try:
        return decode([RecordingFile(name, content)])
    except UnreadableUpload as refusal:
        return refusal


def is_honest(outcome: Session | UnreadableUpload) -> bool:
    return isinstance(outcome, Session) or outcome.code != UnreadableUpload.code


WORDS = st.sampled_from(
    (
        *("rt", "correct", "condition", "response", "task", "stroop", "congruent", "trial_type"),
        *("time_elapsed", "sender", "ended_on", "key_resp.rt", "trials.thisN", "trialdata"),
        *("items", "meta", "focus_shifts", "SSD"),
    )
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS
CELLS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3)
)


class TestHostileInput:
    @given(st.binary(max_size=300), st.sampled_from(["stroop.csv", "x"]))
    @settings(max_examples=FUZZ, deadline=None)
    def test_any_bytes_end_in_a_session_or_a_named_refusal(self, content: bytes, name: str) -> None:
        assert is_honest(decoded_or_refused(content, name))

    @given(st.lists(st.dictionaries(WORDS, CELLS, max_size=8), max_size=6))
    @settings(max_examples=FUZZ, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_any_json_ends_in_a_session_or_a_named_refusal(self, rows: list[object]) -> None:
        assert is_honest(
            decoded_or_refused(json.dumps(rows).encode("utf-8", "surrogatepass"), "stroop.json")
        )

    @given(st.lists(st.lists(SCALARS.map(str), min_size=4, max_size=4), max_size=8))
    @settings(max_examples=FUZZ, deadline=None)
    def test_any_table_ends_in_a_session_or_a_named_refusal(self, rows: list[list[str]]) -> None:
        lines = ["rt,correct,condition,response", *(",".join(row) for row in rows)]
        assert is_honest(
            decoded_or_refused("\n".join(lines).encode("utf-8", "surrogatepass"), "stroop.csv")
        )

    @given(st.integers(0, 5000), st.integers(0, 255))
    @settings(max_examples=FUZZ, deadline=None)
    def test_one_damaged_byte_ends_in_a_session_or_a_named_refusal(
        self, place: int, byte: int
    ) -> None:
        damaged = bytearray(DAMAGEABLE)
        damaged[place % len(damaged)] = byte
        assert is_honest(decoded_or_refused(bytes(damaged), "stroop.csv"))


DAMAGEABLE = tasklog_files.psychopy_csv(tasklog.stroop(1)).content


class TestClientsWords:
    @pytest.mark.parametrize("version", ["1" * 33, "ä", "1\n2", "jane doe", "web"])
    def test_version_that_is_no_name_is_refused(self, version: str) -> None:
        rows = [{"task": "stroop", "task_version": version, "correct": True, "rt_ms": 500.0}]

        with pytest.raises(ImpossibleVersion):
            decode([RecordingFile("a.json", json.dumps({"trials": rows}).encode())])

    def test_words_of_a_client_that_name_no_software_and_no_device_are_dropped(self) -> None:
        agent = "Mozilla/5.0 (Windows NT 10.0) Jane Chrome/120.0.1 Jane"
        device = {"user_agent": agent, "input": "touch, Jane's finger"}
        head = {"client": "jsPsych 7.3.1 of Jane Doe", "device": device}
        rows = [{"task": "stroop", "task_version": 2, "correct": True, "rt_ms": 500.0}]
        content = json.dumps({"session": head, "trials": rows}).encode()

        session = decode([RecordingFile("a.json", content)])

        assert session.runs[0].version == "2"
        assert session.client == "jsPsych 7.3.1"
        assert session.device.user_agent == "Windows Chrome/120.0.1"
        assert session.device.input_kind == "touch"
