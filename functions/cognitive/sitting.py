"""One sitting: one person, one session, and what its files say of device and program."""

import re
from collections.abc import Sequence
from dataclasses import replace

from functions.cognitive.logs import Log
from functions.cognitive.plaintext import Row
from functions.cognitive.reading import MAPPED
from functions.cognitive.refusals import SeveralPeople, SeveralSessions
from functions.cognitive.trials import Device, Mode, Session, TaskRun

PERSON_COLUMNS = (
    *("worker_id", "participant", "participant_id", "subject", "subject_id", "prolific_pid"),
    *("uniqueid", "person_id", "participant_private_id", "subject_nr"),
)
SESSION_COLUMNS = (
    *("session", "session_id", "session_number", "sess", "visit", "timepoint", "time_point"),
    *("wave", "occasion"),
)

# What a client says of itself is free text; of it these words are kept, with their versions.
CLIENTS = re.compile(
    r"(?:MediLens|jsPsych|lab\.js|PsychoPy|Pavlovia|Gorilla|OpenSesame|Inquisit|E-Prime"
    r"|Experiment Factory)"
    r"(?:[ /-]\d{1,4}(?:\.\d{1,4}){0,3})?",
    re.IGNORECASE,
)
AGENTS = re.compile(
    r"(?:Windows|Android|iPhone|iPad|Macintosh|CrOS|Linux)"
    r"|(?:Firefox|Chrome|Edg|OPR|Version|Safari)/\d{1,4}(?:\.\d{1,6}){0,3}",
    re.IGNORECASE,
)
INPUTS = re.compile(
    r"mouse|touch|keyboard|pen|trackpad|button box|gamepad|microphone", re.IGNORECASE
)


def check_one_sitting(rows: Sequence[Row]) -> None:
    """One person, one session."""
    for column in (f"{MAPPED}person", *PERSON_COLUMNS):
        people = {str(row[column]) for row in rows if column in row}
        if len(people) > 1:
            raise SeveralPeople(len(people))
    for column in SESSION_COLUMNS:
        sessions = {str(row[column]) for row in rows if column in row}
        if len(sessions) > 1:
            raise SeveralSessions(f"{column} has {len(sessions)} values")


def session_of(logs: Sequence[Log], runs: tuple[TaskRun, ...]) -> Session:
    """Put the files of one sitting together; what several say, the first says."""
    first = logs[0]
    losses = [log.focus_losses for log in logs if log.focus_losses is not None]
    shares = [log.fullscreen for log in logs if log.fullscreen is not None]
    return Session(
        runs=runs,
        file_format=", ".join(dict.fromkeys(log.dialect for log in logs)),
        mode=first.mode if len({log.mode for log in logs}) == 1 else Mode.UNKNOWN,
        device=_device(logs),
        client=_known_words(CLIENTS, first.client),
        focus_losses=sum(losses) if losses else None,
        fullscreen=sum(shares) / len(shares) if shares else None,
        warnings=tuple(warning for log in logs for warning in log.warnings),
        concerns=tuple(concern for log in logs for concern in log.concerns),
    )


def _device(logs: Sequence[Log]) -> Device:
    device = next((log.device for log in logs if log.device != Device()), Device())
    return replace(
        device,
        user_agent=_known_words(AGENTS, device.user_agent),
        input_kind=_known_words(INPUTS, device.input_kind),
    )


def _known_words(known: re.Pattern[str], said: str | None) -> str | None:
    """Keep of free text what names software and devices, once each; None where nothing does."""
    names = dict.fromkeys(known.findall((said or "")[:1024]))
    return " ".join(names) or None
