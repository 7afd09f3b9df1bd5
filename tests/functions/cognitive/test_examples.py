"""The examples in the docstrings are true."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import functions.cognitive.trials as here
from local.samples import tasklog
from shared.examination import change

assert here.__file__ is not None
MODULES = sorted(
    path.stem for path in Path(here.__file__).parent.glob("*.py") if ">>>" in path.read_text()
)


class TestExamples:
    def test_there_are_some(self) -> None:
        assert len(MODULES) >= 5

    @pytest.mark.parametrize("name", MODULES)
    def test_examples_hold(self, name: str) -> None:
        assert doctest.testmod(import_module(f"functions.cognitive.{name}")).failed == 0

    def test_samples_and_change_hold(self) -> None:
        assert doctest.testmod(tasklog).failed == 0
        assert doctest.testmod(change).failed == 0
