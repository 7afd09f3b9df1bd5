"""The slot for an operator's own model: a logistic regression over the biomarkers measured here.

MediLens ships none. Published data do not carry an individual probability to speakers, let alone
sites, that a model has not seen (`tests/accuracy/test_speech_parkinsons.py`). An operator who has
evidence for a population installs a manifest, whose sha256 the deployment names:

    {"schema": "medilens-voice-model-2", "name": "…", "version": "…", "intended_use": "…",
     "evidence": "…", "target": "parkinsons_probability", "task": "sustained_vowel",
     "intercept": -1.2, "features": [{"name": "cpps", "mean": 15.1, "scale": 2.3,
     "weight": -0.8, "low": 9.0, "high": 22.0}]}

`low` and `high` are the range of the training data; outside of it the model abstains.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.speech.norms import TASKS
from functions.speech.task import Task
from shared.record import ModelUsed
from shared.science.logistic import Feature, probability
from shared.science.models.unusable import UnusableModel

SCHEMA = "medilens-voice-model-2"
TARGETS = ("parkinsons_probability", "cognitive_decline_probability")
TEXTS = ("name", "version", "intended_use", "evidence")


@dataclass(frozen=True)
class VoiceModel:
    """An operator's logistic regression.

    Attributes
    ----------
    name, version, intended_use, evidence : str
        As the operator's manifest states them.
    target : str
        The probability that it gives, one of `TARGETS`.
    task : Task
        Of no other task's recordings it says anything.
    intercept : float
        Log odds of a voice whose features are all at their means.
    features : tuple of Feature
        Biomarkers with mean, scale, weight and the range of the training.
    sha256 : str
        Of the manifest, as the deployment names it.
    """

    name: str
    version: str
    intended_use: str
    evidence: str
    target: str
    task: Task
    intercept: float
    features: tuple[Feature, ...]
    sha256: str

    @property
    def provenance(self) -> ModelUsed:
        return ModelUsed(self.name, self.sha256, self.version)

    def abstention(self, values: Mapping[str, float], task: Task) -> str | None:
        """Why the model says nothing of a recording; None if it does."""
        if task is not self.task:
            return f"the model {self.name} is for the task {self.task}"
        for feature in self.features:
            value = values.get(feature.name)
            if value is None:
                return f"the model {self.name} needs {feature.name}"
            if not feature.low <= value <= feature.high:
                return f"{feature.name} is outside the training range of the model {self.name}"
        return None

    def probability(self, values: Mapping[str, float]) -> float:
        """Return what the model says; ask for its `abstention` first."""
        return probability(self.features, self.intercept, values).item()


def read_model(manifest: bytes, expected_sha256: str) -> VoiceModel:
    """Check an operator's manifest and read it.

    Raises
    ------
    UnusableModel
        If the hash differs or the content does not follow the schema.
    """
    sha256 = hashlib.sha256(manifest).hexdigest()
    if sha256 != expected_sha256:
        raise UnusableModel("expected the sha256 that the deployment names")
    try:
        return model_of(json.loads(manifest), sha256)
    except (ValueError, TypeError, KeyError, AttributeError) as invalid:
        raise UnusableModel(f"expected the schema {SCHEMA}") from invalid


def model_of(content: Mapping[str, Any], sha256: str) -> VoiceModel:
    """A model from parsed JSON; ValueError, TypeError or KeyError where the schema is not met."""
    if content["schema"] != SCHEMA or content["target"] not in TARGETS:
        raise ValueError
    task = Task(content["task"])
    features = tuple(Feature(**row) for row in content["features"])
    if not features or not all(is_valid(feature, task) for feature in features):
        raise ValueError
    return VoiceModel(
        **{text: str(content[text]) for text in TEXTS},
        target=content["target"],
        task=task,
        intercept=finite(content["intercept"]),
        features=features,
        sha256=sha256,
    )


def is_valid(feature: Feature, task: Task) -> bool:
    """Whether a feature names a biomarker of the task and has a range and a scale."""
    finite(feature.mean), finite(feature.weight)
    scaled = finite(feature.scale) > 0 and finite(feature.low) < finite(feature.high)
    return scaled and task in TASKS[feature.name]


def finite(value: object) -> float:
    """Return a number of a manifest, or raise ValueError: JSON's true would pass for 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)
