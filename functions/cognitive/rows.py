"""Which rows of a log count, as practice or as test, and why the others do not.

This is decided here and nowhere else. A row counts where the log judges it, or where it
is of the same kind as judged rows and was answered or should have been. Every other row is
left out for a reason that is counted; what is not understood is a concern of the run, and
makes its verdict questionable.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType

from functions.cognitive.cells import is_unread_time, number, token, truth
from functions.cognitive.logs import LogRow
from functions.cognitive.mapping import ColumnMapping
from functions.cognitive.nback import LURE
from functions.cognitive.reading import Reading
from functions.cognitive.trials import (
    Concern,
    Family,
    ImportReport,
    LeftOut,
    Phase,
    Trial,
    UnknownWord,
)

SCREEN, NO_ANSWER, NOT_JUDGED, EMPTY = "screen", "no-answer", "not-judged", "empty"
NO_CONDITION = "no-condition"
TEXTS: Mapping[str, str] = MappingProxyType(
    {
        SCREEN: "Screens of another kind than the trials: instructions, fixations, feedback.",
        "flow": "Loops and sequences, which hold trials and are none.",
        NO_ANSWER: "Rows with no answer, judgment, condition or expected answer.",
        NOT_JUDGED: "Answered rows without a judgment or condition, beside judged trials.",
        NO_CONDITION: "Rows without a condition and of another kind than those with one.",
        EMPTY: "Rows without a single filled cell.",
        "end-mark": "The mark at the end of the file.",
        "preamble": "Lines around the table that say what it is.",
        "later-attempt": "Further answers to a trial that was answered before.",
        "other-task": "Rows of a task that has no profile.",
        "no-task-name": "Rows that name no task, in a log whose trials name theirs.",
        "mapping": "Rows that the mapping says to ignore.",
    }
)
# Recall, trails, words and taps: not judged row by row as a rule, and not timed as reactions.
FREE = frozenset({Family.TRAILS, Family.WORD_LIST, Family.FLUENCY, Family.TAPPING})
FEW_SCREENS = 3  # a kind of screen that comes more rarely than this holds no task
FIXATION = re.compile(r"[+\u2022\u00d7*.\s-]*|fixation( cross)?", re.IGNORECASE)
MARKUP = re.compile(r"<[^>]*>")
ANSWERISH = re.compile(r"rt|resp|corr|acc|key|rating|feedback|time|score|point")
COUNTERS = ("trial", "trial_number", "trialnumber", "trial_num", "trial_nr", "trial_index")
# Columns that tell one block of a task from the next.
PLACE = re.compile(r"block|run|part|section|list|phase|stage|procedure|loop|thisn|session|order")
NAMEABLE = re.compile(r"[\w .+-]{1,32}")  # what is no condition word is not repeated


@dataclass(frozen=True)
class Draft:
    """One row as it would be if it were a trial."""

    row: LogRow
    trial: Trial
    word: str | None  # of the condition, as the log says it
    judged: bool  # by the log, or by the expected answer
    tapped: bool  # at a time of its own, which is no mere clock of the log

    @property
    def answered(self) -> bool:
        return self.trial.response is not None or self.trial.rt_ms is not None

    @property
    def stimulus(self) -> str | None:
        said = self.trial.stimulus
        return None if said is None else MARKUP.sub("", said).strip()


@dataclass(frozen=True)
class Sights:
    """What the rows of one task show together."""

    family: Family
    drafts: tuple[Draft, ...]

    @cached_property
    def judges(self) -> bool:
        return any(draft.judged for draft in self.drafts)

    @cached_property
    def core(self) -> tuple[Draft, ...]:
        """Rows that are trials without a doubt."""
        for sure in (
            [draft for draft in self.drafts if draft.judged],
            [draft for draft in self.drafts if draft.row.is_trial and draft.answered],
            [draft for draft in self.drafts if draft.word is not None and draft.answered],
        ):
            if sure:
                return tuple(sure)
        answered = [draft for draft in self.drafts if draft.answered]
        kinds = Counter(draft.row.kind for draft in answered)
        often = {kind for kind, count in kinds.items() if count >= FEW_SCREENS}
        return tuple(d for d in answered if d.row.kind in often) or tuple(answered)

    @cached_property
    def kinds(self) -> frozenset[str | None]:
        return frozenset(draft.row.kind for draft in self.core)

    @cached_property
    def kinds_with_condition(self) -> frozenset[str | None]:
        return frozenset(draft.row.kind for draft in self.core if draft.word is not None)

    @cached_property
    def stimuli(self) -> frozenset[str | None]:
        return frozenset(draft.stimulus for draft in self.core)

    @cached_property
    def idle_stimuli(self) -> Counter[str | None]:
        """How often each stimulus was shown without any answer."""
        return Counter(d.stimulus for d in self.drafts if not d.answered and not d.judged)

    @cached_property
    def shape(self) -> frozenset[str]:
        """Columns that every sure trial fills, those of the answer left out."""
        common = frozenset.intersection(*(frozenset(d.row.cells) for d in self.core))
        return frozenset(name for name in common if not ANSWERISH.search(name))


def select(reading: Reading, rows: Sequence[LogRow]) -> "Selection":
    """Decide about every row of one task."""
    family = reading.profile.family
    drafts = tuple(_draft(reading, row) for row in rows)
    sights = Sights(family, tuple(draft for draft in drafts if draft.row.aside is None))
    chosen = [(draft, _left_out(draft, sights)) for draft in drafts]
    kept = [_with_omission(d, sights, reading) for d, code in chosen if code is None]
    return Selection(
        reading,
        tuple(kept),
        tuple((draft, code) for draft, code in chosen if code is not None),
        sights.judges,
    )


def _draft(reading: Reading, row: LogRow) -> Draft:
    trial = reading.trial(row.cells)
    logged = truth(reading.cell(row.cells, "correct")) is not None
    expected = trial.target is not None and trial.response is not None
    spanned = reading.profile.family is Family.SPAN and trial.correct is not None
    clock = reading.columns.get("onset") == "time_elapsed"
    tapped = trial.onset_ms is not None and not clock
    return Draft(row, trial, reading.word(row.cells), logged or expected or spanned, tapped)


def _left_out(draft: Draft, log: Sights) -> str | None:
    """Why a row does not count; None where it does."""
    if draft.row.aside is not None:
        return draft.row.aside
    if not draft.row.cells:
        return EMPTY
    if log.family in FREE:
        return None if draft.word is not None or _holds_something(draft) else NO_ANSWER
    if draft.judged:
        other = log.kinds_with_condition and draft.row.kind not in log.kinds_with_condition
        return NO_CONDITION if other and draft.word is None else None
    if draft.row.kind not in log.kinds and log.core:
        return SCREEN
    return _answered_left_out(draft, log) if draft.answered else _idle_left_out(draft, log)


def _holds_something(draft: Draft) -> bool:
    recalled = bool(draft.trial.items or draft.trial.recalled)
    return draft.judged or draft.answered or draft.tapped or recalled


def _answered_left_out(draft: Draft, log: Sights) -> str | None:
    """An answer that nothing judges."""
    if log.family is Family.SIMPLE_REACTION:
        return None
    said = draft.word is not None or draft.trial.target is not None
    if log.judges:
        return None if said else NOT_JUDGED
    return NO_CONDITION if log.kinds_with_condition and not said else None


def _idle_left_out(draft: Draft, log: Sights) -> str | None:
    """No answer and no judgment: an omission, a stimulus to hold back at, or a mere screen."""
    if not log.core:
        return NO_ANSWER
    told = draft.word is not None or draft.trial.target is not None or draft.row.is_trial
    if (
        not told
        and log.family is not Family.SIMPLE_REACTION
        and not log.shape <= set(draft.row.cells)
    ):
        return NO_ANSWER
    if log.kinds_with_condition and draft.word is None:
        return NO_ANSWER
    return SCREEN if _is_fixation(draft, log) else None


def _is_fixation(draft: Draft, log: Sights) -> bool:
    """Whether a screen shows what no answered trial shows, again and again."""
    if draft.row.is_trial or draft.stimulus in log.stimuli:
        return False
    if draft.stimulus is None or FIXATION.fullmatch(draft.stimulus):
        return True
    return log.idle_stimuli[draft.stimulus] > 1


def _with_omission(draft: Draft, log: Sights, reading: Reading) -> Draft:
    """An unanswered trial is wrong where the log judges, unless nothing was asked for."""
    open_ = draft.trial.correct is None and not draft.answered
    if not open_ or not log.judges or log.family in FREE | {Family.SIMPLE_REACTION, Family.SPAN}:
        return draft
    # Where one key means "target", no key is the right answer to everything else.
    keys = {each.trial.response for each in log.core} - {None}
    withheld = log.family is Family.N_BACK and len(keys) == 1 and draft.trial.condition == LURE
    return replace(draft, trial=replace(draft.trial, correct=withheld))


@dataclass(frozen=True)
class Selection:
    """The rows of one task that count, and those that do not."""

    reading: Reading
    kept: tuple[Draft, ...]
    dropped: tuple[tuple[Draft, str], ...]
    judges: bool

    @property
    def trials(self) -> list[Trial]:
        return [draft.trial for draft in self.kept]

    @property
    def left_out(self) -> list[tuple[int, str]]:
        return [(draft.row.line, code) for draft, code in self.dropped]

    def unknown_words(self) -> tuple[UnknownWord, ...]:
        """Words that stand where a condition should, and mean none of the task's."""
        found: dict[str | None, list[Draft]] = {}
        if self.reading.needs_condition:
            for draft in self.kept:
                if draft.trial.condition is None:
                    found.setdefault(draft.word, []).append(draft)
        return tuple(
            UnknownWord(
                None if word is None or not NAMEABLE.fullmatch(word) else word,
                len(drafts),
                _tests(drafts),
                drafts[0].row.line,
            )
            for word, drafts in found.items()
        )

    def concerns(self) -> tuple[Concern, ...]:
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
        total = _tests(self.kept)
        text = (
            f"{self._task}: {tests} of {total} test trials have no known condition;"
            " they count in no score that compares conditions. The import report names the words."
        )
        return Concern("unknown-condition", text)

    def _unread_times(self) -> Concern | None:
        unread = [d for d in self.kept if is_unread_time(self.reading.cell(d.row.cells, "rt"))]
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
        cells = [(d, self.reading.cell(d.row.cells, "correct")) for d in self.kept]
        odd = [d for d, cell in cells if token(cell) is not None and truth(cell) is None]
        unjudged = [d for d in self.kept if d.trial.correct is None]
        if odd:
            first = odd[0].row.line
            text = f"{len(odd)} judgments are neither right nor wrong, the first in line {first}."
        elif unjudged:
            text = f"{len(unjudged)} of {len(self.kept)} trials are not judged as right or wrong."
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
        phases = [draft.trial.phase for draft in self.kept]
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
            rows = [draft for draft in self.kept if number(draft.row.cells.get(name)) is not None]
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
    """Count the rows of one file: practice, test, and each reason for leaving a row out."""
    kept = [draft for each in selections for draft in each.kept]
    reasons: dict[str, list[int]] = {}
    for line, code in sorted([*others, *(pair for each in selections for pair in each.left_out)]):
        reasons.setdefault(code, []).append(line)
    test = _tests(kept)
    return replace(
        source,
        rows=len(kept) + sum(map(len, reasons.values())),
        practice=len(kept) - test,
        test=test,
        left_out=tuple(
            LeftOut(code, len(lines), lines[0], TEXTS[code]) for code, lines in reasons.items()
        ),
        unknown_words=tuple(word for each in selections for word in each.unknown_words()),
        columns={
            each.reading.profile.task: {
                name: mapping.source_of(column) for name, column in each.reading.columns.items()
            }
            for each in selections
        },
    )
