"""PsychoPy and Pavlovia: one wide row a pass of a loop, times in seconds.

Every keyboard component has its own columns (`key_resp.keys`, `.corr`, `.rt`), every
loop its counters (`trials.thisN`); a row leaves blank what did not run in it. A
TrialHandler's wide text has `TrialNumber`, `ran` and `order` instead of counters, its
summary is unrolled by `tables`.
"""

from collections.abc import Sequence

from functions.cognitive.cells import words
from functions.cognitive.formats.components import Components, components
from functions.cognitive.logs import Log, LogRow, columns, first_number, first_text
from functions.cognitive.plaintext import Document, Line, Row
from functions.cognitive.reading import PRACTICE
from functions.cognitive.rows import SCREEN
from functions.cognitive.trials import Device, Mode

COUNTER = ".thisn"
PARTS = {"response": ".keys", "correct": ".corr", "rt": ".rt"}
TRIAL_HANDLER = frozenset({"trialnumber", "ran", "order"})
TRIAL, PASS = "trial", "pass"


def is_psychopy(document: Document) -> bool:
    """Whether a table tells its version of PsychoPy, its loops, or a TrialHandler's columns."""
    names = columns(document.rows)
    return (
        "psychopyversion" in names
        or any(name.endswith(COUNTER) for name in names)
        or names >= TRIAL_HANDLER
        or document.kind == "summary CSV"
    )


def read(document: Document) -> Log:
    """Merge the components that took responses into common columns."""
    rows = document.rows
    answering = components(rows, PARTS)
    loops = _loops_of_trials(rows, answering)
    operating_system = first_text(rows, "os")
    return Log(
        rows=[_common(line, answering, loops) for line in document.lines],
        dialect=f"PsychoPy {document.kind}",
        unit="s",
        # Pavlovia alone writes the browser's platform.
        mode=Mode.WEB if operating_system else Mode.COMPUTER,
        device=Device(operating_system, first_number(rows, "framerate")),
        client=f"PsychoPy {first_text(rows, 'psychopyversion') or ''}".strip(),
        task_name=first_text(rows, "expname"),
        warnings=_warnings(rows, answering),
        conflict=answering.conflict,
    )


def _loops(row: Row) -> frozenset[str]:
    return frozenset(name for name in row if name.endswith(COUNTER))


def _loops_of_trials(rows: Sequence[Row], answering: Components) -> frozenset[frozenset[str]]:
    """Which loops were running, taken together, when an answer was taken.

    A TrialHandler's own files hold its trials and no counter.
    """
    running = frozenset(_loops(row) for row in rows if answering.ran(row))
    return running if columns(rows) >= TRIAL_HANDLER else running - {frozenset()}


def _common(line: Line, answering: Components, loops: frozenset[frozenset[str]]) -> LogRow:
    """A pass of the trials' loops in which nothing was pressed may be an omission."""
    row = line.cells
    ran = not answering.names or answering.ran(row)
    answer = {name: _first(value) for name, value in answering.answer(row).items()}
    cells = {**row, **{name: value for name, value in answer.items() if value is not None}}
    if any(PRACTICE.search(name) for name in _loops(row)):
        cells["phase"] = "practice"
    if line.aside is not None or ran:
        return LogRow(
            line.number, cells, TRIAL if answering.names else None, line.aside, is_trial=ran
        )
    if _loops(row) in loops:
        return LogRow(line.number, cells, TRIAL, is_trial=not answering.judging)
    return LogRow(line.number, cells, PASS, SCREEN if row else None)


def _first(value: object) -> object:
    """The first of several keys, where a component stored all of them."""
    if isinstance(value, list) or (isinstance(value, str) and value.startswith("[")):
        keys = words(value)
        return keys[0].strip("'\"") if keys else None
    return value


def _warnings(rows: Sequence[Row], answering: Components) -> tuple[str, ...]:
    several = any(
        str(row.get(f"{name}.rt", "")).startswith("[") for row in rows for name in answering.names
    )
    return ("Several key presses were stored for a trial; the first was used.",) * several
