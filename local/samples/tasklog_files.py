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


def _csv(name: str, rows: Iterable[Row]) -> RecordingFile:
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return RecordingFile(name, text.getvalue().encode())
