"""A synthetic cognitive session written in the dialects that people upload."""

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from functions.cognitive.trials import Phase, Trial
from local.samples.tasklog import TaskSample
from shared.recording import RecordingFile

type Row = dict[str, Any]

_KEY_CODES = {"f": 70, "j": 74, "m": 77, "n": 78, "space": 32}  # as old jsPsych logs keys


def canonical_json(samples: Sequence[TaskSample], **session: Any) -> RecordingFile:
    """Write MediLens' own schema; any number of tasks."""
    head = {"client": "sample", "mode": "web", "device": {"refresh_hz": 60}, **session}
    trials = [
        {"task": sample.task, "rt_ms": trial.rt_ms, "onset_ms": trial.onset_ms, **_named(trial)}
        for sample in samples
        for trial in sample.trials
    ]
    return _json("session.json", {"session": head, "trials": trials})


def jspsych_json(sample: TaskSample) -> RecordingFile:
    """Write a jsPsych 7 file: fixations between the trials, null for no response."""
    rows: list[Row] = [{"trial_type": "preload", "success": True, "time_elapsed": 12}]
    rows.append({"trial_type": "instructions", "rt": 4210, "time_elapsed": 4300})
    for trial in sample.trials:
        rows.append({"trial_type": "html-keyboard-response", "rt": None, "task": "fixation"})
        rows.append(
            {
                "trial_type": "html-keyboard-response",
                "task": "response",
                "rt": trial.rt_ms,
                **_named(trial),
            }
        )
    for i, row in enumerate(rows):
        row.update(trial_index=i, time_elapsed=1500 * (i + 1))
    return _json(f"{sample.task}-data.json", rows)


def jspsych_csv(sample: TaskSample) -> RecordingFile:
    """Write a jsPsych 5 table of the Experiment Factory: key codes, -1, True and 1.0."""
    rows = [
        {
            "exp_id": sample.task,
            "trial_id": "stim",
            "exp_stage": trial.phase.value,
            "trial_type": "poldrack-single-stim",
            "key_press": float(_KEY_CODES.get(trial.response or "", -1)),
            "rt": -1 if trial.rt_ms is None else trial.rt_ms,
            "correct": "" if trial.correct is None else float(trial.correct),
            "correct_response": _KEY_CODES.get(trial.target or "", ""),
            "condition": trial.condition,
            "cue": trial.cue,
            "load": trial.load,
            "SSD": trial.stop_delay_ms,
            "focus_shifts": 0,
            "full_screen": True,
            "time_elapsed": 1500 * (i + 1),
        }
        for i, trial in enumerate(sample.trials)
    ]
    return _csv("results.csv", rows)


def experiment_factory_json(sample: TaskSample) -> RecordingFile:
    """Write the Experiment Factory's JSON, with every row wrapped in `trialdata`."""
    wrapped = [
        {
            "uniqueid": "sample",
            "current_trial": i,
            "trialdata": {
                "exp_id": sample.task,
                "trial_id": "stim",
                "exp_stage": trial.phase.value,
                "trial_type": "poldrack-categorize",
                "rt": -1 if trial.rt_ms is None else trial.rt_ms,
                "time_elapsed": 1500 * (i + 1),
                **{k: v for k, v in _named(trial).items() if k != "phase"},
            },
        }
        for i, trial in enumerate(sample.trials)
    ]
    return _json("results.json", {"taskdata": wrapped})


def psychopy_csv(sample: TaskSample) -> RecordingFile:
    """Write a wide PsychoPy table in seconds, with an instruction row and a trailing comma."""
    common = {
        "participant": "sample",
        "expName": sample.task,
        "psychopyVersion": "2024.2.4",
        "frameRate": 60.0,
    }
    rows: list[Row] = [{"instructions_key.keys": "space", "instructions_key.rt": 3.2, **common}]
    for i, trial in enumerate(sample.trials):
        loop = "practice_trials" if trial.phase is Phase.PRACTICE else "trials"
        rows.append(
            {
                f"{loop}.thisN": i,
                "key_resp.keys": trial.response or "None",
                "key_resp.corr": None if trial.correct is None else int(trial.correct),
                "key_resp.rt": None if trial.rt_ms is None else trial.rt_ms / 1000,
                "corrAns": trial.target,
                "condition": trial.condition,
                "cue": trial.cue,
                "load": trial.load,
                "ssd": None if trial.stop_delay_ms is None else trial.stop_delay_ms / 1000,
                **common,
            }
        )
    return _csv(f"sample_{sample.task}_2026-01-05.csv", [{**row, "": ""} for row in rows])


def labjs_rows(sample: TaskSample) -> list[Row]:
    """Rows of a lab.js study: flow components, fixations and screens."""
    meta = {"labjs_version": "23.0.0-alpha4", "userAgent": "Sample/1.0", "timezone": "UTC"}
    rows: list[Row] = [{"sender": "Study", "sender_type": "flow.Sequence", "meta": meta}]
    for trial in sample.trials:
        practice = trial.phase is Phase.PRACTICE
        rows.append(
            {
                "sender": "Fixation",
                "sender_type": "canvas.Screen",
                "ended_on": "timeout",
                "duration": 501.2,
            }
        )
        rows.append(
            {
                "sender": "Practice trial" if practice else "Trial",
                "sender_type": "canvas.Screen",
                "ended_on": "timeout" if trial.rt_ms is None else "response",
                "duration": 2000.1 if trial.rt_ms is None else trial.rt_ms,
                "response": trial.response,
                "correct": trial.correct,
                "correctResponse": trial.target,
                "condition": trial.condition,
                "cue": trial.cue,
                "load": trial.load,
                "ssd": trial.stop_delay_ms,
            }
        )
        rows.append({"sender": "Trial sequence", "sender_type": "flow.Sequence"})
    return rows


def labjs_json(sample: TaskSample) -> RecordingFile:
    return _json(f"{sample.task}.json", labjs_rows(sample))


def labjs_csv(sample: TaskSample) -> RecordingFile:
    rows = labjs_rows(sample)
    rows[0]["meta"] = json.dumps(rows[0]["meta"])
    return _csv(f"{sample.task}.csv", rows)


def psychopy_wide_text(sample: TaskSample) -> RecordingFile:
    """Write what a TrialHandler saves as wide text: tabs, seconds, `ran` and `order`."""
    rows = [
        {
            "TrialNumber": i,
            "phase": trial.phase.value,
            **_wide(trial),
            "ran": 1,
            "order": i - 1,
            "key_resp.keys": trial.response or "--",
            "key_resp.corr": "--" if trial.correct is None else int(trial.correct),
            "key_resp.rt": "--" if trial.rt_ms is None else trial.rt_ms / 1000,
        }
        for i, trial in enumerate(sample.trials, 1)
    ]
    return _csv(f"{sample.task}_trials.tsv", rows, delimiter="\t")


def psychopy_summary(sample: TaskSample) -> RecordingFile:
    """Write a TrialHandler's summary: a row a condition, with all its repetitions."""
    test = [trial for trial in sample.trials if trial.phase is Phase.TEST]
    kinds: dict[str, list[tuple[int, Trial]]] = {}
    for i, trial in enumerate(test):
        kinds.setdefault(str(trial.condition), []).append((i, trial))
    most = max(map(len, kinds.values()))
    parts = ("key_resp.corr_raw", "key_resp.rt_raw", "order")
    head = ["condition", "n", "key_resp.rt_mean"]
    lines: list[list[object]] = [
        [*head, *(name for part in parts for name in (part, *[""] * (most - 1)))]
    ]
    for condition, members in kinds.items():
        columns = (
            [int(bool(trial.correct)) for _, trial in members],
            ["" if trial.rt_ms is None else trial.rt_ms / 1000 for _, trial in members],
            [i for i, _ in members],
        )
        padded = [cell for cells in columns for cell in (*cells, *["--"] * (most - len(cells)))]
        lines.append([condition, len(members), 0.5, *padded])
    lines += [[], ["extraInfo"], ["participant", "sample"]]
    text = StringIO()
    csv.writer(text).writerows(lines)
    return RecordingFile(f"{sample.task}trials.csv", text.getvalue().encode())


def gorilla_csv(sample: TaskSample) -> RecordingFile:
    """Write a Gorilla table: zones of each screen, time limits, and its mark at the end."""
    rows: list[Row] = [{"Event Index": 1, "Zone Type": "", "Trial Number": "BEGIN TASK"}]
    for i, trial in enumerate(sample.trials, 1):
        common = {
            "Participant Private ID": 7,
            "Task Name": sample.task,
            "Trial Number": i,
            "display": "Practice" if trial.phase is Phase.PRACTICE else "Trials",
            **_wide(trial),
        }
        answered = trial.rt_ms is not None
        rows.append({**common, "Zone Type": "fixation", "Reaction Time": 500.2})
        rows.append(
            {
                **common,
                "Zone Type": "response_keyboard_single" if answered else "timelimit_screen",
                "Reaction Time": trial.rt_ms if answered else 2000.0,
                "Response": trial.response,
                "Attempt": 1,
                "Correct": None if trial.correct is None else int(trial.correct),
            }
        )
        if answered:
            rows.append({**common, "Zone Type": "timelimit_screen", "Reaction Time": 2000.0})
    rows.append({"Event Index": "END OF FILE"})
    return _csv("data_exp_1-v1_task-abcd.csv", rows)


def eprime_log(sample: TaskSample) -> RecordingFile:
    """Write E-Prime's text log in UTF-16: a frame a trial, and one a block."""
    lines = ["*** Header Start ***", "VersionPersist: 1", f"Experiment: {sample.task}"]
    lines += ["Subject: 1", "Session: 1", "*** Header End ***"]
    for trial in sample.trials:
        cells = {"Procedure": _procedure(trial), **_eprime(trial)}
        frame = [f"\t{name}: {cell}" for name, cell in cells.items() if cell is not None]
        lines += ["\tLevel: 2", "\t*** LogFrame Start ***", *frame, "\t*** LogFrame End ***"]
    lines += ["Level: 1", "*** LogFrame Start ***", "Procedure: SessionProc"]
    lines += ["*** LogFrame End ***", ""]
    return RecordingFile(f"{sample.task}-1-1.txt", "\r\n".join(lines).encode("utf-16"))


def eprime_table(sample: TaskSample) -> RecordingFile:
    """Write the table that E-Merge exports, with the path of the file above its header."""
    rows = [
        {
            "ExperimentName": sample.task,
            "Subject": 1,
            "Session": 1,
            "Trial": i,
            "Procedure[Trial]": _procedure(trial),
            **_eprime(trial),
        }
        for i, trial in enumerate(sample.trials, 1)
    ]
    table = _csv("merged.txt", rows, delimiter="\t")
    return RecordingFile(table.name, b"C:\\data\\merged.emrg2\r\n" + table.content)


def opensesame_csv(sample: TaskSample) -> RecordingFile:
    """Write an OpenSesame log: every variable in every row, the time limit as a time."""
    rows = [
        {
            "acc": 88.0,
            "avg_rt": 512.0,
            "correct": "NA" if trial.correct is None else int(trial.correct),
            "correct_response": trial.target or "NA",
            "count_trial": i,
            "opensesame_version": "3.3.14",
            "practice": "yes" if trial.phase is Phase.PRACTICE else "no",
            "response": trial.response or "None",
            "response_time": 2000 if trial.rt_ms is None else trial.rt_ms,
            "subject_nr": 4,
            "title": sample.task,
            **_wide(trial),
        }
        for i, trial in enumerate(sample.trials)
    ]
    return _csv("subject-4.csv", rows)


def _procedure(trial: Trial) -> str:
    return "PracProc" if trial.phase is Phase.PRACTICE else "TrialProc"


def _eprime(trial: Trial) -> Row:
    """Attributes of the object that took the answer; a time of 0 is none."""
    return {
        **_wide(trial),
        "Stim.ACC": None if trial.correct is None else int(trial.correct),
        "Stim.CRESP": trial.target,
        "Stim.RESP": trial.response,
        "Stim.RT": 0 if trial.rt_ms is None else trial.rt_ms,
    }


def _wide(trial: Trial) -> Row:
    return {
        "condition": trial.condition,
        "cue": trial.cue,
        "load": trial.load,
        "ssd": trial.stop_delay_ms,
    }


def _named(trial: Trial) -> Row:
    """A trial's fields by the canonical names, empty ones left out."""
    fields = {
        "phase": trial.phase.value,
        "block": trial.block,
        "condition": trial.condition,
        "stimulus": trial.stimulus,
        "target": trial.target,
        "response": trial.response,
        "correct": trial.correct,
        "cue": trial.cue,
        "load": trial.load,
        "ssd": trial.stop_delay_ms,
        "items": list(trial.items) or None,
        "recalled": list(trial.recalled) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _json(name: str, content: Any) -> RecordingFile:
    return RecordingFile(name, json.dumps(content).encode())


def _csv(name: str, rows: Iterable[Row], delimiter: str = ",") -> RecordingFile:
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return RecordingFile(name, text.getvalue().encode())
