"""Files to a session: find the dialect, the tasks, the trials and the unit of time.

Raises only `UnreadableUpload` subclasses, whatever the bytes are.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise

from functions.cognitive.cells import number
from functions.cognitive.documents import read_document
from functions.cognitive.fitting import fitted
from functions.cognitive.formats import (
    canonical,
    eprime,
    gorilla,
    jspsych,
    labjs,
    opensesame,
    psychopy,
)
from functions.cognitive.logs import Log, LogRow, first_text
from functions.cognitive.mapping import NO_MAPPING, ColumnMapping
from functions.cognitive.plaintext import Document, RepeatedKey, Row
from functions.cognitive.profiles import (
    UnknownTask,
    profile_named,
)
from functions.cognitive.reading import is_judged
from functions.cognitive.refusals import (
    MAX_FILES,
    FileCount,
    ImpossibleVersion,
    NoTimes,
    NoTrials,
    RepeatedTask,
    SeveralSessions,
)
from functions.cognitive.selection import Selection, report, select
from functions.cognitive.sitting import check_one_sitting, session_of
from functions.cognitive.task_rows import TaskRows, by_task
from functions.cognitive.trials import (
    Concern,
    ImportReport,
    Session,
    TaskRun,
)
from functions.cognitive.units import in_milliseconds, unit_of, unit_warning
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
VERSION = re.compile(r"[vV]?[0-9][A-Za-z0-9._+-]{0,30}")  # becomes part of the method's name
FEWEST_TO_COMPARE = 10  # different times, below which equal halves may be chance

# Which dialect a document is, asked in this order; what none claims is canonical.
DIALECTS: tuple[tuple[Callable[[Document], bool], Callable[[Document], Log]], ...] = (
    (jspsych.is_jspsych, jspsych.read),
    (labjs.is_labjs, labjs.read),
    (gorilla.is_gorilla, gorilla.read),
    (opensesame.is_opensesame, opensesame.read),
    (psychopy.is_psychopy, psychopy.read),
    (eprime.is_eprime, eprime.read),
)


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
    runs = _runs_of_all([runs for _, runs, _ in read])
    session = session_of([log for log, _, _ in read], runs)
    return replace(session, imports=tuple(account for _, _, account in read))


def _runs_of_all(files: Sequence[Sequence[TaskRun]]) -> tuple[TaskRun, ...]:
    runs: dict[str, TaskRun] = {}
    for run in chain.from_iterable(files):
        if run.task in runs:
            raise RepeatedTask(run.task, "in two files")
        runs[run.task] = run
    return tuple(runs.values())


def _read_file(
    file: RecordingFile, task: str | None, mapping: ColumnMapping
) -> tuple[Log, list[TaskRun], ImportReport]:
    document = read_document(file)
    log = _read_dialect(document)
    log = replace(log, rows=mapping.applied(log.rows))
    if log.conflict is not None and not mapping.tells_answers:
        raise log.conflict
    check_one_sitting(log.cells)
    groups, others = by_task(log, [task, log.task_name, file.name])
    chosen = [_selection(group, document, mapping) for group in groups]
    runs = [_run(selection, log, mapping) for selection in chosen if selection.counted]
    if not runs:
        raise NoTrials(len(document.lines))
    source = ImportReport(log.dialect, document.encoding, decimal_commas=document.decimal_commas)
    units = [warning for run in runs if (warning := unit_warning(run, log))]
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
        if not empty.counted:
            name = empty.reading.profile.task
            yield Concern("no-trials", f"{name}: none of its {len(empty.dropped)} rows is a trial.")
    said = profile_named(task)
    if said is not None and said.task not in {
        selection.reading.profile.task for selection in chosen
    }:
        yield Concern("other-task", f"The request names {said.task}, and the log other tasks.")


def _read_dialect(document: Document) -> Log:
    for is_it, read in DIALECTS:
        if is_it(document):
            return read(document)
    return canonical.read(document)


def _selection(group: TaskRows, document: Document, mapping: ColumnMapping) -> Selection:
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
    if selection.counted and "rt" not in reading.columns and group.profile.family in TIMED:
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
    unit, statement = unit_of(selection.trials, log.unit, profile.family, mapping.unit)
    return TaskRun(
        task=profile.task,
        family=profile.family,
        trials=in_milliseconds(selection.trials, unit),
        version=_version([draft.row.cells for draft in selection.counted]),
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
