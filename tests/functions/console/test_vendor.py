"""What is vendored is what was published: unchanged, with its license beside it."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from functions.console.files import SITE
from tests.conftest import ROOT
from tests.nonempty import nonempty

FOLDERS = (SITE / "vendor", ROOT / "tests" / "browser" / "vendor")


def listed(folder: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((folder / "VENDOR.json").read_text())
    return entries


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
class TestVendored:
    def test_files_are_those_of_the_lock(self, folder: Path) -> None:
        for entry in nonempty(listed(folder)):
            digest = sha256((folder / entry["file"]).read_bytes()).hexdigest()
            assert digest == entry["sha256"], entry["file"]

    def test_each_has_its_license(self, folder: Path) -> None:
        for entry in nonempty(listed(folder)):
            for name in nonempty(entry["license_files"]):
                assert (folder / name).stat().st_size > 0

    def test_nothing_else_lies_there(self, folder: Path) -> None:
        known = {"VENDOR.json"}
        for entry in listed(folder):
            known |= {entry["file"], *entry["license_files"]}
            # Ours: what is used of it, for the check of types.
            known |= {entry["declarations"]} if "declarations" in entry else set()
        assert {path.name for path in folder.iterdir()} == known
