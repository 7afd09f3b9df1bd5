"""Task switching: what it costs to change the rule, and to keep two rules in mind.

Deviations: a trial after a wrong answer is not left out, and the time between cue and
target is not looked at; both move the cost [1]_. Costs are differences of mean usable times.

References
----------
.. [1] Monsell (2003). Task switching. Trends Cogn Sci 7(3), 134-140.
   doi:10.1016/S1364-6613(03)00028-7
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from functions.cognitive.interference import difference, error_difference
from functions.cognitive.reaction import inverse_efficiency
from functions.cognitive.scores import (
    Scored,
    accuracy_score,
    median_score,
    too_few,
    usable_times,
    variability_score,
)
from functions.cognitive.trials import TaskRun, Trial

SWITCH, REPEAT, SINGLE = "switch", "repeat", "single"


def switching_scores(run: TaskRun) -> Scored:
    """Score the cost of a switch on RT and errors, the cost of mixing, speed and accuracy.

    Switch cost: switch minus repeat trials of the blocks that mix tasks. Mixing cost:
    their repeat trials minus those of blocks with one task.
    """
    trials = with_transitions(run.test)
    switch, repeat, single = (_of(trials, kind) for kind in (SWITCH, REPEAT, SINGLE))
    cost = difference(f"{run.task}_switch_cost", switch, repeat, run.floor_ms)
    absence = too_few(f"{run.task}_switch_cost", min(len(switch), len(repeat)))
    times = usable_times(trials, run.floor_ms)
    return Scored(
        (
            *cost,
            *error_difference(f"{run.task}_switch_error_cost", switch, repeat),
            *difference(f"{run.task}_mixing_cost", repeat, single, run.floor_ms),
            *median_score(f"{run.task}_median", times),
            *accuracy_score(run),
            *variability_score(f"{run.task}_variability", usable_times(repeat, run.floor_ms)),
            *inverse_efficiency(run, times),
        ),
        () if cost else (absence,),
    )


def with_transitions(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Where the log names rules and no transitions, compare each rule with the one before.

    A block's first trial follows none and is neither.

    Parameters
    ----------
    trials : sequence of Trial
        Test trials in their order.

    Returns
    -------
    tuple of Trial
        As they were where any of them has a condition.
    """
    if not trials or any(trial.condition is not None for trial in trials):
        return tuple(trials)
    told = [trials[0]]
    for before, trial in pairwise(trials):
        known = before.rule is not None and trial.rule is not None and before.block == trial.block
        kind = SWITCH if before.rule != trial.rule else REPEAT
        told.append(replace(trial, condition=kind) if known else trial)
    return tuple(told)


def _of(trials: Sequence[Trial], condition: str) -> list[Trial]:
    return [trial for trial in trials if trial.condition == condition]
