"""When a sitting took place, as its log says: the columns of PsychoPy and lab.js."""

import csv
import io
import re
from datetime import datetime

from shared.recording import RecordingFile

# The heading and the first trial stand here.
HEAD_BYTES = 262_144
COLUMNS = ("date", "timestamp")
PSYCHOPY = re.compile(r"(\d{4}-\d\d-\d\d)_(\d\d)h(\d\d)\.(\d\d)(?:\.\d+)?")


def recording_time(files: tuple[RecordingFile, ...]) -> datetime | None:
    """Return when the first trial that says so began, without a zone where it names none."""
    for file in files:
        head = file.content[:HEAD_BYTES].decode("utf-8-sig", errors="replace")
        row = next(iter(csv.DictReader(io.StringIO(head))), {})
        for column in COLUMNS:
            if moment := _moment(row.get(column) or ""):
                return moment
    return None


def _moment(written: str) -> datetime | None:
    if match := PSYCHOPY.fullmatch(written):
        day, *time = match.groups()
        return datetime.fromisoformat(f"{day}T{':'.join(time)}")
    return datetime.fromisoformat(written) if "T" in written else None
