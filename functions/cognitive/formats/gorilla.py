"""Gorilla: a row a screen's zone, times in milliseconds, and a mark at the end.

The `display` of the spreadsheet tells practice from test. A time limit that ran out
without an answer in its trial is an omission.
"""

from functions.cognitive.cells import number
from functions.cognitive.logs import Log, LogRow, columns, first_text
from functions.cognitive.plaintext import Document, Line, Row
from functions.cognitive.rows import SCREEN
from functions.cognitive.trials import Device, Mode

ANSWER_ZONES = ("response", "keyboard", "button")
SCREEN_ZONES = (
    *("content", "continue", "fixation", "feedback", "image", "text", "audio", "video"),
    *("info", "action", "screen", "rich"),
)
TIME_LIMIT = "timelimit"
TRIAL_KEYS = ("trial_number", "display", "spreadsheet_row")


def is_gorilla(document: Document) -> bool:
    names = columns(document.rows)
    return "zone_type" in names or {"event_index", "participant_private_id"} <= names


def read(document: Document) -> Log:
    """Tell answers from other zones; further attempts at a trial do not count."""
    rows = document.rows
    answered = {_trial(row) for row in rows if _zone(row).startswith(ANSWER_ZONES)}

    def common(line: Line) -> LogRow:
        aside = line.aside or _aside(line.cells, answered)
        return LogRow(
            line.number,
            _cells(line.cells),
            "answer",
            aside,
            is_trial=aside is None and bool(_zone(line.cells)),
        )

    return Log(
        rows=[common(line) for line in document.lines],
        dialect=f"Gorilla {document.kind}",
        unit="ms",
        mode=Mode.WEB,
        device=Device(user_agent=first_text(rows, "participant_browser", "participant_os")),
        client="Gorilla",
        task_name=first_text(rows, "task_name", "tree_node_key"),
    )


def _zone(row: Row) -> str:
    return str(row.get("zone_type", row.get("response_type", ""))).lower()


def _trial(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(key, "")) for key in TRIAL_KEYS)


def _aside(row: Row, answered: set[tuple[str, ...]]) -> str | None:
    zone = _zone(row)
    if not row:
        return None
    if (number(row.get("attempt")) or 1) > 1:
        return "later-attempt"
    if zone.startswith(SCREEN_ZONES) or (zone.startswith(TIME_LIMIT) and _trial(row) in answered):
        return SCREEN
    events = not zone and number(row.get("reaction_time")) is None
    return SCREEN if events and "correct" not in row else None


def _cells(row: Row) -> Row:
    """A time limit's own time is no response time."""
    if not _zone(row).startswith(TIME_LIMIT):
        return row
    return {name: cell for name, cell in row.items() if name not in ("reaction_time", "response")}
