"""Task profiles: which columns of which task mean what, as data.

A profile is a JSON file in `task_profiles/`; a new task of a known family needs no code.
Reading these files happens once, on first use; like `decode`, this module is an edge.

task, title, family, names   what it is, and how logs call it
signature                    column sets that give the task away where no name does
columns                      its own columns by field; conditions with their words
withhold                     conditions in which not answering is right
choices, floor_ms, settings  as in `trials.TaskRun`
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from functions.cognitive.cells import label, number, token, truth, words
from functions.cognitive.plaintext import Row
from functions.cognitive.trials import Family, Phase, Trial
from shared.errors import UnreadableUpload

FOLDER = Path(__file__).parent / "task_profiles"
DEFAULT_FLOOR_MS = 100.0

# Where a field stands unless the profile names other columns; the first filled one counts.
STANDARD_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "rt": ("rt_ms", "rt_s", "rt", "reaction_time", "reactiontime", "response_time", "latency"),
    "response": ("response", "key_press", "answer"),
    "correct": ("correct", "acc", "accuracy", "is_correct"),
    "target": ("target_response", "correct_response", "correctresponse", "correctans", "corrans"),
    "phase": ("phase", "exp_stage", "stage", "block_type", "practice", "is_practice"),
    "block": ("block", "block_num", "block_index"),
    "stimulus": ("stimulus", "stim"),
    "onset": ("onset_ms", "onset_s", "onset", "time_elapsed"),
}
MOST_ITEMS = 100  # nobody holds more in mind
PRACTICE = re.compile(r"practi[cs]e|train|warm.?up", re.IGNORECASE)
# What a log calls the run of a task; the value may also be a role such as "response".
NAME_COLUMNS = ("task", "experiment_exp_id", "exp_id", "experiment", "task_name")


class UnknownTask(UnreadableUpload):
    """The log names no task that has a profile."""

    code = "unknown-task"

    def __init__(self) -> None:
        known = ", ".join(profile.task for profile in profiles())
        super().__init__(f"The log does not say which task it holds; expected one of: {known}.")


@dataclass(frozen=True)
class Words:
    """One column that may hold the condition, and its words for each condition."""

    column: str
    meaning: Mapping[str, str]


@dataclass(frozen=True)
class Profile:
    """How one task is logged and scored; see the module's text."""

    task: str
    title: str
    family: Family
    names: frozenset[str]
    signature: tuple[frozenset[str], ...]
    columns: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[Words, ...]]
    withhold: frozenset[str]
    choices: int | None = None
    floor_ms: float = DEFAULT_FLOOR_MS
    settings: Mapping[str, float] = field(default_factory=dict)

    def trial(self, row: Row) -> Trial:
        """Map one row; times stay in the log's own unit until that is known."""
        response = token(self._cell(row, "response"))
        rt = number(self._cell(row, "rt"))
        rt = None if rt is None or rt in (-1.0, 0.0) else rt
        condition = self._word(row, "condition")
        load = number(self._cell(row, "load"))
        target = token(self._cell(row, "target"))
        items, recalled = self._items(row)
        trial = Trial(
            phase=self._phase(row),
            condition=condition,
            block=token(self._cell(row, "block")),
            stimulus=token(self._cell(row, "stimulus")),
            target=target,
            response=response,
            rt_ms=rt,
            onset_ms=number(self._cell(row, "onset")),
            cue=self._word(row, "cue"),
            load=round(load) if load is not None and 0 <= load <= MOST_ITEMS else None,
            stop_delay_ms=number(self._cell(row, "stop_delay")),
            items=items,
            recalled=recalled,
            correct=truth(self._cell(row, "correct")),
        )
        return self._judged(trial)

    def _items(self, row: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return words(self._cell(row, "items")), words(self._cell(row, "recalled"))

    def _judged(self, trial: Trial) -> Trial:
        """Judge what the log leaves open; holding back is judged by whether it happened."""
        answered = trial.response is not None or trial.rt_ms is not None
        correct = trial.correct
        if trial.condition in self.withhold:
            correct = not answered
        elif correct is None and trial.target is not None:
            correct = trial.response == trial.target
        elif correct is None and self.family is Family.GO_NO_GO and trial.condition is not None:
            correct = answered
        return replace(trial, correct=correct)

    def _cell(self, row: Row, name: str) -> Any:
        for column in (*self.columns.get(name, ()), *STANDARD_COLUMNS.get(name, ())):
            if column in row:
                return row[column]
        return None

    def _word(self, row: Row, name: str) -> str | None:
        for choice in self.words.get(name, ()):
            found = label(row.get(choice.column))
            if found is not None and found.lower() in choice.meaning:
                return choice.meaning[found.lower()]
        return token(self._cell(row, name)) if name in self.columns else None

    def _phase(self, row: Row) -> Phase:
        for column in STANDARD_COLUMNS["phase"]:
            if column in row:
                is_practice = "practice" in column and truth(row[column]) is True
                named = PRACTICE.search(str(row[column])) is not None
                if is_practice or named:
                    return Phase.PRACTICE
        return Phase.TEST


@cache
def profiles() -> tuple[Profile, ...]:
    """All profiles, by task name."""
    return tuple(read_profile(path.read_text()) for path in sorted(FOLDER.glob("*.json")))


def read_profile(text: str) -> Profile:
    """Read one profile; a list under a column is a choice of columns or of condition words."""
    given = json.loads(text)
    columns: dict[str, tuple[str, ...]] = {}
    meanings: dict[str, tuple[Words, ...]] = {}
    for name, choices in given.get("columns", {}).items():
        if isinstance(choices[0], dict):
            meanings[name] = tuple(map(_words, choices))
        else:
            columns[name] = tuple(choices)
    return Profile(
        task=given["task"],
        title=given["title"],
        family=Family(given["family"]),
        names=frozenset(given["names"]),
        signature=tuple(frozenset(names) for names in given.get("signature", ())),
        columns=columns,
        words=meanings,
        withhold=frozenset(given.get("withhold", ())),
        choices=given.get("choices"),
        floor_ms=given.get("floor_ms", DEFAULT_FLOOR_MS),
        settings=given.get("settings", {}),
    )


def _words(choice: dict[str, Any]) -> Words:
    meaning = {
        word.lower(): condition
        for condition, said in choice["values"].items()
        for word in (condition, *said)
    }
    return Words(choice["column"], meaning)


def profile_named(name: str | None) -> Profile | None:
    """The profile whose name this is, or is part of: "flanker_v2_participant" is a flanker."""
    if name is None:
        return None
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    known = [(each, profile) for profile in profiles() for each in profile.names]
    contained = [(len(each), profile) for each, profile in known if f"_{each}_" in f"_{plain}_"]
    return max(contained, key=lambda pair: pair[0])[1] if contained else None


def profile_with_columns(names: Iterable[str]) -> Profile | None:
    """The profile whose signature these columns hold, the most demanding one first."""
    present = frozenset(names)
    matches = [
        (len(signature), profile)
        for profile in profiles()
        for signature in profile.signature
        if signature <= present
    ]
    return max(matches, key=lambda pair: pair[0])[1] if matches else None
