"""The modules of the repository as syntax trees, and what they import."""

import ast
import os
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

NOT_OURS = {"__pycache__", "node_modules", "training"}


@cache
def sources(folder: str) -> dict[str, ast.Module]:
    """Return every module below `folder` by its path, without training and what was installed."""
    trees = {}
    for parent, folders, files in os.walk(ROOT / folder):
        folders[:] = [
            folder for folder in folders if folder not in NOT_OURS and not folder.startswith(".")
        ]
        for path in (Path(parent, name) for name in files if name.endswith(".py")):
            trees[str(path.relative_to(ROOT))] = ast.parse(path.read_text(encoding="utf-8"))
    return trees


def imports(tree: ast.Module) -> set[str]:
    """Return the full names of what a module imports, wherever in it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def module_of(name: str, modules: dict[str, ast.Module]) -> str:
    """Return the module that an imported name is, or lies in."""
    return name if name in modules else name.rpartition(".")[0]


def reached_from(graph: dict[str, set[str]], starts: set[str]) -> set[str]:
    return set().union(*(reached(graph, start) for start in starts)) if starts else set()


def is_from(name: str, packages: tuple[str, ...] | set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def reached(graph: dict[str, set[str]], start: str) -> set[str]:
    names: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting += graph.get(name, set())
    return names
