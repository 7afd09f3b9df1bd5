"""How sure a figure is: people drawn anew, and probabilities held against what was true."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Floats
from shared.science.signals import Mask

DRAWS, SEED = 2000, 13
LIMITS = (2.5, 97.5)  # percentiles: an interval of 95 %
DECIMALS = 4
RELIABILITY_EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)

type Sums = npt.NDArray[np.float64] | npt.NDArray[np.int64]
type Row = dict[str, float]


def interval(by_person: Sequence[Sums], figure: Callable[[Floats], float]) -> tuple[float, float]:
    """Return the interval of 95 % of a figure of sums, people drawn with replacement (bootstrap).

    Parameters
    ----------
    by_person : sequence of (n_sums,) ndarray
        What one person adds: people are independent, the beats of one are not.
    figure : callable
        Of the sums over all people; draws that it cannot be taken of (0 / 0) are left out.

    Returns
    -------
    low, high : float
        The same for the same people: the draws begin at `SEED`.
    """
    sums = np.array(by_person, np.float64)
    rows = np.random.default_rng(SEED).integers(0, len(sums), (DRAWS, len(sums)))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.array([figure(sums[row].sum(axis=0)) for row in rows])
    low, high = np.percentile(values[np.isfinite(values)], LIMITS)
    return round(float(low), DECIMALS), round(float(high), DECIMALS)


def reliability_table(given: Floats, truth: Mask, weight: Floats, unit: str) -> list[Row]:
    """Hold probabilities against what was true, range by range of `RELIABILITY_EDGES`.

    Parameters
    ----------
    given : (n,) ndarray of float64
        Probabilities.
    truth : (n,) ndarray of bool
    weight : (n,) ndarray of float64
        How much each counts, such as its seconds.
    unit : str
        What the sum of the weights is called.

    Returns
    -------
    list of dict
        Ranges that nothing lies in are left out.
    """
    table = []
    for low, high in pairwise(RELIABILITY_EDGES):
        inside = (given >= low) & (given <= high if high == 1 else given < high)
        total = float(weight[inside].sum())
        if total:
            share = float(weight[inside & truth].sum()) / total
            table.append({"from": low, "to": high, unit: round(total, 2), "true": round(share, 3)})
    return table
