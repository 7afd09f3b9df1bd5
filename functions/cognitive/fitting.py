"""Which columns of a log hold what its task's profile asks for."""

from collections.abc import Sequence
from itertools import groupby

from functions.cognitive.plaintext import Row
from functions.cognitive.profiles import Profile, Words, plain_word
from functions.cognitive.reading import (
    FIELDS,
    FLAG_COLUMNS,
    MAPPED,
    MEANT,
    PHASE_COLUMNS,
    PRACTICE,
    STANDARD_COLUMNS,
    Pair,
    Reading,
)

MOST_PHASES, LONGEST_PHASE = 20, 40  # a column of more or longer words names no parts
MOST_BLOCKS, SHORTEST_BLOCK = 20, 3  # own choice: practice comes in blocks, words alone
# Columns that hold conditions and nothing else, so that a word not known in them is one.
PLAIN_CONDITION = frozenset(
    {
        *("condition", "cond", "congruency", "congruence", "congruent", "compatibility"),
        *("trial_condition", "trialcondition", "flanker_type", "flanker_condition"),
        *("congruent_status", "go_nogo_condition", "ss_trial_type", "validity", "switching"),
        *("cue_validity", "switch_type", "is_target", "target_type", "direction", "hand"),
    }
)
SAME = Words((), {"same": "congruent", "different": "incongruent"})


def fitted(profile: Profile, rows: Sequence[Row]) -> Reading:
    """Choose the columns of a log; a field that the sender mapped stands first.

    Parameters
    ----------
    profile : Profile
        Names the columns that programs use for each field, and the words of its conditions.
    rows : sequence of Row
        Of one task; a column counts as there once any of them fills it.

    Returns
    -------
    Reading
        Fields for which no column was found are missing in it: what cannot do without them says so
        later, by name.
    """
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
