"""Verbal fluency: as many words as come to mind for a letter or a category.

Deviations from [1]_: of the rules for a cluster that of the first two letters alone is applied,
clusters are sought among right words only, and switches between them are not counted.

References
----------
.. [1] Troyer, Moscovitch & Winocur (1997). Clustering and switching as two components of
   verbal fluency. Neuropsychology 11(1), 138-146. doi:10.1037/0894-4105.11.1.138
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import sqrt
from statistics import fmean

from functions.cognitive.reliability import mean_error
from functions.cognitive.scores import MIN_TRIALS, Score, Scored, share_score
from functions.cognitive.trials import TaskRun, Trial
from functions.cognitive.wordlist import plain
from shared.record import Absence

LETTER, CATEGORY = "letter", "category"
EARLY_MS = 15_000.0  # the first of the usual four quarters of a minute


@dataclass(frozen=True)
class Production:
    """The words given to one prompt, sorted into right, repeated and foreign ones."""

    right: tuple[Trial, ...]
    repetitions: int
    intrusions: int


def fluency_scores(run: TaskRun) -> Scored:
    """Score letter and category fluency: right words, repetitions, intrusions, timing, clusters.

    A word counts where the log does not call it wrong, it was not said before to the
    same prompt, and, for a letter, it begins with that letter.
    """
    scores = [*_scores_of(run, LETTER), *_scores_of(run, CATEGORY)]
    if scores:
        return Scored(tuple(scores))
    detail = "The log holds no words with a known prompt."
    return Scored(
        (),
        tuple(
            Absence(f"{run.task}_{kind}_correct", "no-words", detail) for kind in (LETTER, CATEGORY)
        ),
    )


def _scores_of(run: TaskRun, kind: str) -> list[Score]:
    trials = [trial for trial in run.test if trial.condition == kind and trial.response]
    prompts = [_production(prompt) for prompt in _by_prompt(trials)]
    if not prompts:
        return []
    clusters = _cluster_score(f"{run.task}_{kind}", prompts) if kind == LETTER else []
    return [*_kind_scores(f"{run.task}_{kind}", prompts), *clusters]


def _by_prompt(trials: Sequence[Trial]) -> list[list[Trial]]:
    def prompt(trial: Trial) -> str:
        return plain(trial.cue or "")

    return [list(group) for _, group in groupby(sorted(trials, key=prompt), key=prompt)]


def _production(trials: Sequence[Trial]) -> Production:
    said: set[str] = set()
    right: list[Trial] = []
    repetitions = intrusions = 0
    for trial in trials:
        word = plain(trial.response or "")
        if not _belongs(trial, word):
            intrusions += 1
        elif word in said:
            repetitions += 1
        else:
            right.append(trial)
        said.add(word)
    return Production(tuple(right), repetitions, intrusions)


def _belongs(trial: Trial, word: str) -> bool:
    if trial.correct is False:
        return False
    return trial.condition != LETTER or not trial.cue or word.startswith(plain(trial.cue))


def _kind_scores(name: str, prompts: Sequence[Production]) -> list[Score]:
    """Sum over prompts; the count's error is that of a Poisson process of words."""
    right = sum(len(prompt.right) for prompt in prompts)
    said = right + sum(prompt.repetitions + prompt.intrusions for prompt in prompts)
    onsets = [t.onset_ms for prompt in prompts for t in prompt.right if t.onset_ms is not None]
    return [
        Score(f"{name}_correct", float(right), said, sqrt(right) if right else None),
        Score(f"{name}_repetitions", float(sum(p.repetitions for p in prompts)), said),
        Score(f"{name}_intrusions", float(sum(p.intrusions for p in prompts)), said),
        *share_score(f"{name}_early_share", [onset < EARLY_MS for onset in onsets]),
    ]


def _cluster_score(name: str, prompts: Sequence[Production]) -> list[Score]:
    """Mean size of a phonemic cluster, counted as Troyer does from its second word.

    Only the rule of the first two letters is applied; rhymes and homonyms need ears.
    """
    sizes = [float(size) for prompt in prompts for size in _cluster_sizes(prompt.right)]
    if len(sizes) < MIN_TRIALS:
        return []
    return [Score(f"{name}_cluster_size", fmean(sizes), len(sizes), mean_error(sizes))]


def _cluster_sizes(words: Sequence[Trial]) -> list[int]:
    """Words beyond the first in every run that shares two initial letters."""
    starts = [plain(word.response or "")[:2] for word in words]
    if not starts:
        return []
    sizes = [0]
    for before, after in pairwise(starts):
        if before == after:
            sizes[-1] += 1
        else:
            sizes.append(0)
    return sizes
