"""Which science has which version: functions/<pipeline>/science.lock names every module's hash.

A stored assessment names its pipeline's version, so the version must move when a module or a model
that makes its numbers does. `uv run python -m local.science_lock` writes the locks after `VERSION`
in the pipeline's service.py was raised. For a change that leaves every number as it was (a name, a
file split in two) it takes `--same-numbers PIPELINE`. Comments and docstrings count for nothing;
pictures do not either.
"""

import argparse
import ast
import hashlib
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from shared.pipelines import PipelineName

ROOT = Path(__file__).parent.parent

# From the bytes to the findings, and the norms that these are held against; what only pictures use
# is left out.
STARTS = ("decode", "analysis", "norms")
# What all pipelines' values are judged by.
JUDGING = ("shared.biomarkers", "shared.norms", "shared.record")
REQUIRED = ("service.py", "decode.py", "analysis.py")
PICTURES = "pictures"
NO_DATA = {".py", ".pyc", ".md", ".txt", ".lock"}
NOT_SHIPPED = {"training", "__pycache__"}


@dataclass(frozen=True)
class Lock:
    """The version of a pipeline and the hash of each file that makes its numbers."""

    version: str
    hashes: dict[str, str]

    @property
    def text(self) -> str:
        """The content of its file."""
        lines = [f'"{name}" = "{value}"' for name, value in sorted(self.hashes.items())]
        head = "# Written by `uv run python -m local.science_lock`, never edited.\n"
        return f'{head}version = "{self.version}"\n\n[sha256]\n' + "\n".join(lines) + "\n"

    def changes(self, other: "Lock") -> list[str]:
        """Return the files that are not the same in both, by name."""
        names = self.hashes.keys() | other.hashes.keys()
        return sorted(name for name in names if self.hashes.get(name) != other.hashes.get(name))


def lock_file(pipeline: PipelineName) -> Path:
    """Return where the lock of a pipeline lies."""
    return ROOT / "functions" / pipeline / "science.lock"


def written(pipeline: PipelineName) -> Lock | None:
    """Return the lock beside the pipeline, or None where there is none yet."""
    path = lock_file(pipeline)
    if not path.exists():
        return None
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return Lock(content["version"], content["sha256"])


def current(pipeline: PipelineName) -> Lock:
    """Return the lock that the pipeline's files would have now."""
    version: str = import_module(f"functions.{pipeline}.service").VERSION
    paths = {*_modules(pipeline), *_data(ROOT / "functions" / pipeline)}
    return Lock(version, {str(path.relative_to(ROOT)): _sha256(path) for path in paths})


def complaint(pipeline: PipelineName) -> str | None:
    """Say what is wrong between a pipeline's science and its version, and what to do about it."""
    folder = f"functions/{pipeline}"
    missing = [name for name in REQUIRED if not (ROOT / folder / name).is_file()]
    if missing:
        return f"{pipeline}: {folder} lacks {', '.join(missing)}."
    lock, now = written(pipeline), current(pipeline)
    if lock is None:
        return f"{pipeline}: science.lock is missing; run `uv run python -m local.science_lock`."
    changes = ", ".join(lock.changes(now))
    if changes and lock.version == now.version:
        return (
            f"{pipeline}: {changes} changed since version {lock.version}. Raise VERSION in"
            f" {folder}/service.py and run `uv run python -m local.science_lock`; if"
            f" every number stays as it was, run it with `--same-numbers {pipeline}` instead."
        )
    if changes or lock.version != now.version:
        return (
            f"{pipeline}: science.lock is of version {lock.version}, the pipeline is"
            f" {now.version}; run `uv run python -m local.science_lock`."
        )
    return None


def _modules(pipeline: PipelineName) -> set[Path]:
    """Return the modules that lead from the bytes to the findings."""
    folder = ROOT / "functions" / pipeline
    waiting = [folder / f"{name}.py" for name in STARTS]
    reached: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += _imported(path, f"functions.{pipeline}")
    return reached


def _imported(path: Path, package: str) -> Iterator[Path]:
    """Yield the modules of the package, and the shared science, that a module imports."""
    for name in _imported_names(ast.parse(path.read_text(encoding="utf-8"))):
        module = ROOT / f"{name.replace('.', '/')}.py"
        is_science = name.startswith((f"{package}.", "shared.science.")) or name in JUDGING
        if is_science and module.stem != PICTURES and module.is_file():
            yield module


def _imported_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Import(names=names):
                yield from (alias.name for alias in names)


def _data(folder: Path) -> Iterator[Path]:
    """Yield what is shipped beside the modules: trained models, descriptions of tasks."""
    for path in folder.rglob("*"):
        is_shipped = not NOT_SHIPPED & set(path.relative_to(folder).parts)
        if path.is_file() and is_shipped and path.suffix not in NO_DATA:
            yield path


def _sha256(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix == ".py":
        content = ast.dump(_without_docstrings(ast.parse(content))).encode()
    return hashlib.sha256(content).hexdigest()[:32]


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if ast.get_docstring(node, clean=False) is not None:
                    del node.body[0]
    return tree


def main() -> None:
    """Write the locks, or say which pipeline needs another version first."""
    parser = argparse.ArgumentParser(description="Write functions/<pipeline>/science.lock.")
    parser.add_argument(
        "--same-numbers",
        nargs="+",
        default=[],
        type=PipelineName,
        metavar="PIPELINE",
        help="pipelines whose files changed and whose numbers did not",
    )
    same: list[PipelineName] = parser.parse_args().same_numbers
    for pipeline in PipelineName:
        lock, now = written(pipeline), current(pipeline)
        unversioned = lock is not None and lock.version == now.version and lock.changes(now)
        if unversioned and pipeline not in same:
            sys.exit(complaint(pipeline))
        lock_file(pipeline).write_text(now.text, encoding="utf-8")


if __name__ == "__main__":
    main()
