"""Which functions can run on arm64: those whose every library is published for it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.artifacts.conftest import ROOT
from tests.artifacts.tools import UV
from tests.deployments import lambdas
from tests.test_deploy_drift import FUNCTIONS

PLATFORM = "aarch64-manylinux_2_34"


def resolves(name: str, target: Path) -> bool:
    """Whether all of the locked libraries, by their hashes, would install for arm64."""
    folder = ROOT / ("" if name == "migrations" else "functions") / name
    # A marker leaves a library out where there is none: here it is missing.
    locked = (folder / "requirements.txt").read_text()
    requirements = target / "requirements.txt"
    requirements.write_text(re.sub(r" ; [^\\\n]+", "", locked))
    done = subprocess.run(
        [
            *(UV, "pip", "install", "--quiet", "--dry-run", "--require-hashes", "--no-deps"),
            *("--only-binary", ":all:", "--python-platform", PLATFORM),
            *("--python-version", (ROOT / ".python-version").read_text().strip()),
            *("--target", str(target / "installed"), "--requirement", str(requirements)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0


@pytest.mark.parametrize("name", [*FUNCTIONS, "migrations"])
def test_the_parameter_holds_where_libraries_are_published(name: str, tmp_path: Path) -> None:
    offered = lambdas()[name]["Architectures"] == [{"Ref": "Architecture"}]
    assert resolves(name, tmp_path) == offered
