"""Logistic models: a few weights in a JSON file beside the code, with where they come from."""

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from functions.cardiology.ecg import Floats

FOLDER = Path(__file__).parent / "models"


@dataclass(frozen=True)
class LogisticModel:
    """Probability of a class from standardized features.

    Attributes
    ----------
    features : tuple of str
        Names, in the order of the weights.
    means, scales, weights : ndarray of float64, shape (n_features,)
    lows, highs : ndarray of float64, shape (n_features,)
        Beyond these a feature says no more.
    intercept, threshold : float
    card : dict
        Training data, licence and figures measured on people left out of the training.
    name, sha256 : str
        Its file in `models/`, and the hash of that.
    """

    features: tuple[str, ...]
    means: Floats
    scales: Floats
    weights: Floats
    lows: Floats
    highs: Floats
    intercept: float
    threshold: float
    card: dict[str, Any]
    name: str
    sha256: str

    def probability(self, features: dict[str, Floats]) -> Floats:
        """One probability for each row of the named features, shape (n,)."""
        columns = np.column_stack([features[name] for name in self.features])
        columns = np.clip(columns, self.lows, self.highs)
        score = ((columns - self.means) / self.scales) @ self.weights + self.intercept
        probability: Floats = 1 / (1 + np.exp(-score))
        return probability


@cache
def load_model(name: str) -> LogisticModel:
    """Read a model that is part of this code."""
    content = (FOLDER / f"{name}.json").read_bytes()
    stored = json.loads(content)
    rows = stored["features"]
    return LogisticModel(
        features=tuple(row["name"] for row in rows),
        means=np.array([row["mean"] for row in rows]),
        scales=np.array([row["scale"] for row in rows]),
        weights=np.array([row["weight"] for row in rows]),
        lows=np.array([row.get("low", -np.inf) for row in rows]),
        highs=np.array([row.get("high", np.inf) for row in rows]),
        intercept=stored["intercept"],
        threshold=stored["threshold"],
        card=stored["card"],
        name=name,
        sha256=sha256(content).hexdigest(),
    )
