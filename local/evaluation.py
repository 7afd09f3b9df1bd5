"""How well probabilities tell people with a finding from those without, on labelled pictures."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.floating]
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
    """Measure how well the probabilities of one label tell pictures with the finding from those
    without.

    Parameters
    ----------
    probabilities : (n,) ndarray of float
        0-1.
    has_finding : (n,) ndarray of bool
    seed : int
        Of the bootstrap: the same seed gives the same interval.

    Returns
    -------
    Evaluation
        The interval draws pictures as if they were independent: of several of one person it is too
        narrow. `calibration_error` is the mean gap over the bins, weighed by their pictures.

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
    """Area under the curve: the chance that a picture with the finding has the higher value.

    Parameters
    ----------
    probabilities : (n,) ndarray of float
        Any values that order the pictures; of equals one half counts.
    has_finding : (n,) ndarray of bool
        Both kinds must occur.

    Returns
    -------
    float

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True]))
    0.875
    """
    ordered = np.sort(probabilities[~has_finding])
    positive = probabilities[has_finding]
    below = np.searchsorted(ordered, positive, "left")
    beside = np.searchsorted(ordered, positive, "right") - below
    return float(np.mean((below + beside / 2) / len(ordered)))


def tenths(probabilities: Floats, has_finding: Labels) -> tuple[Bin, ...]:
    """Bin pictures by tenths of the probability.

    Parameters
    ----------
    probabilities : (n,) ndarray of float
        0-1; 1 belongs to the last tenth.
    has_finding : (n,) ndarray of bool

    Returns
    -------
    tuple of Bin
        Those that hold a picture, so fewer than ten of a small or well separated set.
    """
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
