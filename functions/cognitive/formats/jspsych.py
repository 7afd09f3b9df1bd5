"""jsPsych and the Experiment Factory: one row a screen, times in milliseconds.

Old releases write `key_press` as a key code and -1 for no response, new ones `response`
as the key's name and null; the Experiment Factory adds `trial_id`, `exp_stage`,
`focus_shifts` and `full_screen`.
"""

from functions.cognitive.cells import number, truth
from functions.cognitive.logs import Log, LogRow, columns, first_number, first_text
from functions.cognitive.plaintext import Document, Line, Row
from functions.cognitive.rows import SCREEN
from functions.cognitive.trials import Device, Mode

# Which part of a trial a screen is; the first of these columns that holds such a word.
ROLE_COLUMNS = ("trial_id", "test_part", "screen_id", "task", "part", "role")
TRIAL_ROLES = frozenset(
    {"stim", "stimulus", "test_block", "practice", "test", "trial", "target", "probe", "response"}
)
MAIN_ROLES = frozenset({"main", "experimental", "experiment", "exp", "real", "formal", "trials"})
SCREEN_ROLES = frozenset(
    {
        *("fixation", "feedback", "instruction", "instructions", "iti", "isi", "cue", "mask"),
        *("end", "welcome", "blank", "gap", "rest", "break", "debrief", "consent", "survey"),
        *("attention_check", "countdown", "ready", "intro"),
    }
)
# Plug-ins that never hold a trial.
SCREENS = ("instructions", "fullscreen", "preload", "call-function", "survey", "browser-check")


def is_jspsych(document: Document) -> bool:
    names = columns(document.rows)
    return "trial_type" in names and bool(names & {"time_elapsed", "internal_node_id"})


def read(document: Document) -> Log:
    """Put columns in common words, and say of each screen which part of a trial it is."""
    rows = document.rows
    role = next(
        (name for name in ROLE_COLUMNS if any(_role(row, name) in TRIAL_ROLES for row in rows)),
        None,
    )
    return Log(
        rows=[_common(line, role) for line in document.lines],
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


def _role(row: Row, name: str | None) -> str:
    return "" if name is None else str(row.get(name, "")).lower()


def _common(line: Line, role_column: str | None) -> LogRow:
    cells = line.cells
    if "response" not in cells and "key_press" in cells:
        cells = {**cells, "response": cells["key_press"]}
    plug_in = str(cells.get("trial_type", ""))
    role = _role(cells, role_column)
    aside = SCREEN if plug_in.startswith(SCREENS) or role in SCREEN_ROLES else None
    part = "trial" if role in TRIAL_ROLES | MAIN_ROLES else role
    return LogRow(
        line.number,
        cells,
        f"{plug_in} {part}",
        line.aside or aside,
        is_trial=role in TRIAL_ROLES,
    )


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
