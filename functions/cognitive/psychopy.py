"""PsychoPy and Pavlovia: one wide row a pass of a loop, times in seconds.

Every keyboard component has its own columns (`key_resp.keys`, `.corr`, `.rt`), every
loop its counters (`trials.thisN`); a row leaves blank what did not run in it.
"""

from functions.cognitive.cells import words
from functions.cognitive.logs import Log, columns, first_number, first_text
from functions.cognitive.plaintext import Document, Row
from functions.cognitive.trials import Device, Mode

COUNTER = ".thisn"
PRACTICE_WORDS = ("practi", "train", "warm")


def is_psychopy(document: Document) -> bool:
    names = columns(document.rows)
    return "psychopyversion" in names or any(name.endswith(COUNTER) for name in names)


def read(document: Document) -> Log:
    """Merge the components that took responses into common columns."""
    rows = document.rows
    components = _components(rows)
    operating_system = first_text(rows, "os")
    return Log(
        rows=[_common(row, components) for row in _trials(rows, components)],
        dialect=f"PsychoPy {document.kind}",
        unit="s",
        # Pavlovia alone writes the browser's platform.
        mode=Mode.WEB if operating_system else Mode.COMPUTER,
        device=Device(operating_system, first_number(rows, "framerate")),
        client=f"PsychoPy {first_text(rows, 'psychopyversion') or ''}".strip(),
        task_name=first_text(rows, "expname"),
        warnings=_warnings(rows, components),
    )


def _components(rows: list[Row]) -> list[str]:
    """Components that judged a response; without any, the one that was answered most."""
    names = columns(rows)
    judging = sorted(name.removesuffix(".corr") for name in names if name.endswith(".corr"))
    if judging:
        return judging
    timed = sorted(name for name in names if name.endswith(".rt"))
    busiest = max(timed, key=lambda name: sum(name in row for row in rows), default=None)
    return [busiest.removesuffix(".rt")] if busiest else []


def _trials(rows: list[Row], components: list[str]) -> list[Row]:
    """Rows in which a component ran, and passes of its loops in which nothing was pressed."""
    ran = [row for row in rows if _ran(row, components)]
    loops = {name for row in ran for name in row if name.endswith(COUNTER)}
    return [row for row in rows if _ran(row, components) or not loops.isdisjoint(row)]


def _ran(row: Row, components: list[str]) -> bool:
    return any(
        f"{component}{part}" in row
        for component in components
        for part in (".corr", ".rt", ".keys", ".started")
    )


def _common(row: Row, components: list[str]) -> Row:
    found: Row = {}
    for component in components:
        for column, part in (("response", ".keys"), ("correct", ".corr"), ("rt", ".rt")):
            value = _first(row.get(f"{component}{part}"))
            if value is not None:
                found.setdefault(column, value)
    if _is_practice(row):
        found["phase"] = "practice"
    return {**row, **found}


def _first(value: object) -> object:
    """The first of several keys, where a component stored all of them."""
    if isinstance(value, list) or (isinstance(value, str) and value.startswith("[")):
        kept = words(value)
        return kept[0].strip("'\"") if kept else None
    return value


def _is_practice(row: Row) -> bool:
    """Whether a loop with a practice name was running."""
    return any(
        name.endswith(COUNTER) and any(word in name for word in PRACTICE_WORDS) for name in row
    )


def _warnings(rows: list[Row], components: list[str]) -> tuple[str, ...]:
    several = any(
        str(row.get(f"{component}.rt", "")).startswith("[")
        for row in rows
        for component in components
    )
    return ("Several key presses were stored for a trial; the first was used.",) * several
