"""The task logs that the demo shows: name, age in days, and how to make the files."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from local.samples import tasklog, tasklog_free
from local.samples.tasklog_files import psychopy_csv
from local.samples.tasklog_web_files import canonical_json, jspsych_csv, jspsych_json, labjs_json
from shared.recording import RecordingFile


def _stroop() -> Sequence[RecordingFile]:
    return [jspsych_json(tasklog.stroop(1, effect_ms=85))]


def _stroop_again() -> Sequence[RecordingFile]:
    """Three weeks later and 20 ms less conflict, about what practice alone is worth."""
    return [jspsych_json(tasklog.stroop(2, effect_ms=65))]


def _vigilance() -> Sequence[RecordingFile]:
    return [labjs_json(replace(tasklog.simple_reaction(3, median_ms=310, n=80), task="pvt"))]


def _two_back() -> Sequence[RecordingFile]:
    return [psychopy_csv(tasklog.n_back(4))]


def _tapping() -> Sequence[RecordingFile]:
    return [canonical_json([tasklog_free.finger_tapping(6)])]


def _guessed() -> Sequence[RecordingFile]:
    return [jspsych_csv(tasklog.guessing(5))]


SAMPLES: list[tuple[str, int, Callable[[], Sequence[RecordingFile]]]] = [
    ("Stroop, jsPsych", 45, _stroop),
    ("Stroop again, jsPsych", 24, _stroop_again),
    ("PVT vigilance, lab.js", 21, _vigilance),
    ("2-back, PsychoPy", 14, _two_back),
    ("finger tapping, MediLens JSON", 10, _tapping),
    ("guessed Stroop, invalid", 3, _guessed),
]
