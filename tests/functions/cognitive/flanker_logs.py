"""A small flanker session, and tables made of it column by column."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from random import Random
from typing import Any

from shared.recording import RecordingFile

PRACTICE, TEST = 12, 60


@dataclass(frozen=True)
class Answer:
    """One trial: what was asked, and what came."""

    practice: bool
    condition: str
    key: str | None
    right: bool
    rt_ms: float | None
    omitted: bool = False

    @property
    def other_key(self) -> str:
        return "j" if self.key == "f" else "f"


def session(seed: int = 7) -> tuple[Answer, ...]:
    """Slow practice, then trials with an effect of about 50 ms, errors and four omissions."""
    random = Random(seed)
    answers: list[Answer] = []
    for i in range(PRACTICE + TEST):
        practice = i < PRACTICE
        condition = ("congruent", "incongruent")[i % 2]
        omitted = not practice and i % 15 == 14
        mean = 420.0 + 50.0 * (condition == "incongruent") + 600.0 * practice
        answers.append(
            Answer(
                practice,
                condition,
                None if omitted else random.choice("fj"),
                not omitted and i % 10 != 3,
                None if omitted else round(random.gauss(mean, 40), 1),
                omitted,
            )
        )
    return tuple(answers)


SESSION = session()
OMISSIONS = sum(answer.omitted for answer in SESSION)
ACCURACY = 100 * sum(a.right for a in SESSION if not a.practice) / TEST

type Column = Callable[[Answer], Any]
TIME: Mapping[str, Column] = {"rt": lambda a: a.rt_ms}
JUDGED: Mapping[str, Column] = {"correct": lambda a: int(a.right)}
CONDITION: Mapping[str, Column] = {"condition": lambda a: a.condition}
PHASE: Mapping[str, Column] = {"phase": lambda a: "practice" if a.practice else "test"}
USUAL: Mapping[str, Column] = {**TIME, **JUDGED, **CONDITION, **PHASE}


def table(
    columns: Mapping[str, Column],
    *,
    delimiter: str = ",",
    decimal: str = ".",
    encoding: str = "utf-8",
    name: str = "flanker.csv",
) -> RecordingFile:
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    for answer in SESSION:
        writer.writerow(_cell(column(answer), decimal) for column in columns.values())
    return RecordingFile(name, text.getvalue().encode(encoding))


def _cell(value: Any, decimal: str) -> Any:
    if value is None:
        return ""
    return str(value).replace(".", decimal) if isinstance(value, float) else value


def jspsych(
    columns: Mapping[str, Column], *, fixation: Mapping[str, Column] | None = None
) -> RecordingFile:
    """A jsPsych file; with `fixation`, a fixation of these columns before every trial."""
    rows: list[dict[str, Any]] = []
    for answer in SESSION:
        if fixation is not None:
            cross = {"stimulus": "<p>+</p>", "rt": None, "response": None}
            rows.append({**cross, **_cells(answer, fixation)})
        arrows = "&lt;&lt;&lt;" if answer.condition == "congruent" else "&gt;&lt;&gt;"
        shown = {"stimulus": f"<p>{arrows}</p>", "rt": answer.rt_ms, "response": answer.key}
        rows.append({**shown, **_cells(answer, columns)})
    for i, row in enumerate(rows):
        row.update(trial_type="html-keyboard-response", trial_index=i, time_elapsed=900 * (i + 1))
    return RecordingFile("flanker.json", json.dumps(rows).encode())


def _cells(answer: Answer, columns: Mapping[str, Column]) -> dict[str, Any]:
    return {name: column(answer) for name, column in columns.items()}
