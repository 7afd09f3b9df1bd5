"""Every attack that docs/security.md tells of is tried by a test that is there."""

import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TRIED = re.findall(r"`(tests/[\w/]+\.py)::(?:\w+::)?(\w+)`", PAGE)


def test_attacks_are_told() -> None:
    assert len(TRIED) > 20


@pytest.mark.parametrize(("path", "name"), TRIED)
def test_it_is_tried(path: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
