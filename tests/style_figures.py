"""Figures of a tree's style: lengths at percentiles, and habits per 1,000 lines of code."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

type Function = ast.FunctionDef | ast.AsyncFunctionDef

IGNORE = re.compile(r"#\s*(?:type:\s*ignore|noqa)")
BROAD = {"Exception", "BaseException"}
PLAIN_NUMBERS = {0.0, 1.0}  # they need no name


def functions_of(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def docstring_lines(node: ast.AST) -> int:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    if isinstance(node, kinds) and ast.get_docstring(node) is not None:
        return lines_of(node.body[0])
    return 0


def imports(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def is_unnamed_number(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, float)
        and node.value not in PLAIN_NUMBERS
    )


def swallows(node: ast.AST) -> bool:
    """Whether a handler takes whatever comes, and raises nothing."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    is_broad = node.type is None or ast.unparse(node.type) in BROAD
    return is_broad and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))


def returns_dictionary(function: Function) -> bool:
    return function.returns is not None and ast.unparse(function.returns).startswith("dict")


def percentile(values: Sequence[int], part: float) -> int:
    """The nearest rank: as large as this part of the values, or larger."""
    return sorted(values)[int((len(values) - 1) * part)]


def percent(answers: Iterable[bool]) -> float:
    counted = list(answers)
    return round(100 * sum(counted) / len(counted), 1)


def figures_of(modules: Mapping[str, str]) -> dict[str, float]:
    """Measure modules, each a text by its path."""
    trees = [ast.parse(text) for text in modules.values()]
    lengths = [len(text.splitlines()) for text in modules.values()]
    docstrings = [sum(map(docstring_lines, ast.walk(tree))) for tree in trees]
    functions = [function for tree in trees for function in functions_of(tree)]
    everything = [node for tree in trees for node in ast.walk(tree)]
    within = [node for function in functions for node in ast.walk(function)]
    code = [length - told for length, told in zip(lengths, docstrings, strict=True)]
    thousands = sum(code) / 1000

    def per_thousand(is_counted: Callable[[ast.AST], bool], nodes: Iterable[ast.AST]) -> float:
        return round(sum(map(is_counted, nodes)) / thousands, 2)

    return {
        "file median": percentile(lengths, 0.5),
        "function median": percentile([*map(lines_of, functions)], 0.5),
        "function p95": percentile([*map(lines_of, functions)], 0.95),
        "code median": percentile(code, 0.5),
        "code p95": percentile(code, 0.95),
        "body p95": percentile(
            [lines_of(function) - docstring_lines(function) for function in functions], 0.95
        ),
        "dict returned %": percent(map(returns_dictionary, functions)),
        "undocumented %": percent(
            docstring_lines(function) == 0
            for function in functions
            if not function.name.startswith("_")
        ),
        "swallowed /k": per_thousand(swallows, everything),
        "imports inside /k": per_thousand(imports, within),
        "numbers inside /k": per_thousand(is_unnamed_number, within),
        "ignored /k": round(
            sum(len(IGNORE.findall(text)) for text in modules.values()) / thousands, 2
        ),
    }
