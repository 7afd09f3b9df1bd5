import hashlib
import json
import math
from typing import Any

import pytest

from functions.speech.model_slot import SCHEMA, VoiceModel, read_model
from functions.speech.task import Task
from shared.science.models.unusable import UnusableModel

FEATURE = {"name": "cpps", "mean": 15, "scale": 2.0, "weight": -1.0, "low": 8.0, "high": 22.0}
MANIFEST = {
    "schema": SCHEMA,
    "name": "clinic",
    "version": "1",
    "intended_use": "research",
    "evidence": "two sites",
    "target": "parkinsons_probability",
    "task": "sustained_vowel",
    "intercept": -1.0,
    "features": [FEATURE],
}


def installed(content: dict[str, Any]) -> VoiceModel:
    manifest = json.dumps(content).encode()
    return read_model(manifest, hashlib.sha256(manifest).hexdigest())


class TestReadModel:
    def test_manifest_becomes_a_model(self) -> None:
        model = installed(MANIFEST)

        assert model.task is Task.SUSTAINED_VOWEL
        assert model.features[0].name == "cpps"
        assert len(model.sha256) == 64

    def test_other_bytes_are_refused(self) -> None:
        with pytest.raises(UnusableModel, match="sha256"):
            read_model(json.dumps(MANIFEST).encode(), "0" * 64)

    @pytest.mark.parametrize(
        "change",
        [
            {"schema": "other"},
            {"target": "risk_score"},
            {"task": "singing"},
            {"intercept": math.nan},
            {"intercept": True},
            {"features": []},
            {"features": [{**FEATURE, "name": "luck"}]},
            {"features": [{**FEATURE, "name": "ddk_rate"}]},
            {"features": [{**FEATURE, "scale": 0}]},
            {"features": [{**FEATURE, "low": 30}]},
            {"features": [{**FEATURE, "weight": "heavy"}]},
            {"features": [{**FEATURE, "extra": 1}]},
            {"features": "cpps"},
        ],
    )
    def test_manifest_that_breaks_the_schema_is_refused(self, change: dict[str, Any]) -> None:
        with pytest.raises(UnusableModel, match="schema"):
            installed({**MANIFEST, **change})

    @pytest.mark.parametrize("missing", sorted(MANIFEST))
    def test_manifest_without_a_field_is_refused(self, missing: str) -> None:
        with pytest.raises(UnusableModel):
            installed({key: value for key, value in MANIFEST.items() if key != missing})

    @pytest.mark.parametrize("manifest", [b"", b"[]", b"null", b"\xff", b"{"])
    def test_what_is_no_manifest_is_refused(self, manifest: bytes) -> None:
        with pytest.raises(UnusableModel):
            read_model(manifest, hashlib.sha256(manifest).hexdigest())


class TestVoiceModel:
    def test_probability_is_logistic(self) -> None:
        model = installed(MANIFEST)

        assert model.probability({"cpps": 13.0}) == pytest.approx(0.5)
        assert model.probability({"cpps": 11.0}) == pytest.approx(1 / (1 + math.exp(-1)))

    def test_known_recording_is_answered(self) -> None:
        assert installed(MANIFEST).abstention({"cpps": 15.0}, Task.SUSTAINED_VOWEL) is None

    @pytest.mark.parametrize(
        ("values", "task", "reason"),
        [
            ({"cpps": 15.0}, Task.SPEECH, "for the task"),
            ({}, Task.SUSTAINED_VOWEL, "needs cpps"),
            ({"cpps": 23.0}, Task.SUSTAINED_VOWEL, "outside the training range"),
        ],
    )
    def test_model_abstains(self, values: dict[str, float], task: Task, reason: str) -> None:
        abstention = installed(MANIFEST).abstention(values, task)

        assert abstention is not None
        assert reason in abstention
