"""MediLens' own schema as JSON, and any plain table with one row a trial.

{"session": {"client", "mode", "device": {"user_agent", "refresh_hz", "input"},
"focus_losses", "fullscreen"}, "trials": [{"task", "task_version", "phase", "block",
"condition", "stimulus", "target", "response", "correct", "rt_ms", "onset_ms", …}]}
"""

from functions.cognitive.cells import number, token
from functions.cognitive.logs import Log, LogRow, columns
from functions.cognitive.plaintext import Document, Row
from functions.cognitive.trials import Device, Mode

MILLISECOND_COLUMNS = ("rt_ms", "onset_ms")
SECOND_COLUMNS = ("rt_s", "onset_s")


def read(document: Document) -> Log:
    """Take every row as a trial; the session's own words come from the head."""
    head = document.head
    device = head.get("device")
    return Log(
        rows=[
            LogRow(line.number, _common(line.cells) if head else line.cells, None, line.aside)
            for line in document.lines
        ],
        dialect=f"MediLens {document.kind}" if head else f"table {document.kind}",
        unit=_unit(document.rows),
        mode=_mode(head),
        device=_device(device if isinstance(device, dict) else {}),
        client=token(head.get("client")),
        focus_losses=_count(head.get("focus_losses")),
        fullscreen=number(head.get("fullscreen")),
    )


def _common(row: Row) -> Row:
    """Say that `target` is the right answer; elsewhere the word may mean a stimulus."""
    return {**row, "target_response": row["target"]} if "target" in row else row


def _unit(rows: list[Row]) -> str | None:
    names = columns(rows)
    if any(name in names for name in MILLISECOND_COLUMNS):
        return "ms"
    return "s" if any(name in names for name in SECOND_COLUMNS) else None


def _mode(head: Row) -> Mode:
    said = head.get("mode")
    return Mode(said) if said in list(Mode) else Mode.UNKNOWN


def _device(device: Row) -> Device:
    return Device(
        token(device.get("user_agent")),
        number(device.get("refresh_hz")),
        token(device.get("input")),
    )


def _count(value: object) -> int | None:
    count = number(value)
    return None if count is None else round(count)
