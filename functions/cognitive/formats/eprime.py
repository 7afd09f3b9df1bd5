"""E-Prime: its text log, and the table that E-Merge and E-DataAid export; milliseconds.

Every object that took an answer has its own attributes (`Stim.RT`, `.ACC`, `.RESP`,
`.CRESP`); a time of 0 is no answer. Practice is told by procedures and running lists.
"""

import re

from functions.cognitive.formats.components import components
from functions.cognitive.logs import Log, LogRow, columns, first_text
from functions.cognitive.plaintext import Document, Line
from functions.cognitive.rows import SCREEN
from functions.cognitive.trials import Mode

PARTS = {"response": ".resp", "correct": ".acc", "rt": ".rt", "target_response": ".cresp"}
PROCEDURE = re.compile(r"(procedure|running)(\[\w+\])?|experimentname|level")
ATTRIBUTE = re.compile(r"\w+\.(acc|resp|rt)")


def is_eprime(document: Document) -> bool:
    """Whether a table names the objects of E-Prime, or its procedures and attributes."""
    names = columns(document.rows)
    judged = {name.removesuffix(".acc") for name in names if name.endswith(".acc")}
    return (
        document.kind == "text log"
        or any(f"{name}.rt" in names for name in judged)
        or (any(map(PROCEDURE.fullmatch, names)) and any(map(ATTRIBUTE.fullmatch, names)))
    )


def read(document: Document) -> Log:
    """Merge the objects that took answers into common columns."""
    rows = document.rows
    answering = components(rows, PARTS)

    def common(line: Line) -> LogRow:
        ran = answering.ran(line.cells)
        aside = line.aside or (None if ran or not answering.names or not line.cells else SCREEN)
        return LogRow(line.number, {**line.cells, **answering.answer(line.cells)}, None, aside)

    return Log(
        rows=[common(line) for line in document.lines],
        dialect=f"E-Prime {document.kind}",
        unit="ms",
        mode=Mode.COMPUTER,
        client="E-Prime",
        task_name=first_text([document.head, *rows], "experiment", "experimentname"),
        conflict=answering.conflict,
    )
