"""Flanker, Stroop and the attention network test: the cost of conflicting information.

The effect is the difference of mean reaction times, correct trials only, after the
trimming of `scores.usable_times` in each condition: so Hedge, Powell and Sumner scored
it, and so its retest figures were taken [1]_.

Deviations: alerting and orienting are differences of the same trimmed means, over both kinds of
flankers, with a standard error from this one session [2]_. The Gratton effect is that of all pairs
of trials; repeated stimuli are not left out [3]_.

References
----------
.. [1] Hedge, Powell & Sumner (2018). The reliability paradox: why robust cognitive tasks
   do not produce reliable individual differences. Behav Res Methods 50, 1166-1186.
   doi:10.3758/s13428-017-0935-1
.. [2] Fan et al. (2002). Testing the efficiency and independence of attentional networks.
   J Cogn Neurosci 14(3), 340-347. doi:10.1162/089892902317361886
.. [3] Gratton, Coles & Donchin (1992). Optimizing the use of information: strategic
   control of activation of responses. J Exp Psychol Gen 121(4), 480-506.
   doi:10.1037/0096-3445.121.4.480
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from functions.cognitive.exgaussian import exgaussian_scores
from functions.cognitive.reaction import inverse_efficiency
from functions.cognitive.reliability import combined_error, mean_error, proportion_error
from functions.cognitive.scores import (
    MIN_TRIALS,
    Score,
    Scored,
    accuracy_score,
    halves,
    judged,
    median_score,
    too_few,
    usable_times,
    variability_score,
)
from functions.cognitive.trials import TaskRun, Trial

CONGRUENT, INCONGRUENT = "congruent", "incongruent"


def interference_scores(run: TaskRun) -> Scored:
    """Score conflict: effect on RT and on errors, with speed, accuracy and variability.

    The ex-Gaussian parts are those of the congruent trials. A run whose trials carry attention cues
    also yields alerting (no cue minus double cue) and orienting (center minus spatial cue) [2]_.
    """
    easy = _of(run.test, CONGRUENT)
    hard = _of(run.test, INCONGRUENT)
    times = usable_times(run.test, run.floor_ms)
    effect = difference(f"{run.task}_effect", hard, easy, run.floor_ms)
    absent = () if effect else (too_few(f"{run.task}_effect", min(len(easy), len(hard))),)
    return Scored(
        (
            *effect,
            *error_difference(f"{run.task}_error_effect", hard, easy),
            *median_score(f"{run.task}_median", times),
            *accuracy_score(run),
            *variability_score(f"{run.task}_variability", usable_times(easy, run.floor_ms)),
            *inverse_efficiency(run, times),
            *exgaussian_scores(run.task, easy, run.floor_ms),
            *gratton_effect(f"{run.task}_gratton_effect", run),
            *_networks(run),
        ),
        absent,
    )


def difference(
    name: str, slow: Sequence[Trial], fast: Sequence[Trial], floor_ms: float
) -> list[Score]:
    """Mean usable RT of one kind of trial minus that of another; empty for too few.

    Parameters
    ----------
    name : str
    slow, fast : sequence of Trial
        Outliers are sought in each kind by itself: those of the harder kind are not cut by the
        spread of the easier.
    floor_ms : float

    Returns
    -------
    list of Score
        One, in ms, positive where `slow` is slower. The two means are taken as independent.
    """
    slow_ms, fast_ms = usable_times(slow, floor_ms), usable_times(fast, floor_ms)
    if min(len(slow_ms), len(fast_ms)) < MIN_TRIALS:
        return []
    pairs = zip(halves(slow_ms), halves(fast_ms), strict=True)
    odd, even = (fmean(slow_half) - fmean(fast_half) for slow_half, fast_half in pairs)
    return [
        Score(
            name,
            fmean(slow_ms) - fmean(fast_ms),
            len(slow_ms) + len(fast_ms),
            combined_error(mean_error(slow_ms), mean_error(fast_ms)),
            (odd, even),
        )
    ]


def error_difference(name: str, hard: Sequence[Trial], easy: Sequence[Trial]) -> list[Score]:
    """Errors in one kind of trial minus those in another, in percentage points."""
    wrong = [[not trial.correct for trial in judged(kind)] for kind in (hard, easy)]
    if min(map(len, wrong)) < MIN_TRIALS:
        return []
    errors = [100 * proportion_error(sum(kind), len(kind)) for kind in wrong]
    odd, even = (100 * (fmean(wrong[0][i::2]) - fmean(wrong[1][i::2])) for i in (0, 1))
    return [
        Score(
            name,
            100 * (fmean(wrong[0]) - fmean(wrong[1])),
            len(wrong[0]) + len(wrong[1]),
            combined_error(*errors),
            (odd, even),
        )
    ]


def gratton_effect(name: str, run: TaskRun) -> list[Score]:
    """How much smaller the effect is right after an incongruent trial [3]_.

    (cI - cC) - (iI - iC) of mean usable times, the small letter the trial before; both
    trials answered rightly and of the same block. Repeated stimuli are not left out, so
    that priming of features is part of it.
    """
    kinds: dict[tuple[str | None, str | None], list[Trial]] = {}
    for before, trial in pairwise(run.test):
        if before.correct and before.block == trial.block:
            kinds.setdefault((before.condition, trial.condition), []).append(trial)
    after = {
        first: difference(
            name,
            kinds.get((first, INCONGRUENT), []),
            kinds.get((first, CONGRUENT), []),
            run.floor_ms,
        )
        for first in (CONGRUENT, INCONGRUENT)
    }
    if not all(after.values()):
        return []
    easy, hard = after[CONGRUENT][0], after[INCONGRUENT][0]
    error = combined_error(easy.standard_error, hard.standard_error)
    return [Score(name, easy.value - hard.value, easy.n + hard.n, error)]


def _networks(run: TaskRun) -> list[Score]:
    def cued(cue: str) -> list[Trial]:
        return [trial for trial in run.test if trial.cue == cue]

    return [
        *difference(f"{run.task}_alerting", cued("none"), cued("double"), run.floor_ms),
        *difference(f"{run.task}_orienting", cued("center"), cued("spatial"), run.floor_ms),
    ]


def _of(trials: Sequence[Trial], condition: str) -> list[Trial]:
    return [trial for trial in trials if trial.condition == condition]
