"""No test passes because it had nothing to look at."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nonempty import nonempty

TESTS = Path(__file__).parent

type Test = ast.FunctionDef | ast.AsyncFunctionDef

OF_LITERALS = {"enumerate", "zip", "sorted", "reversed", "list", "tuple"}
EXPECTS = {"raises", "warns"}
NOTHING = {"[]", "{}", "set()"}


def all_tests(tree: ast.Module) -> Iterator[Test]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.startswith("test"):
                    yield node


def is_never_empty(items: ast.expr) -> bool:
    """Return whether the text alone shows that a loop over the items runs at least once."""
    match items:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return any(not isinstance(part, ast.Starred) for part in parts)
        case ast.Dict(keys=keys):
            return any(key is not None for key in keys)
        case ast.Constant(value=value):
            return bool(value)
        case ast.Call(func=called, args=arguments):
            return is_never_empty_call(called, arguments)
    return False


def is_never_empty_call(called: ast.expr, arguments: list[ast.expr]) -> bool:
    match called:
        case ast.Name(id="nonempty") | ast.Attribute(attr="walk"):
            return True
        case ast.Name(id="range"):
            return all(isinstance(limit, ast.Constant) for limit in arguments)
        case ast.Name(id=name) if name in OF_LITERALS:
            return any(is_never_empty(argument) for argument in arguments)
        case ast.Attribute(value=value, attr="items" | "values" | "keys"):
            return is_never_empty(value)
    return False


def may_run_never(node: ast.AST) -> bool:
    match node:
        case ast.For(iter=items) | ast.AsyncFor(iter=items):
            return not is_never_empty(items)
        case ast.While(test=test):
            return not is_never_empty(test)
    return False


def holds_of_nothing(condition: ast.expr) -> bool:
    """Return whether a condition about items is true where there may be none."""
    match condition:
        case ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp(generators=[items, *_])]):
            return not is_never_empty(items.iter)
        case ast.UnaryOp(
            op=ast.Not(),
            operand=ast.Call(
                func=ast.Name(id="any"), args=[ast.GeneratorExp(generators=[items, *_])]
            ),
        ):
            return not is_never_empty(items.iter)
        case ast.Compare(
            left=ast.ListComp(generators=[items, *_])
            | ast.SetComp(generators=[items, *_])
            | ast.DictComp(generators=[items, *_]),
            ops=[ast.Eq()],
            comparators=[nothing],
        ):
            return ast.unparse(nothing) in NOTHING and not is_never_empty(items.iter)
    return False


def expects(node: ast.AST) -> bool:
    """Return whether a statement can fail the test."""
    match node:
        case ast.Assert(test=condition):
            return not holds_of_nothing(condition)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            called = {
                part.attr
                for item in items
                for part in ast.walk(item.context_expr)
                if isinstance(part, ast.Attribute)
            }
            return bool(called & EXPECTS)
    return False


def outcomes(node: ast.AST, *, in_loop: bool = False) -> Iterator[bool]:
    """Yield for each assertion below the node whether it is certain to be reached."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If):
            yield from outcomes_of_branches(child, in_loop=in_loop)
            continue
        if expects(child):
            yield not in_loop
        elif isinstance(child, ast.Assert):
            yield False
        yield from outcomes(child, in_loop=in_loop or may_run_never(child))


def outcomes_of_branches(choice: ast.If, *, in_loop: bool) -> Iterator[bool]:
    """What one branch asserts is certain only where the other one asserts something, too."""
    branches = (ast.Module(choice.body, []), ast.Module(choice.orelse, []))
    reached = [list(outcomes(branch, in_loop=in_loop)) for branch in branches]
    yield from [all(any(branch) for branch in reached)] * sum(map(len, reached))


def asserts_nothing_for_nothing(test: Test) -> bool:
    """Return whether all that a test asserts stands where it may never be asked."""
    certain = list(outcomes(test))
    return bool(certain) and not any(certain)


class TestLoops:
    def test_every_test_asserts_outside_a_loop_that_may_be_empty(self) -> None:
        files = nonempty(TESTS.rglob("test_*.py"))
        empty = [
            f"{path.relative_to(TESTS.parent)}:{test.lineno} {test.name}"
            for path in sorted(files)
            for test in all_tests(ast.parse(path.read_text(encoding="utf-8")))
            if asserts_nothing_for_nothing(test)
        ]
        assert empty == [], (
            "These tests pass where a loop has nothing to run over: write"
            " `for item in nonempty(items)` (tests/nonempty.py)"
        )

    @pytest.mark.parametrize(
        "body",
        [
            "for item in items:\n  assert item",
            "for item in items:\n  with pytest.raises(ValueError):\n   item()",
            "while items:\n  assert items.pop()",
            "assert all(item for item in items)",
            "assert not any(item for item in items)",
            "assert [item for item in items if item] == []",
            "assert {item for item in items if item} == set()",
            "for item in (1, 2):\n  if items:\n   assert item",
            "for item in [*items]:\n  assert item",
            "for part in (1, 2):\n  for item in items:\n   assert item",
        ],
    )
    def test_a_loop_that_may_be_empty_is_noticed(self, body: str) -> None:
        (test,) = all_tests(ast.parse(f"def test() -> None:\n {body}"))
        assert asserts_nothing_for_nothing(test)

    @pytest.mark.parametrize(
        "body",
        [
            "for item in nonempty(items):\n  assert item",
            "for item in (1, 2):\n  assert item",
            "for item in items:\n  assert item\n assert items",
            "for item in items:\n  item()",
            "assert all(item for item in nonempty(items))",
            "assert not any(item for item in nonempty(items))",
            "assert [item for item in nonempty(items) if item] == []",
            "assert [item for item in items] == [1]",
            "if items:\n  assert items\n else:\n  assert not items",
            "with pytest.raises(ValueError):\n  items()",
        ],
    )
    def test_an_assertion_that_is_always_reached_is_enough(self, body: str) -> None:
        (test,) = all_tests(ast.parse(f"def test() -> None:\n {body}"))
        assert not asserts_nothing_for_nothing(test)
