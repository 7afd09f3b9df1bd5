"""Which task each row of a log belongs to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.cognitive.cells import token
from functions.cognitive.logs import Log, LogRow, columns
from functions.cognitive.profiles import (
    NAME_COLUMNS,
    Profile,
    UnknownTask,
    plain_task,
    profile_named,
    profile_with_columns,
)
from functions.cognitive.reading import MAPPED
from functions.cognitive.refusals import RepeatedTask
from functions.cognitive.trials import Family
from functions.cognitive.units import SLOW_FAMILIES

# Tasks whose names tell their conditions apart, such as letter_fluency and category_fluency.
NAMED_BY_CONDITION = SLOW_FAMILIES | {Family.TAPPING}

# What the name of a task's part says beside the task.
PART_NAMES = re.compile(
    r"^(prac\w*|train(ing)?|warm|up|test|main|exp|experiment(al)?|real|trials?|task|demo"
    r"|(block|part|phase|run)s?\d*)$"
)


@dataclass(frozen=True)
class TaskRows:
    """The rows of one task."""

    profile: Profile
    rows: list[LogRow]


def by_task(
    log: Log, names: Sequence[str | None]
) -> tuple[list[TaskRows], list[tuple[LogRow, str]]]:
    """Split rows by the task they name; else the whole log is one task.

    Returns the groups, and the rows of none with the reason.
    """
    for column in (f"{MAPPED}task", *NAME_COLUMNS):
        named = {name for row in log.cells if (name := token(row.get(column))) is not None}
        known = {name: profile for name in named if (profile := profile_named(name)) is not None}
        if known:
            return _split(log, column, known)
    return [TaskRows(_only_task(log, names), log.rows)], []


def _split(
    log: Log, column: str, known: Mapping[str, Profile]
) -> tuple[list[TaskRows], list[tuple[LogRow, str]]]:
    groups: dict[str, TaskRows] = {}
    others: list[tuple[LogRow, str]] = []
    for row in log.rows:
        name = token(row.cells.get(column))
        profile = None if name is None else known.get(name)
        if profile is not None:
            groups.setdefault(profile.task, TaskRows(profile, [])).rows.append(row)
        else:
            reason = "no-task-name" if name is None else "other-task"
            others.append((row, row.aside or reason))
    for group in groups.values():
        _check_once(group.profile, [name for name in known if known[name] is group.profile])
    return list(groups.values()), others


def _check_once(profile: Profile, names: Sequence[str]) -> None:
    """Two names of one task are two runs of it, unless they name its parts."""
    if profile.family in NAMED_BY_CONDITION:
        return
    whole = {_without_part(plain_task(name)) for name in names}
    if len(whole) > 1:
        raise RepeatedTask(profile.task, f"under {len(whole)} names in one file")


def _without_part(name: str) -> str:
    words = re.sub(r"(block|part|phase|run)s?_\d+", r"\1", name).split("_")
    return "_".join(word for word in words if not PART_NAMES.match(word))


def _only_task(log: Log, names: Sequence[str | None]) -> Profile:
    for name in names:
        if (profile := profile_named(name)) is not None:
            return profile
    if (profile := profile_with_columns(columns(log.cells))) is None:
        raise UnknownTask
    return profile
