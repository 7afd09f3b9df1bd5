"""Which rows of a log count, as practice or as test, and why the others do not.

This is decided here and nowhere else. A row counts where the log judges it, or where it
is of the same kind as judged rows and was answered or should have been. Every other row is
left out for a reason that is counted; what is not understood is a concern of the run, and
makes its verdict questionable (`selection.py`).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from functions.cognitive.cells import truth
from functions.cognitive.logs import LogRow
from functions.cognitive.nback import LURE
from functions.cognitive.reading import Reading
from functions.cognitive.trials import (
    Family,
    Trial,
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
        answered = [draft for draft in self.drafts if draft.answered]
        sure = (
            [draft for draft in self.drafts if draft.judged]
            or [draft for draft in answered if draft.row.is_trial]
            or [draft for draft in answered if draft.word is not None]
        )
        return tuple(sure) or self._often_answered(answered)

    def _often_answered(self, answered: Sequence[Draft]) -> tuple[Draft, ...]:
        """Answered rows of the kinds that come often; all where none does."""
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


def draft_of(reading: Reading, row: LogRow) -> Draft:
    """Read a row as if it were a trial."""
    trial = reading.trial(row.cells)
    logged = truth(reading.cell(row.cells, "correct")) is not None
    expected = trial.target is not None and trial.response is not None
    spanned = reading.profile.family is Family.SPAN and trial.correct is not None
    clock = reading.columns.get("onset") == "time_elapsed"
    tapped = trial.onset_ms is not None and not clock
    return Draft(row, trial, reading.word(row.cells), logged or expected or spanned, tapped)


def reason_left_out(draft: Draft, log: Sights) -> str | None:
    """Why a row does not count; None where it does.

    Parameters
    ----------
    draft : Draft
    log : Sights
        Of all rows of the task: whether a row is a trial can be told by its neighbors alone.

    Returns
    -------
    str or None
        A key of `TEXTS`.
    """
    if draft.row.aside is not None:
        return draft.row.aside
    if not draft.row.cells:
        return EMPTY
    if log.family in FREE:
        return None if draft.word is not None or _holds_something(draft) else NO_ANSWER
    if draft.judged:
        return _judged_left_out(draft, log)
    if draft.row.kind not in log.kinds and log.core:
        return SCREEN
    return _answered_left_out(draft, log) if draft.answered else _idle_left_out(draft, log)


def _judged_left_out(draft: Draft, log: Sights) -> str | None:
    other = log.kinds_with_condition and draft.row.kind not in log.kinds_with_condition
    return NO_CONDITION if other and draft.word is None else None


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


def with_omission(draft: Draft, log: Sights, reading: Reading) -> Draft:
    """Call an unanswered trial wrong where the log judges, unless nothing was asked for.

    Parameters
    ----------
    draft : Draft
    log : Sights
    reading : Reading

    Returns
    -------
    Draft
        The same where it is answered or judged, where the log judges nothing, and in tasks where
        silence is no wrong answer: those of `FREE`, spans and simple reactions.
    """
    open_ = draft.trial.correct is None and not draft.answered
    if not open_ or not log.judges or log.family in FREE | {Family.SIMPLE_REACTION, Family.SPAN}:
        return draft
    # Where one key means "target", no key is the right answer to everything else.
    keys = {other.trial.response for other in log.core} - {None}
    withheld = log.family is Family.N_BACK and len(keys) == 1 and draft.trial.condition == LURE
    return replace(draft, trial=replace(draft.trial, correct=withheld))
