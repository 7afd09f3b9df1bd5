"""How many signatures of `shared/` pass rows without a type."""

import ast
import re
from collections.abc import Iterator

from tests.conftest import ROOT
from tests.nonempty import nonempty

# What mypy cannot look into: a row by its column's name, or a document by its key.
UNTYPED = re.compile(
    r"\b(?:dict|Dict|Mapping|MutableMapping|defaultdict)\[str, (?:Any|object|Json)\]"
    r"|\b(?:RowMapping|Row|Record|Json)\b(?!\w)"
)
MOST_PERCENT = 5.0

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_functions(body: list[ast.stmt]) -> Iterator[Function]:
    """Yield what another module may call: no name with an underscore, save constructors."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from public_functions(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
            not node.name.startswith("_") or node.name == "__init__"
        ):
            yield node


def annotations(function: Function) -> list[str]:
    """Return the types of a function's parameters and of its result, as they are written."""
    given = function.args
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    types = [parameter.annotation for parameter in parameters if parameter]
    return [ast.unparse(kind) for kind in [*types, function.returns] if kind]


def passes_untyped_rows(function: Function) -> bool:
    return any(UNTYPED.search(text) for text in annotations(function))


def signatures() -> dict[str, Function]:
    return {
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}": function
        for path in sorted((ROOT / "shared").rglob("*.py"))
        for function in public_functions(ast.parse(path.read_text(encoding="utf-8")).body)
    }


def parsed(text: str) -> Function:
    (function,) = public_functions(ast.parse(text).body)
    return function


class TestUntypedRows:
    def test_few_signatures_of_shared_pass_them(self) -> None:
        every = nonempty(signatures().items())
        untyped = [name for name, function in every if passes_untyped_rows(function)]
        percent = 100 * len(untyped) / len(every)
        assert percent <= MOST_PERCENT, (
            f"{percent:.1f} % of the signatures in shared/ pass untyped rows, at most"
            f" {MOST_PERCENT} % may: give these a dataclass or a model: {', '.join(untyped)}"
        )

    def test_a_row_is_counted_wherever_it_stands(self) -> None:
        for text in (
            "def f(row: dict[str, Any]) -> None: ...",
            "def f() -> list[Mapping[str, Any]]: ...",
            "async def f() -> Sequence[RowMapping] | None: ...",
            "class Table:\n def f(self, *rows: dict[str, object]) -> None: ...",
            "def f(row: RowCount) -> Mapping[str, Json]: ...",
        ):
            assert passes_untyped_rows(parsed(text)), text

    def test_a_typed_record_is_not(self) -> None:
        for text in (
            "def f(record: Examination) -> dict[str, Value]: ...",
            "def f(row: RowCount) -> Mapping[str, str | int]: ...",
        ):
            assert not passes_untyped_rows(parsed(text)), text
