"""What the sender says of a table: which column has which role, which value which meaning.

{"columns": {"Reaktionszeit": "rt", "Bedingung": "condition", "ok": "correct", "Teil": "phase"},
 "values": {"Bedingung": {"k": "congruent", "i": "incongruent"}, "ok": {"r": "right", "f": "wrong"},
            "Teil": {"Übung": "practice", "Pause": "ignore"}},
 "unit": "s"}

A role that is mapped stands before everything that the format would find by itself; values
that are not mapped keep the meaning they have.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from functions.cognitive.cells import label
from functions.cognitive.logs import LogRow, columns
from functions.cognitive.plaintext import Row, plain_name
from functions.cognitive.profiles import Profile, profile_named
from functions.cognitive.reading import FIELDS, MAPPED, MEANT
from shared.errors import UnreadableUpload

ROLES = (*FIELDS, *MEANT, "phase", "task", "person")
IGNORE = "ignore"
# What values of a role may mean; the conditions of `condition` and `cue` are the task's.
MEANINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "correct": {"right": "true", "wrong": "false", "none": None},
        "response": {"none": None},
        "rt": {"none": None},
        "phase": {"practice": "practice", "test": "test"},
    }
)
PARTS = frozenset({"columns", "values", "unit"})
MOST_ENTRIES = 200  # own choice: more words than any task has
ANSWERS = frozenset({"rt", "response", "correct"})


class MappingUnfit(UnreadableUpload):
    """The mapping is not a mapping, or does not fit this log."""

    code = "mapping-unfit"


@dataclass(frozen=True)
class ColumnMapping:
    """Roles of columns and meanings of their values, names as they are looked up."""

    roles: Mapping[str, str] = field(default_factory=dict)  # column by role
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by role
    unit: Literal["s", "ms"] | None = None

    @property
    def tells_answers(self) -> bool:
        """Whether it says which columns hold times and judgments."""
        return {"rt", "correct"} <= self.roles.keys()

    def applied(self, rows: Sequence[LogRow]) -> list[LogRow]:
        """Give each row its mapped cells, under the role's name with a mark before it.

        Raises
        ------
        MappingUnfit
            If the log has no such column.
        """
        present = columns(row.cells for row in rows)
        missing = [column for column in self.roles.values() if column not in present]
        if missing:
            raise MappingUnfit(
                f"The mapping names the column {missing[0]!r}, which this log does not fill."
            )
        return [self._row(row) for row in rows]

    def _row(self, row: LogRow) -> LogRow:
        cells: Row = dict(row.cells)
        aside = row.aside
        for role, column in self.roles.items():
            if column not in row.cells:
                continue
            meaning = self._meaning(role, row.cells[column])
            if meaning == IGNORE:
                aside = "mapping"
            elif meaning is not None:
                cells[f"{MAPPED}{role}"] = meaning
        told = any(f"{MAPPED}{role}" in cells for role in ANSWERS)
        if told and aside is not None and aside != "mapping":
            aside = None
        return LogRow(row.line, cells, None if told else row.kind, aside, is_trial=row.is_trial)

    def _meaning(self, role: str, cell: Any) -> Any:
        said = label(cell)
        given = self.values.get(role, {}).get(said.lower()) if said is not None else None
        if given is None:
            return cell
        return given if given == IGNORE else MEANINGS.get(role, {}).get(given, given)

    def source_of(self, column: str) -> str:
        """The log's own name of a column that stands under a role's."""
        return self.roles.get(column.removeprefix(MAPPED), column)

    def check(self, profile: Profile) -> None:
        """Refuse meanings that are no condition of the task.

        Raises
        ------
        MappingUnfit
        """
        for role in MEANT:
            known = profile.conditions(role)
            wrong = [
                said for said in self.values.get(role, {}).values() if said not in known | {IGNORE}
            ]
            if wrong:
                expected = ", ".join(sorted(known)) or "none"
                raise MappingUnfit(
                    f"The mapping gives a {role} the meaning {wrong[0]!r};"
                    f" {profile.task} knows: {expected}."
                )


NO_MAPPING = ColumnMapping()


def read_mapping(text: str | None) -> ColumnMapping:
    """Read the form field.

    Raises
    ------
    MappingUnfit
        With what is wrong and what was expected.
    """
    if text is None or not text.strip():
        return NO_MAPPING
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MappingUnfit("The mapping is no JSON.") from error
    if not isinstance(given, dict) or not given.keys() <= PARTS:
        raise MappingUnfit(
            f"The mapping is an object with {', '.join(sorted(PARTS))}, and nothing else."
        )
    roles = _roles(_texts(given.get("columns", {}), "columns"))
    unit = given.get("unit")
    if unit not in (None, "s", "ms"):
        raise MappingUnfit("The mapping's unit of time is s or ms.")
    return ColumnMapping(roles, _values(given.get("values", {}), roles), unit)


def _texts(given: Any, part: str) -> dict[str, str]:
    plain = isinstance(given, dict) and len(given) <= MOST_ENTRIES
    if not plain or not all(isinstance(value, str) for value in given.values()):
        raise MappingUnfit(f"The mapping's {part} are an object of at most {MOST_ENTRIES} texts.")
    return dict(given)


def _roles(given: Mapping[str, str]) -> dict[str, str]:
    roles: dict[str, str] = {}
    for column, role in given.items():
        if role not in ROLES:
            raise MappingUnfit(
                f"The mapping knows no role {role!r}; expected one of: {', '.join(ROLES)}."
            )
        if role in roles:
            raise MappingUnfit(f"The mapping gives two columns the role {role}; a role has one.")
        roles[role] = plain_name(column)
    return roles


def _values(given: Any, roles: Mapping[str, str]) -> dict[str, dict[str, str]]:
    if not isinstance(given, dict):
        raise MappingUnfit("The mapping's values are an object: column, value, meaning.")
    by_column = {column: role for role, column in roles.items()}
    values: dict[str, dict[str, str]] = {}
    for column, meanings in given.items():
        role = by_column.get(plain_name(column))
        if role is None:
            raise MappingUnfit(f"The mapping gives values of {column!r}, which has no role in it.")
        values[role] = {
            value.strip().lower(): meaning for value, meaning in _texts(meanings, "values").items()
        }
        _check_meanings(role, values[role])
    return values


def _check_meanings(role: str, values: Mapping[str, str]) -> None:
    if role == "task" and any(profile_named(task) is None for task in values.values()):
        raise MappingUnfit("The mapping names a task that has no profile.")
    if role not in MEANINGS:
        return
    expected = (*MEANINGS[role], IGNORE)
    wrong = [said for said in values.values() if said not in expected]
    if wrong:
        raise MappingUnfit(
            f"The mapping gives {role} the meaning {wrong[0]!r}; expected: {', '.join(expected)}."
        )
