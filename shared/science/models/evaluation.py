"""How well probabilities tell people with a finding from those without, on labelled pictures."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]
type Labels = npt.NDArray[np.bool_]

DRAWS = 1000
INTERVAL_PERCENT = (2.5, 97.5)
BINS = 10


@dataclass(frozen=True)
class Bin:
    """Pictures whose probability lies in one tenth: what was said, and how many had it."""

    n: int
    mean_probability: float
    share_with: float


@dataclass(frozen=True)
class Evaluation:
    """Figures of one label; `auc` with its interval by bootstrap over pictures."""

    n: int
    n_with: int
    auc: float
    auc_low: float
    auc_high: float
    brier: float
    calibration_error: float
    bins: tuple[Bin, ...]


def evaluate(probabilities: Floats, has_finding: Labels, seed: int = 0) -> Evaluation:
    """Measure one label.

    Raises
    ------
    ValueError
        If all pictures have the finding, or none has.
    """
    if has_finding.all() or not has_finding.any():
        raise ValueError("A label needs pictures with the finding and pictures without.")
    rng = np.random.default_rng(seed)
    drawn: list[float] = []
    while len(drawn) < DRAWS:
        sample = rng.integers(0, len(probabilities), len(probabilities))
        if 0 < has_finding[sample].sum() < len(sample):
            drawn.append(auc(probabilities[sample], has_finding[sample]))
    low, high = np.percentile(drawn, INTERVAL_PERCENT)
    bins = tenths(probabilities, has_finding)
    gaps = [row.n * abs(row.mean_probability - row.share_with) for row in bins]
    return Evaluation(
        n=len(probabilities),
        n_with=int(has_finding.sum()),
        auc=auc(probabilities, has_finding),
        auc_low=float(low),
        auc_high=float(high),
        brier=float(np.mean((probabilities - has_finding) ** 2)),
        calibration_error=float(sum(gaps) / len(probabilities)),
        bins=bins,
    )


def auc(probabilities: Floats, has_finding: Labels) -> float:
    """Area under the curve: the chance that a picture with the finding has the higher value."""
    ordered = np.sort(probabilities[~has_finding])
    positive = probabilities[has_finding]
    below = np.searchsorted(ordered, positive, "left")
    beside = np.searchsorted(ordered, positive, "right") - below
    return float(np.mean((below + beside / 2) / len(ordered)))


def tenths(probabilities: Floats, has_finding: Labels) -> tuple[Bin, ...]:
    """Return the bins that hold a picture."""
    places = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    listed = [places == place for place in range(BINS)]
    return tuple(
        Bin(
            int(inside.sum()),
            float(probabilities[inside].mean()),
            float(has_finding[inside].mean()),
        )
        for inside in listed
        if inside.any()
    )
