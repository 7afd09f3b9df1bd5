"""How a trial is written into cells, and rows into a file."""

import csv
import json
from collections.abc import Iterable
from io import StringIO
from typing import Any

from functions.cognitive.trials import Trial
from shared.recording import RecordingFile

type Row = dict[str, Any]


def wide(trial: Trial) -> Row:
    return {
        "condition": trial.condition,
        "cue": trial.cue,
        "load": trial.load,
        "ssd": trial.stop_delay_ms,
    }


def named(trial: Trial) -> Row:
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


def json_recording(name: str, content: Any) -> RecordingFile:
    return RecordingFile(name, json.dumps(content).encode())


def csv_recording(name: str, rows: Iterable[Row], delimiter: str = ",") -> RecordingFile:
    """Write rows as a table with every column that any of them has."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return RecordingFile(name, text.getvalue().encode())
