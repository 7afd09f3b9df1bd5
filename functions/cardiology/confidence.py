"""How far the rhythm that is said may be trusted.

The quality of the signal, times how decided the fibrillation model is, but never more than the
share of people of whom this kind of rhythm was said rightly: measured by `training/reliability.py`
on people whom no model had seen.
"""

import numpy as np

from functions.cardiology.evidence import Everything
from functions.cardiology.rhythm_names import BLOCK_NAMES, SINUS_NAMES, RhythmName

NOT_JUDGED = 0.5  # even odds: nothing is known of fibrillation

_KINDS = {
    RhythmName.FIBRILLATION: "fibrillation",
    RhythmName.FLUTTER: "flutter",
    RhythmName.FAST_STEADY: "flutter",
    RhythmName.PACED: "paced",
    RhythmName.VENTRICULAR: "ventricular",
}
# Printed by training/reliability.py, of 128 people in sinus rhythm, 9 with fibrillation, 7 with
# flutter, 8 with ventricular runs, 4 paced, 2 with block. A rhythm without visible P waves says
# what was not seen: all but one of 15 people were in sinus rhythm or fibrillation.
CERTAINTY = {
    "sinus": 0.98, "fibrillation": 0.81, "flutter": 0.33, "ventricular": 0.60, "paced": 0.67,
    "block": 0.50, "no P waves": 0.07,
}  # fmt: skip


def kind_of(name: RhythmName) -> str:
    """The kind of rhythm by which the shares are counted."""
    if name in SINUS_NAMES:
        return "sinus"
    return _KINDS.get(name, "block" if name in BLOCK_NAMES.values() else "no P waves")


def certainty_of(kind: str) -> float:
    return CERTAINTY[kind]


def decidedness(exam: Everything) -> float:
    """How far from even odds the fibrillation model is, on average over the beats, 0.5-1."""
    probability = exam.fibrillation.probability
    judged = probability[~np.isnan(probability)]
    return float(np.maximum(judged, 1 - judged).mean()) if len(judged) else NOT_JUDGED


def confidence(exam: Everything) -> float:
    """Return the confidence in the rhythm, 0-1.

    A product: a poor signal makes any rhythm doubtful, and a good one no kind surer than it was for
    people whom no model had seen.
    """
    certainty = certainty_of(kind_of(exam.rhythm.classification))
    return exam.quality.score * min(decidedness(exam), certainty)
