"""jsPsych and the Experiment Factory: one row a screen, times in milliseconds.

Old releases write `key_press` as a key code and -1 for no response, new ones `response`
as the key's name and null; the Experiment Factory adds `trial_id`, `exp_stage`,
`focus_shifts` and `full_screen`.
"""

from functions.cognitive.cells import number, truth
from functions.cognitive.logs import Log, columns, first_number, first_text
from functions.cognitive.plaintext import Document, Row
from functions.cognitive.trials import Device, Mode

# Which part of a trial a screen is; the first of these columns that a log has.
ROLE_COLUMNS = ("trial_id", "test_part", "screen_id", "task", "part")
TRIAL_ROLES = frozenset(
    {"stim", "stimulus", "test_block", "practice", "test", "trial", "target", "probe", "response"}
)
# Plug-ins that never hold a trial.
SCREENS = ("instructions", "fullscreen", "preload", "call-function", "survey", "browser-check")


def is_jspsych(document: Document) -> bool:
    return {"trial_type", "time_elapsed"} <= columns(document.rows)


def read(document: Document) -> Log:
    """Keep the screens that are trials and put their columns in common words."""
    rows = document.rows
    judged = [row for row in rows if not str(row.get("trial_type", "")).startswith(SCREENS)]
    return Log(
        rows=[_common(row) for row in _trials(judged)],
        dialect=f"jsPsych {document.kind}",
        unit="ms",
        mode=Mode.WEB,
        device=Device(
            user_agent=first_text(rows, "user_agent", "browser"),
            refresh_hz=first_number(rows, "vsync_rate"),
        ),
        client=_client(rows),
        focus_losses=_focus_losses(rows),
        fullscreen=_fullscreen(rows),
    )


def _trials(rows: list[Row]) -> list[Row]:
    """Keep the rows whose role says trial; where none does, those answered or judged."""
    for column in ROLE_COLUMNS:
        marked = [row for row in rows if str(row.get(column, "")).lower() in TRIAL_ROLES]
        if marked:
            return marked
    return [row for row in rows if "correct" in row or number(row.get("rt")) is not None]


def _common(row: Row) -> Row:
    if "response" not in row and "key_press" in row:
        return {**row, "response": row["key_press"]}
    return row


def _client(rows: list[Row]) -> str:
    if {"trial_id", "exp_stage"} <= columns(rows):
        return "Experiment Factory"
    return f"jsPsych {first_text(rows, 'jspsych_version') or ''}".strip()


def _focus_losses(rows: list[Row]) -> int | None:
    shifts = [number(row["focus_shifts"]) for row in rows if "focus_shifts" in row]
    return round(sum(shift or 0.0 for shift in shifts)) if shifts else None


def _fullscreen(rows: list[Row]) -> float | None:
    said = [truth(row["full_screen"]) for row in rows if "full_screen" in row]
    return sum(map(bool, said)) / len(said) if said else None
