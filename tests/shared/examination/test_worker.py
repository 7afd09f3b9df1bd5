"""Every pipeline has its worker, whose fields survive the way through the database."""

import json
from dataclasses import asdict, fields
from importlib import import_module
from typing import Any, get_type_hints

import pytest

from shared.pipelines import Pipeline


@pytest.mark.parametrize("pipeline", Pipeline)
class TestPipelines:
    def test_worker_is_there(self, pipeline: Pipeline) -> None:
        assert callable(import_module(f"functions.{pipeline}.worker").handler)

    def test_fields_of_its_form_are_json(self, pipeline: Pipeline) -> None:
        service = import_module(f"functions.{pipeline}.service")
        kind: Any = get_type_hints(service.analyze)["fields"]
        one = kind(**{field.name: 1.5 for field in fields(kind)})
        again = kind(**json.loads(json.dumps(asdict(one))))

        assert again == one
