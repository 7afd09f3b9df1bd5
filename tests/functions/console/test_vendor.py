"""What is vendored was published so, or is made from that by a command; its license is there."""

import json
import re
import shutil
import subprocess
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


PACKAGES = json.loads((ROOT / "local" / "vendored" / "package-lock.json").read_text())["packages"]
MADE = [entry for entry in listed(SITE / "vendor") if "made" in entry]


@pytest.mark.parametrize("entry", MADE, ids=lambda entry: entry["package"])
class TestMade:
    def test_command_makes_it_again(self, entry: dict[str, Any], tmp_path: Path) -> None:
        if shutil.which("npm") is None:
            pytest.skip("no npm on this machine")
        command = entry["made"]["command"].split()
        made = subprocess.run(
            [*command, f"VENDOR={tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if not (ROOT / ".build" / "vendored" / "node_modules").exists():
            pytest.skip(f"npm does not reach its registry: {made.stderr[-200:]}")
        source = ROOT / ".build/vendored/node_modules" / entry["package"] / entry["path"]
        assert sha256(source.read_bytes()).hexdigest() == entry["made"]["from_sha256"]
        assert sha256((tmp_path / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]

    def test_lock_has_the_versions_that_are_named(self, entry: dict[str, Any]) -> None:
        tool, version = entry["made"]["by"].split()
        assert PACKAGES[f"node_modules/{tool}"]["version"] == version
        assert PACKAGES[f"node_modules/{entry['package']}"]["version"] == entry["version"]

    def test_holds_what_is_used_of_it(self, entry: dict[str, Any]) -> None:
        text = (SITE / "vendor" / entry["file"]).read_text()
        exported = set(re.findall(r"\b(\w+)(?=[,}])", text[text.rindex("export{") :]))
        declared = re.findall(
            r"^export (?:function|const) (\w+)",
            (SITE / "vendor" / entry["declarations"]).read_text(),
            re.MULTILINE,
        )
        assert exported == set(nonempty(declared))
