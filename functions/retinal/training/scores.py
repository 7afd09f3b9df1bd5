"""How a probability map agrees with a mask drawn by hand."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.retinal.canvas import Floats
from functions.retinal.field import Mask
from functions.retinal.fractal import box_dimension
from local.evaluation import auc

DRAWS = 2000
INTERVAL = (2.5, 97.5)
DECIMALS = 3


@dataclass(frozen=True)
class Score:
    """How a probability map agrees with a mask inside the field, at the cut-off of one half."""

    auc: float
    dice: float
    sensitivity: float
    specificity: float
    density_error: float
    fractal_error: float


def score(probable: Floats, truth: Mask, field: Mask) -> Score:
    vessel = truth & field
    drawn = (probable > 1 / 2) & field
    hits = int((vessel & drawn).sum())
    dimensions = [box_dimension(mask) or 0.0 for mask in (drawn, vessel)]
    return Score(
        auc=auc(probable[field], vessel[field]),
        dice=2 * hits / int(vessel.sum() + drawn.sum()),
        sensitivity=hits / int(vessel.sum()),
        specificity=int((field & ~vessel & ~drawn).sum()) / int((field & ~vessel).sum()),
        density_error=float((drawn.sum() - vessel.sum()) / field.sum()),
        fractal_error=dimensions[0] - dimensions[1],
    )


def area_interval(
    values: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Area under the curve, and its bootstrap interval over photos (fixed seed)."""
    rng = np.random.default_rng(0)
    picks = [rng.integers(0, len(values), len(values)) for _ in range(DRAWS)]
    low, high = np.percentile([auc(values[pick], positive[pick]) for pick in picks], INTERVAL)
    area = auc(values, positive)
    return round(area, DECIMALS), round(float(low), DECIMALS), round(float(high), DECIMALS)
