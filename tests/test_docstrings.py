"""What a caller is told of a function of science that takes or gives arrays.

Shapes and units stand in no type: the sections of numpydoc name them.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from shared.pipelines import PipelineName
from tests.nonempty import nonempty
from tests.source_trees import imports, reached, sources
from tests.style_figures import Function, functions_of

FOLDERS = (
    *(f"functions/{pipeline}" for pipeline in PipelineName),
    "shared/science",
)
# Modules that meet the outside, or draw.
NO_SCIENCE = {"app", "worker", "endpoints", "schemas", "service", "pictures", "sites", "queries"}

HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
ENTRY = re.compile(r"^(\*{0,2}\w[\w*, ]*?)(?: : (.*))?$", re.MULTILINE)
SHAPED = re.compile(r"\([^()]*\) ndarray")


def sections_of(function: Function) -> dict[str, str]:
    """Return the sections of a docstring by their headings."""
    parts = HEADING.split(ast.get_docstring(function) or "")
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def described(function: Function) -> dict[str, str]:
    """Return what the type slot of every described parameter says."""
    entries = ENTRY.findall(sections_of(function).get("Parameters", ""))
    return {name.strip(" *"): slot for names, slot in entries for name in names.split(",")}


def parameters_of(function: Function) -> dict[str, ast.expr | None]:
    """Return the annotation of every parameter."""
    given = function.args
    variadic = [argument for argument in (given.vararg, given.kwarg) if argument]
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *variadic]
    return {item.arg: item.annotation for item in named if item.arg not in {"self", "cls"}}


def names_in(node: ast.AST | None) -> set[str]:
    inner = list(ast.walk(node)) if node else []
    return {item.id for item in inner if isinstance(item, ast.Name)} | {
        item.attr for item in inner if isinstance(item, ast.Attribute)
    }


@cache
def array_types() -> set[str]:
    """Return the names of all types that are arrays, or hold them."""
    aliases: dict[str, set[str]] = defaultdict(set)
    for tree in (sources("functions") | sources("shared/science")).values():
        for node in ast.walk(tree):
            if isinstance(node, ast.TypeAlias):
                aliases[node.name.id] |= names_in(node.value)
    arrays = {name for name in list(aliases) if "NDArray" in reached(aliases, name)}
    return {"NDArray", "ndarray", *arrays}


def is_array(annotation: ast.expr | None) -> bool:
    return not array_types().isdisjoint(names_in(annotation))


def used_names(tree: ast.Module) -> set[str]:
    """Return the full names of what a module imports, or takes from a module that it imports."""
    imported = imports(tree)
    by_name = {name.rpartition(".")[2]: name for name in imported}
    return imported | {
        f"{by_name[node.value.id]}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in by_name
    }


def takes_or_gives_arrays(function: Function) -> bool:
    return any(map(is_array, (function.returns, *parameters_of(function).values())))


def untold(function: Function) -> Iterator[str]:
    """Yield what callers need and the docstring does not say."""
    sections, slots = sections_of(function), described(function)
    for name, annotation in parameters_of(function).items():
        if name not in slots:
            yield name
        elif is_array(annotation) and not SHAPED.search(slots[name]):
            yield f"shape of {name}"
    if function.returns is not None and ast.unparse(function.returns) != "None":
        told = sections.get("Returns", sections.get("Yields"))
        if told is None:
            yield "what returns"
        elif is_array(function.returns) and not SHAPED.search(told):
            yield "shape of what returns"


def misnamed(function: Function) -> set[str]:
    """Return the parameters that are described and not taken, or taken and not described."""
    is_described = "Parameters" in sections_of(function)
    return set(described(function)) ^ set(parameters_of(function)) if is_described else set()


def science(folder: str) -> dict[str, ast.Module]:
    trees = sources(folder).items()
    return {path: tree for path, tree in trees if Path(path).stem not in NO_SCIENCE}


def met(folder: str) -> Iterator[tuple[str, Function]]:
    """Yield the functions of science that another module uses, each with its module's path."""
    trees = sources(folder if folder.startswith("functions/") else "functions") | sources(folder)
    users = {path: used_names(tree) for path, tree in trees.items()}
    for path, tree in science(folder).items():
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        used = set().union(*(names for user, names in users.items() if user != path))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and f"{module}.{node.name}" in used:
                yield path, node


def only_function(text: str) -> Function:
    (function,) = functions_of(ast.parse(text))
    return function


@pytest.mark.parametrize("folder", FOLDERS)
class TestScience:
    def test_callers_are_told_of_arrays(self, folder: str) -> None:
        silent = [
            f"{path}:{function.lineno} {function.name}: {', '.join(untold(function))}"
            for path, function in nonempty(met(folder))
            if takes_or_gives_arrays(function) and any(untold(function))
        ]
        assert silent == []

    def test_parameters_are_those_of_the_signature(self, folder: str) -> None:
        wrong = {
            f"{path}:{function.lineno} {function.name}": misnamed(function)
            for path, tree in nonempty(science(folder).items())
            for function in functions_of(tree)
            if misnamed(function)
        }
        assert wrong == {}


TOLD = """
def band(signal: Floats, *edges_hz: float) -> Mask:
    '''Keep a band.

    Parameters
    ----------
    signal : (n,) ndarray
        Volts.
    *edges_hz : float

    Returns
    -------
    (n,) ndarray of bool
    '''
"""


class TestJudgment:
    """What is said of a docstring that tells all, and of the same with something missing."""

    @pytest.mark.parametrize(
        ("part", "instead", "expected"),
        [
            ("Volts", "Amperes", []),
            ("signal : (n,) ndarray", "signal : ndarray", ["shape of signal"]),
            ("    *edges_hz : float\n", "", ["edges_hz"]),
            ("(n,) ndarray of bool", "A mask.", ["shape of what returns"]),
            ("Returns\n    -------", "Gives", ["what returns"]),
            ("Parameters\n    ---", "Takes", ["signal", "edges_hz"]),
        ],
    )
    def test_what_callers_miss(self, part: str, instead: str, expected: list[str]) -> None:
        assert part in TOLD
        assert list(untold(only_function(TOLD.replace(part, instead)))) == expected

    def test_a_parameter_that_does_not_exist(self) -> None:
        renamed = only_function(TOLD.replace("signal :", "wave :"))
        assert misnamed(renamed) == {"signal", "wave"}

    @pytest.mark.parametrize(
        ("annotation", "expected"),
        [("Floats", True), ("dict[str, Mask] | None", True), ("np.ndarray", True), ("str", False)],
    )
    def test_arrays_by_any_name(self, annotation: str, *, expected: bool) -> None:
        function = only_function(f"def band(signal: {annotation}) -> None: ...")
        assert takes_or_gives_arrays(function) == expected

    def test_functions_of_a_module_imported_whole(self) -> None:
        tree = ast.parse("from functions.speech import praat\npraat.pulse_times_s(voice)")
        assert "functions.speech.praat.pulse_times_s" in used_names(tree)

    def test_functions_that_only_their_own_module_uses(self) -> None:
        names = {function.name for _, function in met("functions/speech")}
        assert "voiced_at" in names
        assert "dip_db" not in names
