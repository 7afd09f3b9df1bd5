"""How long and how branched the code may be, and what no variable is called.

The sizes are the largest of any tree so far: they can be brought down, and never grow again.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cache

import pytest

from tests.conftest import ROOT
from tests.nonempty import nonempty
from tests.style_figures import (
    Function,
    docstring_lines,
    figures_of,
    functions_of,
    lines_of,
    percentile,
)

# What is installed beside the project's own modules.
INSTALLED = {"node_modules", ".venv", "__pycache__"}
BRANCHES = (
    *(ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.comprehension),
    *(ast.ExceptHandler, ast.match_case, ast.Assert),
)


@dataclass(frozen=True)
class Sizes:
    """Lines of a file, of a function, of a function without its docstring; its branches + 1."""

    file: int
    function: int
    body: int
    complexity: int


LARGEST = {
    "functions": Sizes(file=305, function=61, body=39, complexity=17),
    "shared": Sizes(file=311, function=50, body=34, complexity=12),
    # The first migrations create all tables.
    "migrations": Sizes(file=358, function=315, body=315, complexity=7),
    "local": Sizes(file=357, function=59, body=41, complexity=8),
    "bench": Sizes(file=332, function=33, body=33, complexity=10),
    "tests": Sizes(file=440, function=47, body=47, complexity=17),
}
# What `figures_of` says of a tree, at most: what the trees were at when they were a third of their
# size, or have become since. The code of a file and the body of a function are counted without
# docstrings: saying more to callers makes neither longer to follow.
WORST = {
    "file median": (110, 60, 100, 120),
    "function median": (7, 7, 8, 6),
    "function p95": (26, 25, 26, 19),
    "code median": (90, 50, 90, 110),
    "code p95": (230, 190, 240, 260),
    "body p95": (21, 19, 21, 19),
    "dict returned %": (3.2, 6.0, 5.3, 7.5),
    "undocumented %": (25.5, 18.1, 18.0, 58.0),
    "swallowed /k": (0.0, 0.18, 0.28, 0.0),
    "imports inside /k": (0.92, 0.6, 1.2, 0.5),
    "numbers inside /k": (5.0, 0.1, 22.0, 2.35),
    "ignored /k": (0.35, 1.5, 2.0, 1.3),
}
MEASURED = ("functions", "shared", "local", "bench")
LONGEST_TEST_P95 = 15
PALETTE = "shared/drawing/palette.py"
COLOR = re.compile(r"""["']#[0-9a-fA-F]{3,8}["']""")
# They say that there is something, and not what.
NO_NOUNS = {"one", "each", "found", "kept", "seen"}


@cache
def modules(folder: str) -> dict[str, str]:
    """The text of every module of a tree, by its path."""
    paths = (path.relative_to(ROOT) for path in sorted((ROOT / folder).rglob("*.py")))
    return {
        str(path): (ROOT / path).read_text(encoding="utf-8")
        for path in paths
        if INSTALLED.isdisjoint(path.parts)
    }


HABITS = """\
def settings() -> dict[str, float]:
    import json
    try:
        return json.loads("{}")
    except Exception:  # noqa: BLE001
        return {"half": 0.5, "all": 1.0}
    except BaseException:
        raise

def _nothing() -> None: ...
"""


def branches_of(function: Function) -> int:
    """Branches, and one for the way straight on; what functions inside do is their own."""
    count = 1
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        count += isinstance(node, BRANCHES)
        count += len(node.values) - 1 if isinstance(node, ast.BoolOp) else 0
        waiting += ast.iter_child_nodes(node)
    return count


def sizes_of(text: str, function: Function) -> Sizes:
    length = lines_of(function)
    body = length - docstring_lines(function)
    return Sizes(len(text.splitlines()), length, body, branches_of(function))


def variables(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name that a module gives, and the line where it does."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node.lineno
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                yield name, node.lineno


@pytest.mark.parametrize("folder", LARGEST)
class TestSizes:
    def test_nothing_is_larger_than_the_largest_so_far(self, folder: str) -> None:
        largest = LARGEST[folder]
        larger = []
        for path, text in nonempty(modules(folder).items()):
            if len(text.splitlines()) > largest.file:
                larger.append(f"{path}: {len(text.splitlines())} lines")
            for function in functions_of(ast.parse(text)):
                sizes = sizes_of(text, function)
                if any(
                    a > b for a, b in zip(astuple(sizes)[1:], astuple(largest)[1:], strict=True)
                ):
                    larger.append(f"{path}:{function.lineno} {function.name}: {sizes}")
        assert larger == [], f"larger than {largest}"


class TestFigures:
    @pytest.mark.parametrize("folder", MEASURED)
    def test_no_figure_is_worse_than_it_was(self, folder: str) -> None:
        measured = figures_of(modules(folder))
        worst = {name: limits[MEASURED.index(folder)] for name, limits in WORST.items()}
        worse = {
            name: figure for name, figure in nonempty(measured.items()) if figure > worst[name]
        }
        assert worse == {}, f"at most {worst}"

    def test_few_tests_are_long(self) -> None:
        functions = [
            function
            for text in modules("tests").values()
            for function in functions_of(ast.parse(text))
            if function.name.startswith("test")
        ]
        lengths = [lines_of(test) for test in functions]
        assert percentile(lengths, 0.95) <= LONGEST_TEST_P95, "shorten by fixtures, tables, helpers"

    def test_what_is_counted(self) -> None:
        """A module that has each habit once, in ten lines."""
        figures = figures_of({"module.py": HABITS})
        assert figures == {
            "file median": 10,
            "function median": 1,
            "function p95": 1,
            "code median": 10,
            "code p95": 10,
            "body p95": 1,
            "dict returned %": 50.0,
            "undocumented %": 100.0,
            "swallowed /k": 100.0,
            "imports inside /k": 100.0,
            "numbers inside /k": 100.0,
            "ignored /k": 100.0,
        }


@pytest.mark.parametrize("folder", LARGEST)
class TestNames:
    def test_variables_are_nouns(self, folder: str) -> None:
        named = [
            f"{path}:{line} {name}"
            for path, text in nonempty(modules(folder).items())
            for name, line in variables(ast.parse(text))
            if name in NO_NOUNS
        ]
        assert named == [], "name what the variable holds"


class TestColors:
    @pytest.mark.parametrize("folder", ["functions", "shared", "bench"])
    def test_come_from_the_palette(self, folder: str) -> None:
        assert {
            path: colors
            for path, text in nonempty(modules(folder).items())
            if path != PALETTE and (colors := COLOR.findall(text))
        } == {}

    def test_the_palette_is_read(self) -> None:
        assert len(COLOR.findall(modules("shared")[PALETTE])) > 10
