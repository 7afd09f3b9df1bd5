"""The rows of one task that count, what is unclear about them, and the report of a file."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from functions.cognitive.cells import is_unread_time, number, token, truth
from functions.cognitive.logs import LogRow
from functions.cognitive.mapping import ColumnMapping
from functions.cognitive.reading import Reading
from functions.cognitive.rows import (
    FREE,
    NO_CONDITION,
    NOT_JUDGED,
    TEXTS,
    Draft,
    Sights,
    draft_of,
    reason_left_out,
    with_omission,
)
from functions.cognitive.trials import (
    Concern,
    Family,
    ImportReport,
    LeftOut,
    Phase,
    Trial,
    UnknownWord,
)

COUNTERS = ("trial", "trial_number", "trialnumber", "trial_num", "trial_nr", "trial_index")

# Columns that tell one block of a task from the next.
PLACE = re.compile(r"block|run|part|section|list|phase|stage|procedure|loop|thisn|session|order")
NAMEABLE = re.compile(r"[\w .+-]{1,32}")  # what is no condition word is not repeated


@dataclass(frozen=True)
class Selection:
    """The rows of one task that count, and those that do not."""

    reading: Reading
    counted: tuple[Draft, ...]
    dropped: tuple[tuple[Draft, str], ...]
    judges: bool

    @property
    def trials(self) -> list[Trial]:
        return [draft.trial for draft in self.counted]

    @property
    def left_out(self) -> list[tuple[int, str]]:
        return [(draft.row.line, code) for draft, code in self.dropped]

    def unknown_words(self) -> tuple[UnknownWord, ...]:
        """Words that stand where a condition should, and mean none of the task's."""
        by_word: dict[str | None, list[Draft]] = {}
        if self.reading.needs_condition:
            for draft in self.counted:
                if draft.trial.condition is None:
                    by_word.setdefault(draft.word, []).append(draft)
        return tuple(
            UnknownWord(
                None if word is None or not NAMEABLE.fullmatch(word) else word,
                len(drafts),
                _tests(drafts),
                drafts[0].row.line,
            )
            for word, drafts in by_word.items()
        )

    def concerns(self) -> tuple[Concern, ...]:
        """What is unclear about the rows that count, and makes the run questionable."""
        checks = (
            self._conditions(),
            self._unread_times(),
            self._judgments(),
            self._dropped_answers(),
            self._practice_after_test(),
            self._counter_begins_again(),
        )
        return tuple(concern for concern in checks if concern is not None)

    def _conditions(self) -> Concern | None:
        tests = sum(word.test for word in self.unknown_words())
        if not tests:
            return None
        total = _tests(self.counted)
        text = (
            f"{self._task}: {tests} of {total} test trials have no known condition;"
            " they count in no score that compares conditions. The import report names the words."
        )
        return Concern("unknown-condition", text)

    def _unread_times(self) -> Concern | None:
        unread = [d for d in self.counted if is_unread_time(self.reading.cell(d.row.cells, "rt"))]
        if not unread:
            return None
        return Concern(
            "unreadable-time",
            f"{self._task}: {len(unread)} trials, the first in line {unread[0].row.line}, hold a"
            " response time that is no number; they are taken as unanswered.",
        )

    def _judgments(self) -> Concern | None:
        """Answers that nothing calls right or wrong, where the task asks for it."""
        if self.reading.profile.family in FREE | {Family.SIMPLE_REACTION}:
            return None
        if self.reading.profile.family is Family.CUEING and not self.judges:
            return None  # detecting a target has no wrong answer
        cells = [(d, self.reading.cell(d.row.cells, "correct")) for d in self.counted]
        odd = [d for d, cell in cells if token(cell) is not None and truth(cell) is None]
        unjudged = [d for d in self.counted if d.trial.correct is None]
        if odd:
            first = odd[0].row.line
            text = f"{len(odd)} judgments are neither right nor wrong, the first in line {first}."
        elif unjudged:
            text = (
                f"{len(unjudged)} of {len(self.counted)} trials are not judged as right or wrong."
            )
        else:
            return None
        return Concern("not-judged", f"{self._task}: {text}")

    def _dropped_answers(self) -> Concern | None:
        lost = [d for d, code in self.dropped if d.judged and code == NO_CONDITION]
        lost += [d for d, code in self.dropped if code == NOT_JUDGED and d.row.kind is None]
        if not lost:
            return None
        return Concern(
            "answers-left-out",
            f"{self._task}: {len(lost)} answered rows, the first in line {lost[0].row.line}, do"
            " not look like the trials and were left out.",
        )

    def _practice_after_test(self) -> Concern | None:
        """A task given twice in one file shows as practice that begins again."""
        phases = [draft.trial.phase for draft in self.counted]
        again = sum(
            before is Phase.TEST and after is Phase.PRACTICE for before, after in pairwise(phases)
        )
        if not again or phases[0] is Phase.TEST:
            return None
        return Concern(
            "practice-again",
            f"{self._task}: practice begins again after test trials; the log may hold the task"
            f" {again + 1} times.",
        )

    def _counter_begins_again(self) -> Concern | None:
        """A counter of trials that starts anew without a new block or loop: a second run."""
        for name in COUNTERS:
            rows = [
                draft for draft in self.counted if number(draft.row.cells.get(name)) is not None
            ]
            for before, after in pairwise(rows):
                fell = (number(after.row.cells[name]) or 0) < (number(before.row.cells[name]) or 0)
                if fell and _place(before) == _place(after):
                    text = f"the counter {name} begins again in line {after.row.line}"
                    hint = "the log may hold the task twice"
                    return Concern("counter-begins-again", f"{self._task}: {text}; {hint}.")
        return None

    @property
    def _task(self) -> str:
        return self.reading.profile.task


def select(reading: Reading, rows: Sequence[LogRow]) -> Selection:
    """Decide about every row of one task.

    Parameters
    ----------
    reading : Reading
    rows : sequence of LogRow

    Returns
    -------
    Selection
        Every row once: counted, or dropped with its reason.
    """
    family = reading.profile.family
    drafts = tuple(draft_of(reading, row) for row in rows)
    sights = Sights(family, tuple(draft for draft in drafts if draft.row.aside is None))
    chosen = [(draft, reason_left_out(draft, sights)) for draft in drafts]
    counted = [with_omission(d, sights, reading) for d, code in chosen if code is None]
    return Selection(
        reading,
        tuple(counted),
        tuple((draft, code) for draft, code in chosen if code is not None),
        sights.judges,
    )


def _place(draft: Draft) -> tuple[object, ...]:
    """Where in the session a trial stands, as far as its row tells."""
    cells = draft.row.cells
    loops = ((name, str(cells[name])) for name in sorted(cells) if PLACE.search(name))
    return draft.trial.phase, draft.trial.load, *loops


def _tests(drafts: Iterable[Draft]) -> int:
    return sum(draft.trial.phase is Phase.TEST for draft in drafts)


def report(
    selections: Sequence[Selection],
    others: Sequence[tuple[int, str]],
    source: ImportReport,
    mapping: ColumnMapping,
) -> ImportReport:
    """Count the rows of one file: practice, test, and each reason for leaving a row out.

    Parameters
    ----------
    selections : sequence of Selection
    others : sequence of (int, str)
        Line and reason of rows that are of no task.
    source : ImportReport
        Of the file; its counts are replaced.
    mapping : ColumnMapping

    Returns
    -------
    ImportReport
        Its `rows` is the sum of all that counted and all that did not.
    """
    counted = [draft for selection in selections for draft in selection.counted]
    reasons: dict[str, list[int]] = {}
    left_out = [pair for selection in selections for pair in selection.left_out]
    for line, code in sorted([*others, *left_out]):
        reasons.setdefault(code, []).append(line)
    test = _tests(counted)
    return replace(
        source,
        rows=len(counted) + sum(map(len, reasons.values())),
        practice=len(counted) - test,
        test=test,
        left_out=tuple(
            LeftOut(code, len(lines), lines[0], TEXTS[code]) for code, lines in reasons.items()
        ),
        unknown_words=tuple(word for selection in selections for word in selection.unknown_words()),
        columns={
            reading.profile.task: {
                name: mapping.source_of(column) for name, column in reading.columns.items()
            }
            for reading in (selection.reading for selection in selections)
        },
    )
