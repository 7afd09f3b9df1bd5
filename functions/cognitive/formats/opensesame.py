"""OpenSesame: a row a pass of the logger, with every variable; times in milliseconds.

Without an answer `response` is None and `response_time` the time limit, so that the time
counts only beside a response. `acc` and `avg_rt` are running means of the block.
"""

from functions.cognitive.cells import token
from functions.cognitive.logs import Log, LogRow, columns, first_text
from functions.cognitive.plaintext import Document, Line
from functions.cognitive.trials import Mode

MARKS = frozenset({"opensesame_version", "opensesame_codename", "subject_parity", "subject_nr"})
RUNNING_MEANS = frozenset({"acc", "accuracy", "avg_rt", "average_response_time"})


def is_opensesame(document: Document) -> bool:
    """Whether a table has the columns that OpenSesame writes of itself."""
    names = columns(document.rows)
    return (
        bool(names & {"opensesame_version", "opensesame_codename"})
        or {
            "subject_nr",
            "subject_parity",
        }
        <= names
    )


def read(document: Document) -> Log:
    """Every row is a trial; a time limit that ran out is no time."""
    rows = document.rows
    web = first_text(rows, "user_agent", "browser_codename")
    return Log(
        rows=[_common(line) for line in document.lines],
        dialect=f"OpenSesame {document.kind}",
        unit="ms",
        mode=Mode.WEB if web else Mode.COMPUTER,
        client=f"OpenSesame {first_text(rows, 'opensesame_version') or ''}".strip(),
        task_name=first_text(rows, "title", "experiment_file"),
    )


def _common(line: Line) -> LogRow:
    cells = {name: cell for name, cell in line.cells.items() if name not in RUNNING_MEANS}
    if token(cells.get("response")) is None:
        cells.pop("response_time", None)
    return LogRow(line.number, cells, None, line.aside)
