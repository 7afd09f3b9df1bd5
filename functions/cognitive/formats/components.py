"""Answers that stand in columns of the component that took them, such as `key_resp.rt`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.cognitive.logs import columns
from functions.cognitive.plaintext import Row
from functions.cognitive.reading import PRACTICE
from shared.errors import UnreadableUpload

NAME = re.compile(r"[\w]{1,40}")  # what is no component's name is not repeated


class SeveralComponents(UnreadableUpload):
    """Two components judge the answer in the same rows, so one of them is not the task."""

    code = "several-components"

    def __init__(self, names: Sequence[str]) -> None:
        plain = [name for name in names if NAME.fullmatch(name)]
        said = f": {', '.join(plain)}" if plain else ""
        super().__init__(
            f"{len(names)} components judge answers in the same rows{said}. Say by a mapping"
            " which columns hold the response time and the judgment of the task."
        )


@dataclass(frozen=True)
class Components:
    """The components of a log that took the task's answers.

    Attributes
    ----------
    parts : Mapping[str, str]
        The suffix of a component's column, by the field in common words.
    conflict : SeveralComponents or None
        Set where two of them judged in the same rows.
    """

    names: tuple[str, ...]
    parts: Mapping[str, str]
    judging: bool
    conflict: SeveralComponents | None = None

    def ran(self, row: Row) -> bool:
        """Whether one of them judged or timed an answer in this row."""
        parts = ("correct",) if self.judging else ("rt", "response")
        return any(f"{name}{self.parts[part]}" in row for name in self.names for part in parts)

    def answer(self, row: Row) -> Row:
        """Response, judgment and time under their common names; practice by the component's."""
        cells: Row = {}
        for name in self.names:
            for field, part in self.parts.items():
                value = row.get(f"{name}{part}")
                if value is not None:
                    cells.setdefault(field, value)
                    if PRACTICE.search(name):
                        cells["phase"] = "practice"
        return cells


def components(rows: Sequence[Row], parts: Mapping[str, str]) -> Components:
    """Find those that judged; without any, the one that was answered most."""
    names = columns(rows)
    suffix = parts["correct"]
    judging = sorted(name.removesuffix(suffix) for name in names if name.endswith(suffix))
    if judging:
        return Components(
            tuple(judging), parts, judging=True, conflict=_conflict(rows, judging, suffix)
        )
    timed = sorted(name for name in names if name.endswith(parts["rt"]))
    busiest = max(timed, key=lambda name: sum(name in row for row in rows), default=None)
    chosen = (busiest.removesuffix(parts["rt"]),) if busiest else ()
    return Components(chosen, parts, judging=False)


def _conflict(rows: Sequence[Row], names: Sequence[str], suffix: str) -> SeveralComponents | None:
    together = {
        name
        for row in rows
        if len(judged := [name for name in names if f"{name}{suffix}" in row]) > 1
        for name in judged
    }
    return SeveralComponents(sorted(together)) if together else None
