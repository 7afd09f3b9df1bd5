"""Posner's cueing: what a cue that points to the target gains, and a wrong one costs.

Deviations: benefit, cost and their sum are differences of mean usable times
(`scores.usable_times`) of one session, each with a standard error; errors are compared too.

References
----------
.. [1] Posner (1980). Orienting of attention. Q J Exp Psychol 32(1), 3-25.
   doi:10.1080/00335558008248231
"""

from functions.cognitive.interference import difference, error_difference
from functions.cognitive.scores import (
    Scored,
    accuracy_score,
    median_score,
    too_few,
    usable_times,
    variability_score,
)
from functions.cognitive.trials import TaskRun

VALID, INVALID, NEUTRAL = "valid", "invalid", "neutral"


def cueing_scores(run: TaskRun) -> Scored:
    """Score the validity effect and its two parts, benefit and cost, with speed and accuracy."""
    valid, invalid, neutral = (
        [trial for trial in run.test if trial.condition == kind]
        for kind in (VALID, INVALID, NEUTRAL)
    )
    effect = difference(f"{run.task}_validity_effect", invalid, valid, run.floor_ms)
    absence = too_few(f"{run.task}_validity_effect", min(len(valid), len(invalid)))
    return Scored(
        (
            *effect,
            *error_difference(f"{run.task}_validity_error_effect", invalid, valid),
            *difference(f"{run.task}_benefit", neutral, valid, run.floor_ms),
            *difference(f"{run.task}_cost", invalid, neutral, run.floor_ms),
            *median_score(f"{run.task}_median", usable_times(run.test, run.floor_ms)),
            *accuracy_score(run),
            *variability_score(f"{run.task}_variability", usable_times(valid, run.floor_ms)),
        ),
        () if effect else (absence,),
    )
