"""An organization says which of the operator's models have a say; others are absent, and why."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from functions.dermatology import service as dermatology
from functions.radiology import service as radiology
from functions.retinal import service as retinal
from local.samples.catalog import SAMPLES
from shared.pipelines import PipelineName
from shared.record import ModelUsed, unmarked
from shared.recording import RecordingFile

NAME = "the-operators"


class Asked(Exception):
    """The model was asked."""


class Model(SimpleNamespace):
    """A model that must not be asked."""

    def __getattr__(self, _: str) -> Any:
        raise Asked


def sample(pipeline: PipelineName) -> tuple[RecordingFile, ...]:
    return tuple(next(sample for sample in SAMPLES if sample.pipeline is pipeline).make())


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, service: ModuleType) -> Model:
    """The model of a pipeline, which is installed."""
    installed = Model(name=NAME, used=ModelUsed(NAME, "0" * 64))
    monkeypatch.setattr(service, "installed_model", lambda: installed)
    return installed


OF_MODELS = pytest.mark.parametrize(
    ("service", "fields", "place"),
    [
        (retinal, retinal.RetinalFields(), "findings"),
        (radiology, radiology.RadiologyFields(), "findings"),
        (dermatology, dermatology.LesionFields(), "classes"),
    ],
    ids=["retinal", "radiology", "dermatology"],
)


@OF_MODELS
def test_a_model_that_is_not_allowed_is_not_asked_and_named_absent(
    model: Model, service: ModuleType, fields: Any, place: str
) -> None:
    files = sample(service.PIPELINE.name)
    findings = service.analyze(files, fields, unmarked, models_allowed=frozenset({"another"}))
    reasons = {absence.name: (absence.code, absence.detail) for absence in findings.absent}
    code, detail = reasons[place]
    assert code == "model-not-allowed"
    assert NAME in detail
    assert model.used not in findings.models
    for allowed in (None, frozenset({NAME, "another"})):
        with pytest.raises(Asked):
            service.analyze(files, fields, unmarked, models_allowed=allowed)
