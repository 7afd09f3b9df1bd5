"""The examples in the docstrings of every module are true."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDERS = ("shared", "functions", "local", "migrations", "bench")
NOT_OURS = {"node_modules", "training"}


def is_ours(path: Path) -> bool:
    """Whether a module is of this project: tools are installed into hidden folders below it."""
    parts = path.relative_to(ROOT).parts
    return not NOT_OURS & set(parts) and not any(part.startswith(".") for part in parts)


MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if is_ours(path) and ">>> " in path.read_text(encoding="utf-8")
)


def test_examples_are_found_in_several_folders() -> None:
    assert {name.partition(".")[0] for name in MODULES} >= {"shared", "functions", "local"}


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    outcome = doctest.testmod(import_module(name))
    assert outcome.attempted > 0, f"{name}: no example was run; `>>>` stands outside a docstring"
    assert outcome.failed == 0, f"{name}: run `python -m doctest -v` on it"
