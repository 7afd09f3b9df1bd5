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
# Printed by training/reliability.py.
CERTAINTY = {"sinus": 0.95, "fibrillation": 0.90, "paced": 0.80, "ventricular": 0.80}
OTHER_CERTAINTY = 0.5  # too few people to measure: "possible", and not more


def kind_of(name: RhythmName) -> str:
    """The kind of rhythm by which the shares are counted."""
    if name in SINUS_NAMES:
        return "sinus"
    return _KINDS.get(name, "block" if name in BLOCK_NAMES.values() else "no P waves")


def certainty_of(kind: str) -> float:
    return CERTAINTY.get(kind, OTHER_CERTAINTY)


def decidedness(seen: Everything) -> float:
    """How far from even odds the fibrillation model is, on average over the beats, 0.5-1."""
    probability = seen.fibrillation.probability
    judged = probability[~np.isnan(probability)]
    return float(np.maximum(judged, 1 - judged).mean()) if len(judged) else NOT_JUDGED


def confidence(seen: Everything) -> float:
    """Confidence in the rhythm, 0-1."""
    certainty = certainty_of(kind_of(seen.rhythm.classification))
    return seen.quality.score * min(decidedness(seen), certainty)
