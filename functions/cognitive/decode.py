"""Files to a session: find the dialect, the tasks, the trials and the unit of time.

Raises only `UnreadableUpload` subclasses, whatever the bytes are.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

from functions.cognitive import canonical, jspsych, labjs, psychopy
from functions.cognitive.cells import token
from functions.cognitive.logs import Log, columns, first_text
from functions.cognitive.plaintext import Document, Row, read_document
from functions.cognitive.profiles import (
    NAME_COLUMNS,
    Profile,
    UnknownTask,
    profile_named,
    profile_with_columns,
)
from functions.cognitive.trials import Device, Family, Mode, Session, TaskRun, Trial
from shared.errors import UnreadableUpload
from shared.recording import RecordingFile

FORMATS = (
    "jsPsych (CSV, JSON)",
    "Experiment Factory (CSV, JSON)",
    "PsychoPy and Pavlovia (CSV)",
    "lab.js (CSV, JSON)",
    "MediLens JSON",
    "a table with one row a trial (CSV, TSV)",
)
PERSON_COLUMNS = (
    *("worker_id", "participant", "participant_id", "subject", "subject_id", "prolific_pid"),
    *("uniqueid", "person_id"),
)
DAY_MS = 86_400_000.0
MAX_FILES = 20  # the tasks of one sitting
VERSION = re.compile(r"[vV]?[0-9][A-Za-z0-9._+-]{0,30}")  # becomes part of the method's name

# What a client says of itself is free text; of it these words are kept, with their versions.
CLIENTS = re.compile(
    r"(?:MediLens|jsPsych|lab\.js|PsychoPy|Pavlovia|Gorilla|OpenSesame|Inquisit|E-Prime)"
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
# No person answers a keyboard task in 20 ms on the median, none in 20 s.
KEYED_SECONDS_BELOW = 20.0
# Typing a span takes seconds, a trail of circles half a minute: neither 300 ms nor 300 s.
SLOW_SECONDS_BELOW = 300.0
SLOW_FAMILIES = frozenset({Family.SPAN, Family.TRAILS, Family.WORD_LIST, Family.FLUENCY})
# Which dialect a document is, asked in this order; what none claims is canonical.
DIALECTS: tuple[tuple[Callable[[Document], bool], Callable[[Document], Log]], ...] = (
    (jspsych.is_jspsych, jspsych.read),
    (psychopy.is_psychopy, psychopy.read),
    (labjs.is_labjs, labjs.read),
)


class SeveralPeople(UnreadableUpload):
    """The log holds trials of more than one person."""

    code = "several-people"

    def __init__(self, found: int) -> None:
        super().__init__(f"The log holds trials of {found} people; one session is of one person.")


class RepeatedTask(UnreadableUpload):
    """Two files of one session hold the same task."""

    code = "repeated-task"

    def __init__(self, task: str) -> None:
        super().__init__(f"The task {task} stands in two files; a session holds a task once.")


class NoTrials(UnreadableUpload):
    """The log was read but holds nothing that is a trial."""

    code = "no-trials"

    def __init__(self) -> None:
        super().__init__("The log holds no trial with a response time, a judgment or a condition.")


class ImpossibleTime(UnreadableUpload):
    """A time is longer than any sitting."""

    code = "impossible-time"

    def __init__(self) -> None:
        super().__init__("The log holds a time beyond a day; one sitting is shorter.")


class ImpossibleVersion(UnreadableUpload):
    """What stands as the task's version is not the name of one."""

    code = "impossible-version"

    def __init__(self) -> None:
        super().__init__(
            "A task_version begins with a digit, or v and a digit, such as 2.1 or v3-web; at most"
            " 32 letters, digits and . _ + - of ASCII."
        )


class FileCount(UnreadableUpload):
    """There are no files, or more than a session has."""

    code = "file-count"

    def __init__(self, found: int) -> None:
        super().__init__(f"Found {found} files; a session has 1 to {MAX_FILES}.")


def decode(files: Sequence[RecordingFile], *, task: str | None = None) -> Session:
    """Read the files of one sitting.

    Parameters
    ----------
    files : sequence of RecordingFile
        jsPsych, Experiment Factory, PsychoPy, Pavlovia or lab.js exports, the canonical
        JSON, or a plain table with one row a trial.
    task : str or None
        The task's name, for logs that do not tell.

    Raises
    ------
    UnreadableUpload
        A named subclass that says what was found and what was expected.
    """
    if not 1 <= len(files) <= MAX_FILES:
        raise FileCount(len(files))
    if task is not None and profile_named(task) is None:
        raise UnknownTask
    read = [_read_file(file, task) for file in files]
    runs: dict[str, TaskRun] = {}
    for _, found in read:
        for run in found:
            if run.task in runs:
                raise RepeatedTask(run.task)
            runs[run.task] = run
    return _session([log for log, _ in read], tuple(runs.values()))


def _read_file(file: RecordingFile, task: str | None) -> tuple[Log, list[TaskRun]]:
    document = read_document(file)
    _check_one_person(document.rows)
    log = _read_dialect(document)
    if not log.rows:
        raise NoTrials
    names = [task, log.task_name, file.name]
    groups, left_out = _by_task(log, names)
    runs = [run for profile, rows in groups for run in _run(profile, rows, log)]
    if not runs:
        raise NoTrials
    notes = [f"{left_out} tasks of the log have no profile and were left out."] * bool(left_out)
    units = [warning for run in runs if (warning := _unit_warning(run, log))]
    return replace(log, warnings=(*log.warnings, *notes, *units)), runs


def _check_one_person(rows: Sequence[Row]) -> None:
    for column in PERSON_COLUMNS:
        people = {str(row[column]) for row in rows if column in row}
        if len(people) > 1:
            raise SeveralPeople(len(people))


def _read_dialect(document: Document) -> Log:
    for is_it, read in DIALECTS:
        if is_it(document):
            return read(document)
    return canonical.read(document)


def _by_task(log: Log, names: Sequence[str | None]) -> tuple[list[tuple[Profile, list[Row]]], int]:
    """Split rows by the task they name; else the whole log is one task.

    Returns the groups, and how many named tasks have no profile.
    """
    for column in NAME_COLUMNS:
        grouped: dict[str, list[Row]] = {}
        for row in log.rows:
            name = token(row.get(column))
            if name is not None:
                grouped.setdefault(name, []).append(row)
        found = [(profile_named(name), rows) for name, rows in grouped.items()]
        known = _merged([(profile, rows) for profile, rows in found if profile is not None])
        if known:
            return known, sum(profile is None for profile, _ in found)
    return [(_only_task(log, names), log.rows)], 0


def _merged(groups: Sequence[tuple[Profile, list[Row]]]) -> list[tuple[Profile, list[Row]]]:
    """Put rows together that name the same task in two ways."""
    merged: dict[str, tuple[Profile, list[Row]]] = {}
    for profile, rows in groups:
        merged.setdefault(profile.task, (profile, []))[1].extend(rows)
    return list(merged.values())


def _only_task(log: Log, names: Sequence[str | None]) -> Profile:
    for name in names:
        profile = profile_named(name)
        if profile is not None:
            return profile
    profile = profile_with_columns(columns(log.rows))
    if profile is None:
        raise UnknownTask
    return profile


def _run(profile: Profile, rows: Sequence[Row], log: Log) -> list[TaskRun]:
    """Make one task's run; empty where none of the rows is a trial of it."""
    trials = _only_trials([profile.trial(row) for row in rows], profile)
    if not trials:
        return []
    unit, statement = _unit(trials, log.unit, profile.family)
    return [
        TaskRun(
            task=profile.task,
            family=profile.family,
            trials=_in_milliseconds(trials, unit),
            version=_version(rows),
            choices=profile.choices,
            floor_ms=profile.floor_ms,
            settings=profile.settings,
            rt_unit=statement,
        )
    ]


def _version(rows: Sequence[Row]) -> str | None:
    """The task's own version; histories and norms are kept apart by it."""
    version = first_text(rows, "task_version")
    if version is not None and not VERSION.fullmatch(version):
        raise ImpossibleVersion
    return version


def _only_trials(trials: list[Trial], profile: Profile) -> list[Trial]:
    """Drop screens: where some rows are judged or have a condition, the others are no trials."""
    if "condition" in profile.words:
        with_condition = [trial for trial in trials if trial.condition is not None]
        trials = with_condition or trials
    if profile.family is Family.SIMPLE_REACTION:
        return trials  # here an empty row is a stimulus that nobody answered
    judged = [trial for trial in trials if trial.correct is not None]
    if profile.family in SLOW_FAMILIES - {Family.SPAN} or not judged:
        return [trial for trial in trials if _holds_something(trial)]
    return judged


def _holds_something(trial: Trial) -> bool:
    return any(
        value is not None for value in (trial.rt_ms, trial.correct, trial.condition, trial.response)
    )


def _unit(trials: Sequence[Trial], documented: str | None, family: Family) -> tuple[str, str]:
    """Decide between seconds and milliseconds by size, and say how it was decided."""
    times = [trial.rt_ms for trial in trials if trial.rt_ms is not None and trial.rt_ms > 0]
    if not times:
        unit = documented or "ms"
        return unit, f"{_spelled(unit)} (no response times to tell)"
    limit = SLOW_SECONDS_BELOW if family in SLOW_FAMILIES else KEYED_SECONDS_BELOW
    middle = median(times)
    unit = "s" if middle < limit else "ms"
    return unit, f"{_spelled(unit)} (detected: the median is {middle:.4g})"


def _spelled(unit: str) -> str:
    return {"s": "seconds", "ms": "milliseconds"}[unit]


def _unit_warning(run: TaskRun, log: Log) -> str | None:
    if log.unit is None or run.rt_unit.startswith(_spelled(log.unit)):
        return None
    expected = _spelled(log.unit)
    return f"{run.task}: {log.dialect} writes {expected}, but these times are {run.rt_unit}."


def _in_milliseconds(trials: Sequence[Trial], unit: str) -> tuple[Trial, ...]:
    """Bring all times to milliseconds; delays and onsets may have units of their own."""
    times = 1000.0 if unit == "s" else 1.0
    delays, onsets = _delay_factor(trials), _onset_factor(trials)
    return tuple(
        replace(
            trial,
            rt_ms=_scaled(trial.rt_ms, times),
            stop_delay_ms=_scaled(trial.stop_delay_ms, delays),
            onset_ms=_scaled(trial.onset_ms, onsets),
        )
        for trial in trials
    )


def _scaled(value: float | None, factor: float) -> float | None:
    if value is None:
        return None
    if abs(value * factor) > DAY_MS:
        raise ImpossibleTime
    return value * factor


def _delay_factor(trials: Sequence[Trial]) -> float:
    """Stop delays start at tens of milliseconds; below 20 they are seconds."""
    longest = max((t.stop_delay_ms for t in trials if t.stop_delay_ms is not None), default=0.0)
    return 1000.0 if 0 < longest < KEYED_SECONDS_BELOW else 1.0


def _onset_factor(trials: Sequence[Trial]) -> float:
    """A part lasts longer than 300 ms and less than 300 s."""
    latest = max((trial.onset_ms for trial in trials if trial.onset_ms is not None), default=0.0)
    return 1000.0 if 0 < latest < SLOW_SECONDS_BELOW else 1.0


def _session(logs: Sequence[Log], runs: tuple[TaskRun, ...]) -> Session:
    """Put the files of one sitting together; what several say, the first says."""
    first = logs[0]
    losses = [log.focus_losses for log in logs if log.focus_losses is not None]
    shares = [log.fullscreen for log in logs if log.fullscreen is not None]
    return Session(
        runs=runs,
        file_format=", ".join(dict.fromkeys(log.dialect for log in logs)),
        mode=first.mode if len({log.mode for log in logs}) == 1 else Mode.UNKNOWN,
        device=_kept(next((log.device for log in logs if log.device != Device()), Device())),
        client=_known_words(CLIENTS, first.client),
        focus_losses=sum(losses) if losses else None,
        fullscreen=sum(shares) / len(shares) if shares else None,
        warnings=tuple(warning for log in logs for warning in log.warnings),
    )


def _kept(device: Device) -> Device:
    return replace(
        device,
        user_agent=_known_words(AGENTS, device.user_agent),
        input_kind=_known_words(INPUTS, device.input_kind),
    )


def _known_words(known: re.Pattern[str], said: str | None) -> str | None:
    """Keep of free text what names software and devices, once each; None where nothing does."""
    found = dict.fromkeys(known.findall((said or "")[:1024]))
    return " ".join(found) or None
