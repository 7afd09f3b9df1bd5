"""Every attack that docs/security.md tells of, and every assertion below, is tried by a test."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.attacks import ASSERTIONS
from tests.conftest import ROOT
from tests.nonempty import nonempty

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
PRIVACY = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
RULE = re.compile(r"\| (?:164\.312|GDPR)")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(?:\w+::)?(\w+)`")
# The safeguards and articles that the table of privacy has a row for.
SAFEGUARDS = {
    *("164.312(a)(1)", "164.312(a)(2)(i)", "164.312(a)(2)(ii)", "164.312(a)(2)(iii)"),
    *("164.312(a)(2)(iv)", "164.312(b)", "164.312(c)(1)", "164.312(c)(2)", "164.312(d)"),
    *("164.312(e)(1)", "164.312(e)(2)(i)", "164.312(e)(2)(ii)"),
}
ARTICLES = {"5", "7", "15", "16", "17", "18", "25", "32", "89"}
TRIED = NAMED.findall(PAGE)

NUMBERS = {*range(1, 46)}


@cache
def names(path: Path) -> frozenset[str]:
    """The tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(_functions(tree))


def _functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name


def test_attacks_are_told() -> None:
    assert len(TRIED) > 30


@pytest.mark.parametrize(("path", "name"), TRIED)
def test_it_is_tried(path: str, name: str) -> None:
    assert name in names(ROOT / path)


def test_every_rule_of_privacy_names_tests_that_are_there() -> None:
    rules = [line for line in PRIVACY.splitlines() if RULE.match(line)]
    titles = [rule.split("|")[1] for rule in rules]
    assert {
        part for title in titles for part in re.findall(r"164\.312[\w()]+", title)
    } == SAFEGUARDS
    assert {part for title in titles for part in re.findall(r"GDPR (\d+)", title)} == ARTICLES
    for rule in nonempty(rules):
        told = NAMED.findall(rule.rsplit("|", 2)[1])
        for path, name in nonempty(told):
            assert name in names(ROOT / path), rule


def test_no_assertion_is_without_a_test() -> None:
    assert {number for number, (_, tests) in ASSERTIONS.items() if tests} >= NUMBERS


@pytest.mark.parametrize("number", sorted(ASSERTIONS))
def test_assertion(number: int) -> None:
    """Each is tried by tests that are there."""
    what, tests = ASSERTIONS[number]
    missing = [
        f"{path}::{name}" for path, name in tests if name not in names(ROOT / "tests" / path)
    ]
    assert missing == [], what
