"""A profile fitted to one log: which of its columns holds what, and one row as a trial.

A column is chosen once for a log and not row by row, so that a blank cell stays blank.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
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
MOST_PHASES, LONGEST_PHASE = 20, 40  # a column of more or longer words names no parts
MOST_BLOCKS, SHORTEST_BLOCK = 20, 3
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


SAME = Words((), {"same": "congruent", "different": "incongruent"})


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
        family = self.profile.family
        answered = trial.response is not None or trial.rt_ms is not None
        correct = trial.correct
        if trial.condition in self.profile.withhold:
            correct = not answered
        elif correct is None and trial.target is not None and answered:
            correct = trial.response == trial.target
        elif correct is None and family is Family.GO_NO_GO and trial.condition is not None:
            correct = answered
        elif correct is None and family is Family.SPAN and trial.items and trial.recalled:
            backward = trial.condition == "backward"
            correct = trial.recalled == (trial.items[::-1] if backward else trial.items)
        return replace(trial, correct=correct)

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


def fitted(profile: Profile, rows: Sequence[Row]) -> Reading:
    """Choose the columns of a log; a field that the sender mapped stands first."""
    filled = frozenset(name for row in rows for name in row)
    columns: dict[str, str] = {}
    meanings: dict[str, Words] = {}
    for name in (*FIELDS, *MEANT):
        if name not in profile.words:
            column = _first_column(profile, name, filled)
            columns |= {name: column} if column is not None else {}
        elif (choice := _best_words(profile, name, rows, filled)) is not None:
            columns[name], meanings[name] = choice
    pair = None if "condition" in columns else _pair(profile, rows, filled)
    if pair is not None:
        columns["condition"], meanings["condition"] = f"{pair.word} = {pair.ink}", SAME
    answers = {column for name, column in columns.items() if name not in MEANT}
    told = _columns_that_tell_practice(rows, {*answers, *PHASE_COLUMNS, *FLAG_COLUMNS})
    return Reading(profile, columns, meanings, PHASE_COLUMNS + told, pair)


def _pair(profile: Profile, rows: Sequence[Row], filled: frozenset[str]) -> Pair | None:
    """Two columns that make the condition; None where they never hold the same word."""
    columns = [next((name for name in names if name in filled), None) for names in profile.pair]
    if len(columns) != 2 or columns[0] is None or columns[1] is None:
        return None
    inks = frozenset(ink for row in rows if (ink := plain_word(row.get(columns[1]))) is not None)
    pair = Pair(columns[0], columns[1], inks)
    return pair if any(pair.said(row) == "same" for row in rows) else None


def _columns_that_tell_practice(rows: Sequence[Row], known: set[str]) -> tuple[str, ...]:
    """Other columns of a few short words, of which some blocks' say practice and some do not."""
    said: dict[str, list[str]] = {}
    for row in rows:
        for name, cell in row.items():
            if name not in known and isinstance(cell, str):
                said.setdefault(name, []).append(cell)
    return tuple(name for name, cells in said.items() if _names_blocks(cells))


def _names_blocks(cells: Sequence[str]) -> bool:
    """Whether words of practice come in a few blocks; a stimulus such as "train" comes alone."""
    if len(set(cells)) > MOST_PHASES or max(map(len, cells)) > LONGEST_PHASE:
        return False
    blocks = [
        (is_practice, len(list(block)))
        for is_practice, block in groupby(PRACTICE.search(cell) is not None for cell in cells)
    ]
    practice = [length for is_practice, length in blocks if is_practice]
    return 0 < len(practice) < len(blocks) <= MOST_BLOCKS and min(practice) >= SHORTEST_BLOCK


def _first_column(profile: Profile, name: str, filled: frozenset[str]) -> str | None:
    own, usual = profile.columns.get(name, ()), STANDARD_COLUMNS.get(name, ())
    return next((column for column in (f"{MAPPED}{name}", *own, *usual) if column in filled), None)


def _best_words(
    profile: Profile, name: str, rows: Sequence[Row], filled: frozenset[str]
) -> tuple[str, Words] | None:
    """The column that holds most words of one of the sets; the first of equals.

    Where no column holds any, the first that is there: its words are then unknown, which
    is told, and not overlooked.
    """
    if f"{MAPPED}{name}" in filled:
        mapped = f"{MAPPED}{name}"
        conditions = {condition: condition for condition in profile.conditions(name)}
        return mapped, Words((mapped,), conditions)
    sets = profile.words[name]
    choices = [(column, words) for words in sets for column in words.columns if column in filled]
    counted = [(words.known(rows, column), column, words) for column, words in choices]
    most = max((count for count, _, _ in counted), default=0)
    if most > 0:
        return next((column, words) for count, column, words in counted if count == most)
    named = [(column, words) for column, words in choices if column in PLAIN_CONDITION]
    return named[0] if named else None


# Columns that hold conditions and nothing else, so that a word not known in them is one.
PLAIN_CONDITION = frozenset(
    {
        *("condition", "cond", "congruency", "congruence", "congruent", "compatibility"),
        *("trial_condition", "trialcondition", "flanker_type", "flanker_condition"),
        *("congruent_status", "go_nogo_condition", "ss_trial_type", "validity", "switching"),
        *("cue_validity", "switch_type", "is_target", "target_type", "direction", "hand"),
    }
)
