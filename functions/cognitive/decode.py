"""Files to a session: find the dialect, the tasks, the trials and the unit of time.

Raises only `UnreadableUpload` subclasses, whatever the bytes are.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from functions.cognitive.cells import number, token
from functions.cognitive.documents import read_document
from functions.cognitive.formats import (
    canonical,
    eprime,
    gorilla,
    jspsych,
    labjs,
    opensesame,
    psychopy,
)
from functions.cognitive.logs import Log, LogRow, columns, first_text
from functions.cognitive.mapping import NO_MAPPING, ColumnMapping
from functions.cognitive.plaintext import Document, RepeatedKey, Row
from functions.cognitive.profiles import (
    NAME_COLUMNS,
    Profile,
    UnknownTask,
    plain_task,
    profile_named,
    profile_with_columns,
)
from functions.cognitive.reading import MAPPED, fitted, is_judged
from functions.cognitive.refusals import (
    MAX_FILES,
    FileCount,
    ImpossibleTime,
    ImpossibleVersion,
    NoTimes,
    NoTrials,
    RepeatedTask,
    SeveralPeople,
    SeveralSessions,
)
from functions.cognitive.rows import Selection, report, select
from functions.cognitive.trials import (
    Concern,
    Device,
    Family,
    ImportReport,
    Mode,
    Session,
    TaskRun,
    Trial,
)
from functions.cognitive.validity import TIMED
from shared.recording import RecordingFile

FORMATS = (
    "jsPsych (CSV, JSON)",
    "Experiment Factory (CSV, JSON)",
    "PsychoPy and Pavlovia (CSV, wide text, summary)",
    "lab.js (CSV, JSON)",
    "Gorilla (CSV)",
    "E-Prime (text log, merged table)",
    "OpenSesame (CSV)",
    "MediLens JSON",
    "a table with one row a trial (CSV, TSV), its columns named by a mapping where need be",
)
PERSON_COLUMNS = (
    *("worker_id", "participant", "participant_id", "subject", "subject_id", "prolific_pid"),
    *("uniqueid", "person_id", "participant_private_id", "subject_nr"),
)
SESSION_COLUMNS = (
    *("session", "session_id", "session_number", "sess", "visit", "timepoint", "time_point"),
    *("wave", "occasion"),
)
DAY_MS = 86_400_000.0
VERSION = re.compile(r"[vV]?[0-9][A-Za-z0-9._+-]{0,30}")  # becomes part of the method's name
FEWEST_TO_COMPARE = 10  # different times, below which equal halves may be chance

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
# No person answers a keyboard task in 20 ms on the median, none in 20 s.
KEYED_SECONDS_BELOW = 20.0
# Typing a span takes seconds, a trail of circles half a minute: neither 300 ms nor 300 s.
SLOW_SECONDS_BELOW = 300.0
SLOW_FAMILIES = frozenset({Family.SPAN, Family.TRAILS, Family.WORD_LIST, Family.FLUENCY})
# Tasks whose names tell their conditions apart, such as letter_fluency and category_fluency.
NAMED_BY_CONDITION = SLOW_FAMILIES | {Family.TAPPING}
# What the name of a task's part says beside the task.
PART_NAMES = re.compile(
    r"^(prac\w*|train(ing)?|warm|up|test|main|exp|experiment(al)?|real|trials?|task|demo"
    r"|(block|part|phase|run)s?\d*)$"
)
# Which dialect a document is, asked in this order; what none claims is canonical.
DIALECTS: tuple[tuple[Callable[[Document], bool], Callable[[Document], Log]], ...] = (
    (jspsych.is_jspsych, jspsych.read),
    (labjs.is_labjs, labjs.read),
    (gorilla.is_gorilla, gorilla.read),
    (opensesame.is_opensesame, opensesame.read),
    (psychopy.is_psychopy, psychopy.read),
    (eprime.is_eprime, eprime.read),
)


@dataclass(frozen=True)
class _Group:
    """The rows of one task."""

    profile: Profile
    rows: list[LogRow]


def decode(
    files: Sequence[RecordingFile], *, task: str | None = None, mapping: ColumnMapping = NO_MAPPING
) -> Session:
    """Read the files of one sitting.

    Parameters
    ----------
    files : sequence of RecordingFile
        Exports of the programs in `FORMATS`, the canonical JSON, or a plain table with
        one row a trial.
    task : str or None
        The task's name, for logs that do not tell.
    mapping : ColumnMapping
        What the sender says of columns and values.

    Raises
    ------
    UnreadableUpload
        A named subclass that says what was found and what was expected.
    """
    if not 1 <= len(files) <= MAX_FILES:
        raise FileCount(len(files))
    if task is not None and profile_named(task) is None:
        raise UnknownTask
    read = [_read_file(file, task, mapping) for file in files]
    runs: dict[str, TaskRun] = {}
    for _, found, _ in read:
        for run in found:
            if run.task in runs:
                raise RepeatedTask(run.task, "in two files")
            runs[run.task] = run
    session = _session([log for log, _, _ in read], tuple(runs.values()))
    return replace(session, imports=tuple(each for _, _, each in read))


def _read_file(
    file: RecordingFile, task: str | None, mapping: ColumnMapping
) -> tuple[Log, list[TaskRun], ImportReport]:
    document = read_document(file)
    log = _read_dialect(document)
    log = replace(log, rows=mapping.applied(log.rows))
    if log.conflict is not None and not mapping.tells_answers:
        raise log.conflict
    _check_one(log.cells)
    groups, others = _by_task(log, [task, log.task_name, file.name])
    chosen = [_selection(group, document, mapping) for group in groups]
    runs = [_run(each, log, mapping) for each in chosen if each.kept]
    if not runs:
        raise NoTrials(len(document.lines))
    source = ImportReport(log.dialect, document.encoding, decimal_commas=document.decimal_commas)
    units = [warning for run in runs if (warning := _unit_warning(run, log))]
    concerns = tuple(_whole_file_concerns(chosen, others, task))
    log = replace(log, warnings=(*log.warnings, *units), concerns=concerns)
    left_out = [(row.line, code) for row, code in others]
    return log, runs, report(chosen, left_out, source, mapping)


def _whole_file_concerns(
    chosen: Sequence[Selection], others: Sequence[tuple[LogRow, str]], task: str | None
) -> Iterator[Concern]:
    """Answers of no task, tasks without a trial, and another task than the sender names."""
    judged = [row for row, _ in others if row.aside is None and is_judged(row.cells)]
    if judged:
        text = (
            f"{len(judged)} answered rows, the first in line {judged[0].line}, name no known task."
        )
        yield Concern("other-task", text)
    for empty in chosen:
        if not empty.kept:
            name = empty.reading.profile.task
            yield Concern("no-trials", f"{name}: none of its {len(empty.dropped)} rows is a trial.")
    said = profile_named(task)
    if said is not None and said.task not in {each.reading.profile.task for each in chosen}:
        yield Concern("other-task", f"The request names {said.task}, and the log other tasks.")


def _check_one(rows: Sequence[Row]) -> None:
    """One person, one session."""
    for column in (f"{MAPPED}person", *PERSON_COLUMNS):
        people = {str(row[column]) for row in rows if column in row}
        if len(people) > 1:
            raise SeveralPeople(len(people))
    for column in SESSION_COLUMNS:
        sessions = {str(row[column]) for row in rows if column in row}
        if len(sessions) > 1:
            raise SeveralSessions(f"{column} has {len(sessions)} values")


def _read_dialect(document: Document) -> Log:
    for is_it, read in DIALECTS:
        if is_it(document):
            return read(document)
    return canonical.read(document)


def _by_task(
    log: Log, names: Sequence[str | None]
) -> tuple[list[_Group], list[tuple[LogRow, str]]]:
    """Split rows by the task they name; else the whole log is one task.

    Returns the groups, and the rows of none with the reason.
    """
    for column in (f"{MAPPED}task", *NAME_COLUMNS):
        named = {name for row in log.cells if (name := token(row.get(column))) is not None}
        known = {name: profile for name in named if (profile := profile_named(name)) is not None}
        if known:
            return _split(log, column, known)
    return [_Group(_only_task(log, names), log.rows)], []


def _split(
    log: Log, column: str, known: Mapping[str, Profile]
) -> tuple[list[_Group], list[tuple[LogRow, str]]]:
    groups: dict[str, _Group] = {}
    others: list[tuple[LogRow, str]] = []
    for row in log.rows:
        name = token(row.cells.get(column))
        profile = None if name is None else known.get(name)
        if profile is not None:
            groups.setdefault(profile.task, _Group(profile, [])).rows.append(row)
        else:
            reason = "no-task-name" if name is None else "other-task"
            others.append((row, row.aside or reason))
    for group in groups.values():
        _check_once(group.profile, [name for name in known if known[name] is group.profile])
    return list(groups.values()), others


def _check_once(profile: Profile, names: Sequence[str]) -> None:
    """Two names of one task are two runs of it, unless they name its parts."""
    if profile.family in NAMED_BY_CONDITION:
        return
    whole = {_without_part(plain_task(name)) for name in names}
    if len(whole) > 1:
        raise RepeatedTask(profile.task, f"under {len(whole)} names in one file")


def _without_part(name: str) -> str:
    words = re.sub(r"(block|part|phase|run)s?_\d+", r"\1", name).split("_")
    return "_".join(word for word in words if not PART_NAMES.match(word))


def _only_task(log: Log, names: Sequence[str | None]) -> Profile:
    for name in names:
        profile = profile_named(name)
        if profile is not None:
            return profile
    profile = profile_with_columns(columns(log.cells))
    if profile is None:
        raise UnknownTask
    return profile


def _selection(group: _Group, document: Document, mapping: ColumnMapping) -> Selection:
    """Fit the profile to the rows of its task, and decide which of them count."""
    mapping.check(group.profile)
    cells = [row.cells for row in group.rows if row.aside is None]
    _check_one_timeline(cells)
    reading = fitted(group.profile, cells)
    used = {*reading.columns.values(), *mapping.roles.values()}
    for column, what in document.unclear.items():
        if column in used:
            raise RepeatedKey(f"The column {_named(column)} {what}; a mapping can name another.")
    selection = select(reading, group.rows)
    if selection.kept and "rt" not in reading.columns and group.profile.family in TIMED:
        raise NoTimes(group.profile.task)
    _check_no_copy(selection)
    return selection


def _check_no_copy(selection: Selection) -> None:
    """Nobody repeats a run to the millisecond: its rows stand in the file twice."""
    answers = [(trial.rt_ms, trial.response, trial.condition) for trial in selection.trials]
    half, odd = divmod(len(answers), 2)
    times = {rt for rt, _, _ in answers if rt is not None}
    if not odd and len(times) >= FEWEST_TO_COMPARE and answers[:half] == answers[half:]:
        raise RepeatedTask(
            selection.reading.profile.task, "twice in one file, with the same trials"
        )


def _named(column: str) -> str:
    return column if re.fullmatch(r"[\w .#\[\]]{1,40}", column) else "of a trial"


def _check_one_timeline(rows: Sequence[Row]) -> None:
    """JsPsych counts the time of a whole session up; where it falls another one begins."""
    elapsed = [at for row in rows if (at := number(row.get("time_elapsed"))) is not None]
    # A clock that is set while a session runs makes a small step back.
    if any(after < before / 2 for before, after in pairwise(elapsed)):
        raise SeveralSessions("time_elapsed begins again")


def _run(selection: Selection, log: Log, mapping: ColumnMapping) -> TaskRun:
    profile = selection.reading.profile
    unit, statement = _unit(selection.trials, log.unit, profile.family, mapping.unit)
    return TaskRun(
        task=profile.task,
        family=profile.family,
        trials=_in_milliseconds(selection.trials, unit),
        version=_version([draft.row.cells for draft in selection.kept]),
        choices=profile.choices,
        floor_ms=profile.floor_ms,
        settings=profile.settings,
        rt_unit=statement,
        concerns=selection.concerns(),
    )


def _version(rows: Sequence[Row]) -> str | None:
    """The task's own version; histories and norms are kept apart by it."""
    version = first_text(rows, "task_version")
    if version is not None and not VERSION.fullmatch(version):
        raise ImpossibleVersion
    return version


def _unit(
    trials: Sequence[Trial], documented: str | None, family: Family, mapped: str | None
) -> tuple[str, str]:
    """Decide between seconds and milliseconds by size, and say how it was decided."""
    if mapped is not None:
        return mapped, f"{_spelled(mapped)} (stated by the mapping)"
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
        concerns=tuple(concern for log in logs for concern in log.concerns),
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
