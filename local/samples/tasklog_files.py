"""A synthetic cognitive session written in the dialects that people upload."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from functions.cognitive.trials import Phase, Trial
from local.samples.tasklog_cells import Row, csv_recording, wide
from local.samples.tasklog_trials import TaskSample
from shared.recording import RecordingFile


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
    return csv_recording(f"sample_{sample.task}_2026-01-05.csv", [{**row, "": ""} for row in rows])


def psychopy_wide_text(sample: TaskSample) -> RecordingFile:
    """Write what a TrialHandler saves as wide text: tabs, seconds, `ran` and `order`."""
    rows = [
        {
            "TrialNumber": i,
            "phase": trial.phase.value,
            **wide(trial),
            "ran": 1,
            "order": i - 1,
            "key_resp.keys": trial.response or "--",
            "key_resp.corr": "--" if trial.correct is None else int(trial.correct),
            "key_resp.rt": "--" if trial.rt_ms is None else trial.rt_ms / 1000,
        }
        for i, trial in enumerate(sample.trials, 1)
    ]
    return csv_recording(f"{sample.task}_trials.tsv", rows, delimiter="\t")


def psychopy_summary(sample: TaskSample) -> RecordingFile:
    """Write a TrialHandler's summary: a row a condition, with all its repetitions."""
    test = [trial for trial in sample.trials if trial.phase is Phase.TEST]
    kinds: dict[str, list[tuple[int, Trial]]] = {}
    for i, trial in enumerate(test):
        kinds.setdefault(str(trial.condition), []).append((i, trial))
    most = max(map(len, kinds.values()))
    lines: list[list[object]] = [["condition", "n", "key_resp.rt_mean"]]
    for part in ("key_resp.corr_raw", "key_resp.rt_raw", "order"):
        lines[0] += [part, *[""] * (most - 1)]
    for condition, members in kinds.items():
        lines.append([condition, len(members), 0.5, *_repetitions(members, most)])
    lines += [[], ["extraInfo"], ["participant", "sample"]]
    text = StringIO()
    csv.writer(text).writerows(lines)
    return RecordingFile(f"{sample.task}trials.csv", text.getvalue().encode())


def _repetitions(members: Sequence[tuple[int, Trial]], most: int) -> Iterator[object]:
    """Judgments, times in seconds and places of a condition's trials, each padded to `most`."""
    padding = ["--"] * (most - len(members))
    yield from [*(int(bool(trial.correct)) for _, trial in members), *padding]
    times_ms = [trial.rt_ms for _, trial in members]
    yield from ["" if time_ms is None else time_ms / 1000 for time_ms in times_ms]
    yield from [*padding, *(place for place, _ in members), *padding]


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
    table = csv_recording("merged.txt", rows, delimiter="\t")
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
            **wide(trial),
        }
        for i, trial in enumerate(sample.trials)
    ]
    return csv_recording("subject-4.csv", rows)


def _procedure(trial: Trial) -> str:
    return "PracProc" if trial.phase is Phase.PRACTICE else "TrialProc"


def _eprime(trial: Trial) -> Row:
    """Attributes of the object that took the answer; a time of 0 is none."""
    return {
        **wide(trial),
        "Stim.ACC": None if trial.correct is None else int(trial.correct),
        "Stim.CRESP": trial.target,
        "Stim.RESP": trial.response,
        "Stim.RT": 0 if trial.rt_ms is None else trial.rt_ms,
    }
