"""Every pipeline has its worker, whose fields survive the way through the database."""

import json
from dataclasses import asdict, fields
from importlib import import_module
from typing import Any

import pytest

from shared.pipelines import PipelineName


@pytest.mark.parametrize("pipeline", PipelineName)
class TestPipelines:
    def test_worker_is_there(self, pipeline: PipelineName) -> None:
        assert callable(import_module(f"functions.{pipeline}.worker").handler)

    def test_fields_of_its_form_are_json(self, pipeline: PipelineName) -> None:
        kind: Any = import_module(f"functions.{pipeline}.service").PIPELINE.fields
        outcome = kind(**{field.name: 1.5 for field in fields(kind)})
        again = kind(**json.loads(json.dumps(asdict(outcome))))

        assert again == outcome
