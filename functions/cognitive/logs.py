"""A log after its dialect is understood: rows in common words, and what the client said.

A dialect translates every row and drops none; which of them count is decided in `rows`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from functions.cognitive.cells import number
from functions.cognitive.plaintext import Row
from functions.cognitive.trials import Concern, Device, Mode
from shared.errors import UnreadableUpload


@dataclass(frozen=True)
class LogRow:
    """One row in common words.

    Attributes
    ----------
    kind : str or None
        What sort of screen the program calls it; None where it does not tell screens apart.
    aside : str or None
        A code of `rows.TEXTS` where the program itself says that this is no trial.
    is_trial : bool
        Whether the program itself says that this is one.
    """

    line: int
    cells: Row
    kind: str | None = None
    aside: str | None = None
    is_trial: bool = False


@dataclass(frozen=True)
class Log:
    """One file's rows, in common words.

    Attributes
    ----------
    unit : str or None
        "ms" or "s" as the dialect documents it; None where it does not.
    task_name : str or None
        What the file calls the task, where it says so once for all rows.
    focus_losses : int or None
        None where the dialect does not count them.
    conflict : UnreadableUpload or None
        Why the dialect cannot tell which columns hold the answers; a mapping can.
    """

    rows: list[LogRow]
    dialect: str
    unit: str | None
    mode: Mode
    device: Device = field(default_factory=Device)
    client: str | None = None
    task_name: str | None = None
    focus_losses: int | None = None
    fullscreen: float | None = None
    warnings: tuple[str, ...] = ()
    concerns: tuple[Concern, ...] = ()
    conflict: UnreadableUpload | None = None

    @property
    def cells(self) -> list[Row]:
        return [row.cells for row in self.rows if row.aside is None]


def columns(rows: Iterable[Row]) -> frozenset[str]:
    """Every column that any row fills."""
    return frozenset(name for row in rows for name in row)


def first_text(rows: Sequence[Row], *names: str) -> str | None:
    """The first filled cell of the first of these columns that has one."""
    for name in names:
        for row in rows:
            if isinstance(row.get(name), str | int | float):
                return str(row[name])
    return None


def first_number(rows: Sequence[Row], *names: str) -> float | None:
    text = first_text(rows, *names)
    return None if text is None else number(text)
