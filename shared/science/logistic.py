"""Logistic models: a few weights in a JSON file, with where they come from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from shared.science.signals import Floats


@dataclass(frozen=True)
class Feature:
    """One feature's part: `weight * (value - mean) / scale`.

    `low` and `high` are the range of the training data, where the file tells it.
    """

    name: str
    mean: float
    scale: float
    weight: float
    low: float = -np.inf
    high: float = np.inf


def probability(
    features: Sequence[Feature], intercept: float, values: Mapping[str, Floats | float]
) -> Floats:
    """Logistic regression on standardized features.

    Parameters
    ----------
    features : sequence of Feature
        Their ranges are not used: `LogisticModel.probability` clips to them.
    intercept : float
        Of the log-odds.
    values : mapping of str to (n,) ndarray or float
        By the names of the features, in the units of their means; others are not looked at.

    Returns
    -------
    (n,) ndarray of float64
        0-1; one value where `values` are scalars.

    Examples
    --------
    >>> age = Feature("age_years", mean=50.0, scale=10.0, weight=1.0)
    >>> probability([age], 0.0, {"age_years": np.array([50.0, 60.0])}).round(2).tolist()
    [0.5, 0.73]
    """
    columns = np.column_stack([np.atleast_1d(values[feature.name]) for feature in features])
    means = np.array([feature.mean for feature in features])
    scales = np.array([feature.scale for feature in features])
    weights = np.array([feature.weight for feature in features])
    log_odds = ((columns - means) / scales) @ weights + intercept
    given: Floats = 1 / (1 + np.exp(-log_odds))
    return given


@dataclass(frozen=True)
class LogisticModel:
    """Probability of a class from standardized features.

    Attributes
    ----------
    features : tuple of Feature
    intercept, threshold : float
    card : dict
        Training data, licence and figures measured on people left out of the training.
    name, sha256 : str
        Its file, and the hash of that.
    """

    features: tuple[Feature, ...]
    intercept: float
    threshold: float
    card: dict[str, Any]
    name: str
    sha256: str

    def probability(self, values: Mapping[str, Floats]) -> Floats:
        """Give one probability for each row of the named values, shape (n,).

        A value beyond the range of the training data counts as its end.
        """
        within = {
            feature.name: np.clip(values[feature.name], feature.low, feature.high)
            for feature in self.features
        }
        return probability(self.features, self.intercept, within)


@cache
def read_model(path: Path) -> LogisticModel:
    """Read a model that is part of this code, once per process.

    Parameters
    ----------
    path : Path
        A JSON file with `features`, `intercept`, `threshold` and `card`.

    Returns
    -------
    LogisticModel
        Its threshold is the card's; no function of this module applies it.
    """
    content = path.read_bytes()
    stored = json.loads(content)
    return LogisticModel(
        features=tuple(Feature(**row) for row in stored["features"]),
        intercept=stored["intercept"],
        threshold=stored["threshold"],
        card=stored["card"],
        name=path.stem,
        sha256=sha256(content).hexdigest(),
    )
