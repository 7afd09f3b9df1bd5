"""Samples as programs in a browser write them: jsPsych, Experiment Factory, lab.js, Gorilla."""

import json
from collections.abc import Sequence
from typing import Any

from functions.cognitive.trials import Phase
from local.samples.tasklog_cells import Row, csv_recording, json_recording, named, wide
from local.samples.tasklog_trials import TaskSample
from shared.recording import RecordingFile

_KEY_CODES = {"f": 70, "j": 74, "m": 77, "n": 78, "space": 32}  # as old jsPsych logs keys


def canonical_json(samples: Sequence[TaskSample], **session: Any) -> RecordingFile:
    """Write MediLens' own schema; any number of tasks."""
    head = {"client": "sample", "mode": "web", "device": {"refresh_hz": 60}, **session}
    trials = [
        {"task": sample.task, "rt_ms": trial.rt_ms, "onset_ms": trial.onset_ms, **named(trial)}
        for sample in samples
        for trial in sample.trials
    ]
    return json_recording("session.json", {"session": head, "trials": trials})


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
                **named(trial),
            }
        )
    for i, row in enumerate(rows):
        row.update(trial_index=i, time_elapsed=1500 * (i + 1))
    return json_recording(f"{sample.task}-data.json", rows)


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
    return csv_recording("results.csv", rows)


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
                **{k: v for k, v in named(trial).items() if k != "phase"},
            },
        }
        for i, trial in enumerate(sample.trials)
    ]
    return json_recording("results.json", {"taskdata": wrapped})


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
    return json_recording(f"{sample.task}.json", labjs_rows(sample))


def labjs_csv(sample: TaskSample) -> RecordingFile:
    rows = labjs_rows(sample)
    rows[0]["meta"] = json.dumps(rows[0]["meta"])
    return csv_recording(f"{sample.task}.csv", rows)


def gorilla_csv(sample: TaskSample) -> RecordingFile:
    """Write a Gorilla table: zones of each screen, time limits, and its mark at the end."""
    rows: list[Row] = [{"Event Index": 1, "Zone Type": "", "Trial Number": "BEGIN TASK"}]
    for i, trial in enumerate(sample.trials, 1):
        common = {
            "Participant Private ID": 7,
            "Task Name": sample.task,
            "Trial Number": i,
            "display": "Practice" if trial.phase is Phase.PRACTICE else "Trials",
            **wide(trial),
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
    return csv_recording("data_exp_1-v1_task-abcd.csv", rows)
