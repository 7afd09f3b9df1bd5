"""Task profiles: which columns of which task mean what, as data.

A profile is a JSON file in `task_profiles/`; a new task of a known family needs no code.
Reading these files happens once, on first use; like `decode`, this module is an edge.

task, title, family, names   what it is, and how logs call it
signature                    column sets that give the task away where no name does
words                        for conditions and cues: word sets of `condition_words.json`, or
                             sets of its own ({"columns": [...], "meaning": {...}})
pair                         two sets of columns whose equal cells mean congruent: word and ink
columns                      its own columns by field
default                      the condition of a log that has no column for it
withhold                     conditions in which not answering is right
choices, floor_ms, settings  as in `trials.TaskRun`
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from functions.cognitive.cells import label
from functions.cognitive.plaintext import Row
from functions.cognitive.trials import Family
from shared.errors import UnreadableUpload

FOLDER = Path(__file__).parent / "task_profiles"
WORDS = Path(__file__).parent / "condition_words.json"
DEFAULT_FLOOR_MS = 100.0  # what comes sooner was begun before the stimulus (Basner & Dinges 2011)
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
    """Columns that may hold a condition, and their words for each condition.

    `requires` names words that have to occur for the set to hold: 0 and 1 alone are no
    codes of three conditions.
    """

    columns: tuple[str, ...]
    meaning: Mapping[str, str]
    requires: frozenset[str] = frozenset()

    def known(self, rows: Sequence[Row], column: str) -> int:
        """How many cells of this column are words of the set."""
        said = [word for row in rows if (word := plain_word(row.get(column))) is not None]
        return sum(word in self.meaning for word in said) if self.requires <= set(said) else 0


def plain_word(cell: Any) -> str | None:
    word = label(cell)
    return None if word is None or not word else word.lower()


@dataclass(frozen=True)
class Profile:
    """How one task is logged and scored; the module's text says how a file writes it.

    Attributes
    ----------
    task, title : str
        What the product calls the task, and what people do.
    family : Family
        Which scores are made of it.
    names : frozenset of str
        What logs call it.
    signature : tuple of frozenset of str
        Sets of columns; a log that has all of one set is of this task.
    columns : mapping of str to tuple of str
        By field of a trial: the task's own columns; the first filled one counts.
    words : mapping of str to tuple of Words
        For `condition` and `cue`: what the cells mean.
    default : mapping of str to str
        The condition of a log without a column for it.
    pair : tuple of tuple of str
        Two sets of columns, such as word and ink; equal cells mean congruent.
    withhold : frozenset of str
        Conditions in which not answering is right.
    choices : int or None
        Number of answers to choose from.
    floor_ms : float
        A faster answer was begun before the stimulus.
    settings : mapping of str to float
        What else the task's scores need, by name.
    """

    task: str
    title: str
    family: Family
    names: frozenset[str]
    signature: tuple[frozenset[str], ...]
    columns: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[Words, ...]]
    default: Mapping[str, str]
    pair: tuple[tuple[str, ...], ...]
    withhold: frozenset[str]
    choices: int | None = None
    floor_ms: float = DEFAULT_FLOOR_MS
    settings: Mapping[str, float] = field(default_factory=dict)

    def conditions(self, name: str = "condition") -> frozenset[str]:
        """Every condition (or cue) that the task's words can mean."""
        return frozenset(
            meaning for words in self.words.get(name, ()) for meaning in words.meaning.values()
        )


@cache
def profiles() -> tuple[Profile, ...]:
    """All profiles, by task name."""
    return tuple(read_profile(path.read_text()) for path in sorted(FOLDER.glob("*.json")))


@cache
def word_sets() -> Mapping[str, Words]:
    """The condition words that tasks share, by the name of their set."""
    return {name: _words(given) for name, given in json.loads(WORDS.read_text()).items()}


def read_profile(text: str) -> Profile:
    """Read one profile."""
    given = json.loads(text)
    return Profile(
        task=given["task"],
        title=given["title"],
        family=Family(given["family"]),
        names=frozenset(given["names"]),
        signature=tuple(frozenset(names) for names in given.get("signature", ())),
        columns={name: tuple(columns) for name, columns in given.get("columns", {}).items()},
        words={
            name: tuple(
                word_sets()[words] if isinstance(words, str) else _words(words) for words in sets
            )
            for name, sets in given.get("words", {}).items()
        },
        default=given.get("default", {}),
        pair=tuple(tuple(columns) for columns in given.get("pair", ())),
        withhold=frozenset(given.get("withhold", ())),
        choices=given.get("choices"),
        floor_ms=given.get("floor_ms", DEFAULT_FLOOR_MS),
        settings=given.get("settings", {}),
    )


def _words(given: Mapping[str, Any]) -> Words:
    meaning = {
        word.lower(): condition
        for condition, said in given["meaning"].items()
        for word in (condition, *said)
    }
    return Words(tuple(given["columns"]), meaning, frozenset(given.get("requires", ())))


def profile_named(name: str | None) -> Profile | None:
    """The profile whose name this is, or is part of: "flanker_v2_participant" is a flanker."""
    if name is None:
        return None
    plain = plain_task(name)
    known = [(alias, profile) for profile in profiles() for alias in profile.names]
    contained = [(len(alias), profile) for alias, profile in known if f"_{alias}_" in f"_{plain}_"]
    return max(contained, key=lambda pair: pair[0])[1] if contained else None


def plain_task(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


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
