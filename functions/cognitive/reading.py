"""A profile fitted to one log: which of its columns holds what, and one row as a trial.

A column is chosen once for a log and not row by row, so that a blank cell stays blank.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from functions.cognitive.cells import number, token, truth, words
from functions.cognitive.plaintext import Row
from functions.cognitive.profiles import Profile, Words, plain_word
from functions.cognitive.trials import Family, Phase, Trial

# Where a field stands unless the profile names other columns; the first filled one counts.
STANDARD_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "rt": (
        *("rt_ms", "rt_s", "rt", "reaction_time", "reactiontime", "response_time"),
        *("responsetime", "reaction_time_ms", "response_time_ms", "resp_rt", "latency"),
    ),
    "response": ("response", "key_press", "resp", "keys", "answer"),
    "correct": ("correct", "acc", "corr", "accuracy", "is_correct", "iscorrect", "correctness"),
    "target": (
        *("target_response", "correct_response", "correctresponse", "correct_key", "correctkey"),
        *("correct_answer", "correctans", "corrans", "cresp"),
    ),
    "block": ("block", "block_num", "block_index"),
    "stimulus": ("stimulus", "stim"),
    "onset": ("onset_ms", "onset_s", "onset"),
}
FIELDS = (
    *("rt", "response", "correct", "target", "block", "stimulus", "onset", "load", "stop_delay"),
    *("items", "recalled", "rule"),
)
MEANT = ("condition", "cue")  # fields whose words have a meaning
# Columns that may say that a row is practice, whatever else they say.
PHASE_COLUMNS = (
    *("phase", "exp_stage", "stage", "block_type", "block", "block_name", "blockname"),
    *("task", "task_name", "part", "role", "test_part", "trial_id", "section", "title", "display"),
    *("screen_name", "procedure", "procedure[block]", "procedure[trial]", "running"),
    *(
        "running[block]",
        "running[trial]",
        "experiment_part",
        "task_part",
        "trial_phase",
        "run_type",
    ),
    *("condition_type", "trial_kind", "session_part", "loop", "list_name", "block_kind"),
)
FLAG_COLUMNS = (
    *("practice", "is_practice", "ispractice", "practice_trial", "practice_block", "training"),
)
PRACTICE = re.compile(
    r"prac|(?<![a-z])train(ing)?(?![a-z])|(?-i:(?<=[a-z])Train)|warm.?up|tutorial"
    r"|familiari[sz]|(?<![a-z])demo(?![a-z])|(?<![a-z])example|übung|uebung"
    r"|entra[iî]nement|pr[aá]ctica|entrenamiento|allenamento|oefen",
    re.IGNORECASE,
)
MAPPED = "@"  # before the name of a field that the sender's mapping filled
MOST_ITEMS = 100  # nobody holds more in mind
# Of these tasks a trial without a known condition cannot be scored in full.
NEED_CONDITION = frozenset(
    {
        *(Family.INTERFERENCE, Family.N_BACK, Family.GO_NO_GO, Family.STOP_SIGNAL, Family.SPAN),
        *(Family.TRAILS, Family.WORD_LIST, Family.FLUENCY, Family.SWITCHING, Family.CUEING),
    }
)


@dataclass(frozen=True)
class Pair:
    """A word and the ink it is printed in: the same, or another of the inks."""

    word: str
    ink: str
    inks: frozenset[str]

    def said(self, row: Row) -> str | None:
        word, ink = plain_word(row.get(self.word)), plain_word(row.get(self.ink))
        if word is None or ink is None:
            return None
        return "same" if word == ink else "different" if word in self.inks else word


@dataclass(frozen=True)
class Reading:
    """Which columns of one log hold a task's fields.

    Attributes
    ----------
    columns : Mapping[str, str]
        By field; a field that no column holds is missing.
    meanings : Mapping[str, Words]
        For condition and cue, the words that were recognized in their column.
    phase_columns : tuple of str
        Columns whose words may say that a row is practice.
    pair : Pair or None
        Where no column holds the condition, two that make it together.
    """

    profile: Profile
    columns: Mapping[str, str]
    meanings: Mapping[str, Words] = field(default_factory=dict)
    phase_columns: tuple[str, ...] = PHASE_COLUMNS
    pair: Pair | None = None

    @property
    def needs_condition(self) -> bool:
        """Whether a trial without one is not scored in full; rules tell switches as well."""
        by_rule = "rule" in self.columns and "condition" not in self.columns
        return self.profile.family in NEED_CONDITION and not by_rule

    def trial(self, row: Row) -> Trial:
        """Map one row; times stay in the log's own unit until that is known."""
        rt = number(self.cell(row, "rt"))
        load = number(self.cell(row, "load"))
        trial = Trial(
            phase=self._phase(row),
            condition=self._condition(row),
            block=token(self.cell(row, "block")),
            stimulus=token(self.cell(row, "stimulus")),
            target=token(self.cell(row, "target")),
            response=token(self.cell(row, "response")),
            rt_ms=None if rt is None or rt in (-1.0, 0.0) else rt,
            onset_ms=number(self.cell(row, "onset")),
            cue=self.meaning(row, "cue"),
            load=round(load) if load is not None and 0 <= load <= MOST_ITEMS else None,
            stop_delay_ms=number(self.cell(row, "stop_delay")),
            rule=token(self.cell(row, "rule")),
            items=words(self.cell(row, "items")),
            recalled=words(self.cell(row, "recalled")),
            correct=truth(self.cell(row, "correct")),
        )
        return self._judged(trial)

    def cell(self, row: Row, name: str) -> Any:
        column = self.columns.get(name)
        return None if column is None else row.get(column)

    def word(self, row: Row, name: str = "condition") -> str | None:
        """What the log says in its own word."""
        if name == "condition" and self.pair is not None:
            return self.pair.said(row)
        return plain_word(self.cell(row, name))

    def meaning(self, row: Row, name: str) -> str | None:
        """What the word means; the word itself where the profile has no words for it."""
        if name not in self.profile.words:
            return token(self.cell(row, name))
        word, known = self.word(row, name), self.meanings.get(name)
        return None if word is None or known is None else known.meaning.get(word)

    def _condition(self, row: Row) -> str | None:
        if "condition" not in self.columns:
            return self.profile.default.get("condition")
        return self.meaning(row, "condition")

    def _judged(self, trial: Trial) -> Trial:
        """Judge what the log leaves open; holding back is judged by whether it happened."""
        answered = trial.response is not None or trial.rt_ms is not None
        if trial.condition in self.profile.withhold:
            return replace(trial, correct=not answered)
        if trial.correct is not None:
            return trial
        return replace(trial, correct=self._judgment(trial, answered=answered))

    def _judgment(self, trial: Trial, *, answered: bool) -> bool | None:
        family = self.profile.family
        if trial.target is not None and answered:
            return trial.response == trial.target
        if family is Family.GO_NO_GO and trial.condition is not None:
            return answered
        if family is Family.SPAN and trial.items and trial.recalled:
            backward = trial.condition == "backward"
            return trial.recalled == (trial.items[::-1] if backward else trial.items)
        return None

    def _phase(self, row: Row) -> Phase:
        mapped = row.get(f"{MAPPED}phase")
        if mapped is None and any(truth(row.get(name)) is True for name in FLAG_COLUMNS):
            return Phase.PRACTICE
        columns = self.phase_columns + FLAG_COLUMNS
        said = [row[name] for name in columns if name in row] if mapped is None else [mapped]
        return Phase.PRACTICE if any(PRACTICE.search(str(word)) for word in said) else Phase.TEST


def is_judged(row: Row) -> bool:
    """Whether a row of no task in particular is judged as right or wrong."""
    return any(truth(row.get(name)) is not None for name in STANDARD_COLUMNS["correct"])
