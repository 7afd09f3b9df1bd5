"""What may depend on what, and everything that a pipeline consists of."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from functions.fhir.reports.pipelines import REPORTED
from local.openapi import FOLDER, JOINED, contracts, files
from shared.database.models.results import results_table
from shared.examination.method_card import MethodCard
from shared.pipelines import PipelineName
from tests.conftest import ROOT, Addresses
from tests.nonempty import nonempty
from tests.source_trees import imports, is_from, module_of, reached, reached_from, sources

GROUPS: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())[
    "dependency-groups"
]
# Where a package is not imported by its own name.
IMPORTED_AS = {"praat-parselmouth": "parselmouth", "pillow": "PIL"}

PIPELINE_FILES = (
    "app.py",
    "service.py",
    "decode.py",
    "analysis.py",
    "norms.py",
    "worker.py",
    "README.md",
    "requirements.txt",
)
# Modules of a pipeline that meet the outside: the caller, the database, the bytes of a file.
# `sites` keeps what an organization has fitted on its own sessions.
EDGES = {"app", "worker", "endpoints", "schemas", "service", "decode", "sites", "queries"}
SCIENCE_MAY_SHARE = {
    f"shared.{module}"
    for module in (
        *("vocabulary", "errors", "recording", "record", "biomarkers", "norms"),  # ground
        *("drawing", "science"),
    )
}

# The numeric libraries that science of two pipelines may use.
SHARED_SCIENCE = {"numpy", "PIL", "onnxruntime", "pydicom"}

# A result must follow from the recording alone.
IMPURE_MODULES = {
    *("os", "sys", "time", "random", "secrets", "uuid", "logging", "subprocess", "socket", "ssl"),
    *("urllib", "http", "asyncio", "threading", "tempfile", "shutil", "glob", "sqlite3"),
}
IMPURE_NAMES = {"print", "open", "input", "eval", "exec", "breakpoint"}
IMPURE_ATTRIBUTES = {
    *("random", "default_rng", "now", "utcnow", "today", "environ", "getenv"),
    *("write_text", "write_bytes", "unlink", "mkdir"),
}

# The wings of `shared/`, each with the wings below it; the modules that lie beside them are the
# ground, which imports itself alone.
WINGS: dict[str, set[str]] = {
    "aws": set(),
    "runtime": set(),
    "drawing": set(),
    "science": {"drawing"},
    "database": {"aws", "runtime"},
    "outgoing": {"aws", "runtime", "database"},
    "http": {"aws", "runtime", "database", "outgoing"},
    "examination": {"aws", "runtime", "drawing", "science", "database", "outgoing", "http"},
}

# No module of the left may import what is on the right.
LAYERS = {
    "shared/": ("functions", "migrations", "local", "tests"),
    "functions/": ("migrations", "local", "tests"),
    "migrations/": ("functions", "local", "tests"),
    "shared/database/models/": (
        "shared.database.repositories",
        "shared.database.transaction",
        "shared.database.engine",
    ),
    "shared/database/repositories/": (
        "shared.database.transaction",
        "shared.database.engine",
        "fastapi",
    ),
    "shared/vocabulary.py": ("shared", "pydantic", "sqlalchemy"),
    "shared/errors.py": ("shared", "pydantic", "sqlalchemy", "fastapi"),
}
# Modules of a function in the order in which they may use one another.
ORDER = ("service", "endpoints", "app")
# Other ways in than HTTP: a schedule and a queue.
WAYS_IN = {"schedule", "worker"}

QUERIES = {"select", "insert", "update", "delete"}
MAY_QUERY = (
    "shared/database/repositories/",
    # Who is there before anybody could be asked.
    "local/demo.py",
    "local/people.py",
    # What an operator does for all organizations.
    "local/encryption.py",
    "local/lookups.py",
    "local/rotation.py",
    "migrations/",
)
ENDS_TRANSACTIONS = "shared/database/transaction.py"
# What they try they take back.
ATTACKERS = "local/prove/"
# A function with several subjects has a folder for each.
OWN_QUERIES = re.compile(r"functions/[a-z]+/(?:[a-z_]+/)?queries\.py")


@cache
def graph_of(folder: str) -> dict[str, set[str]]:
    """Return which modules of a tree each of its modules imports, a lazy import included."""
    trees = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): tree
        for path, tree in sources(folder).items()
    }
    return {
        name: {module_of(item, trees) for item in imports(tree) if is_from(item, {folder})} - {name}
        for name, tree in trees.items()
    }


def wing_of(module: str) -> str:
    """Return the wing of a module of `shared`; the ground has no name."""
    part = module.split(".")[1] if "." in module else ""
    return part if (ROOT / "shared" / part).is_dir() and part else ""


def libraries(group: str) -> set[str]:
    """Return what the modules of a dependency group may import from elsewhere."""
    assert group in GROUPS, f"pyproject.toml lacks the dependency group '{group}'"
    names = {re.split(r"[\[<>=~ ]", item)[0] for item in GROUPS[group]}
    return {IMPORTED_AS.get(name, name) for name in names}


def own_modules(pipeline: str) -> dict[str, ast.Module]:
    """Return the modules of a pipeline by their names below its folder, such as `formats.edf`."""
    folder = f"functions/{pipeline}/"
    trees = sources(folder)
    assert trees, f"{folder} holds no module"
    return {
        path.removeprefix(folder).removesuffix(".py").replace("/", "."): tree
        for path, tree in trees.items()
    }


def card_of(pipeline: str) -> MethodCard:
    """Return the method card that a pipeline declares."""
    service = f"functions/{pipeline}/service.py"
    assert (ROOT / service).is_file(), f"{service} is missing"
    card: MethodCard = import_module(f"functions.{pipeline}.service").PIPELINE.card()
    return card


def used_modules(pipeline: str, names: set[str]) -> set[str]:
    """Return which modules of a pipeline imported names are, or lie in."""
    own = f"functions.{pipeline}."
    modules = own_modules(pipeline)
    below = {name.removeprefix(own) for name in names if name.startswith(own)}
    return {module_of(name, modules) for name in below} & set(modules)


def siblings(pipeline: str) -> dict[str, set[str]]:
    """Return which modules of its own folder each module of a pipeline uses."""
    return {
        name: used_modules(pipeline, imports(tree)) for name, tree in own_modules(pipeline).items()
    }


def science(pipeline: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield the pure modules: those that no file format is known to, and no caller."""
    graph = siblings(pipeline)
    formats = reached(graph, "decode") - reached(graph, "analysis")
    for name, tree in own_modules(pipeline).items():
        if name not in EDGES | formats:
            yield f"functions/{pipeline}/{name.replace('.', '/')}.py", tree


class TestDependencies:
    @pytest.mark.parametrize("start", LAYERS)
    def test_layers_are_used_downwards_only(self, start: str) -> None:
        folder = start.partition("/")[0]
        trees = {path: tree for path, tree in sources(folder).items() if path.startswith(start)}
        assert trees, f"no module matches {start}"
        for path, tree in trees.items():
            wrong = {name for name in imports(tree) if is_from(name, LAYERS[start])}
            assert wrong == set(), path

    @pytest.mark.parametrize("wing", ["", *WINGS])
    def test_a_wing_imports_only_wings_below_it(self, wing: str) -> None:
        modules = [name for name in graph_of("shared") if wing_of(name) == wing]
        assert modules, f"shared/{wing} has no module"
        allowed = {"", wing, *WINGS.get(wing, ())}
        wrong = {
            f"{name} imports {other}"
            for name in modules
            for other in graph_of("shared")[name]
            if wing_of(other) not in allowed
        }
        assert wrong == set()

    def test_every_folder_of_shared_is_a_wing(self) -> None:
        assert {wing_of(name) for name in graph_of("shared")} == {"", *WINGS}

    @pytest.mark.parametrize("folder", ["shared", "functions", "local", "bench", "migrations"])
    def test_no_module_reaches_itself(self, folder: str) -> None:
        graph = graph_of(folder)
        assert len(graph) > 1
        circles = {name for name in graph if name in reached_from(graph, graph[name])}
        assert circles == set()

    def test_functions_never_use_each_other(self) -> None:
        for path, tree in nonempty(sources("functions").items()):
            own = ".".join(path.split("/")[:2])
            wrong = {
                name
                for name in imports(tree)
                if name.startswith("functions.") and not is_from(name, (own,))
            }
            assert wrong == set(), path

    def test_shared_needs_no_functions_libraries(self) -> None:
        functions = [path.parent.name for path in ROOT.glob("functions/*/app.py")]
        numeric = set().union(*(libraries(name) for name in functions if name in GROUPS))
        numeric |= {"scipy", "sklearn", "cv2", "skimage", "torch", "onnxruntime", "PIL", "numpy"}
        for path, tree in nonempty(sources("shared").items()):
            allowed = SHARED_SCIENCE if path.startswith("shared/science/") else set()
            wrong = {name for name in imports(tree) if is_from(name, numeric - allowed)}
            assert wrong == set(), path

    def test_a_function_is_used_from_the_outside_in(self) -> None:
        for path, tree in nonempty(sources("functions").items()):
            name = Path(path).stem
            above = ORDER[ORDER.index(name) + 1 :] if name in ORDER else ORDER
            own = ".".join(path.split("/")[:2])
            outer = tuple(f"{own}.{module}" for module in above)
            allowed = {f"{own}.service"} if name in WAYS_IN else set()
            wrong = {item for item in imports(tree) if is_from(item, outer)}
            wrong -= {module for module in wrong if is_from(module, allowed)}
            assert wrong == set(), path


class TestRules:
    """What a rule names is there: else everything would keep to the rule."""

    def test_every_module_that_must_not_be_imported_exists(self) -> None:
        named = {name for names in LAYERS.values() for name in names} | SCIENCE_MAY_SHARE
        assert {name for name in nonempty(named) if not find_spec(name)} == set()

    def test_every_place_that_may_query_does(self) -> None:
        querying = {
            path
            for folder in ("shared", "functions", "local", "migrations")
            for path, names in query_words(folder).items()
            if names
        }
        idle = {
            place for place in MAY_QUERY if not any(module.startswith(place) for module in querying)
        }
        assert idle == set()
        assert any(OWN_QUERIES.fullmatch(path) for path in querying)

    def test_the_module_that_ends_transactions_does(self) -> None:
        assert ends_a_transaction(sources("shared")[ENDS_TRANSACTIONS])

    def test_every_edge_is_a_module_of_some_function(self) -> None:
        modules = {Path(path).stem for path in nonempty(sources("functions"))}
        assert {*EDGES, *ORDER, *WAYS_IN} - modules == set()

    def test_every_impure_module_is_one_of_pythons(self) -> None:
        assert sys.stdlib_module_names >= IMPURE_MODULES


def query_words(folder: str) -> dict[str, set[str]]:
    """Return by path which words of SQL each module below a folder imports."""
    return {
        path: {
            name.rpartition(".")[2]
            for name in imports(tree)
            if name.startswith(("sqlalchemy", "sqlmodel"))
        }
        & (QUERIES | {"text"})
        for path, tree in nonempty(sources(folder).items())
    }


def ends_a_transaction(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in {"commit", "rollback"})
        or (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"\b(COMMIT|ROLLBACK)\b", node.value) is not None
        )
        for node in ast.walk(tree)
    )


class TestQueries:
    @pytest.mark.parametrize("folder", ["shared", "functions", "local"])
    def test_are_made_in_repositories_alone(self, folder: str) -> None:
        elsewhere = {
            path: words & QUERIES
            for path, words in query_words(folder).items()
            if not path.startswith(MAY_QUERY) and not OWN_QUERIES.fullmatch(path)
        }
        assert {path for path, words in nonempty(elsewhere.items()) if words} == set()

    def test_functions_write_no_sql_as_text(self) -> None:
        by_path = query_words("functions")
        assert {path for path, words in nonempty(by_path.items()) if "text" in words} == set()

    @pytest.mark.parametrize("folder", ["shared", "functions", "local", "migrations"])
    def test_only_the_database_module_ends_a_transaction(self, folder: str) -> None:
        ending = {
            path
            for path, tree in nonempty(sources(folder).items())
            if ends_a_transaction(tree)
            and path != ENDS_TRANSACTIONS
            and not path.startswith(ATTACKERS)
        }
        assert ending == set()


@pytest.mark.parametrize("pipeline", PipelineName)
class TestScience:
    def test_uses_its_own_libraries_and_words_alone(self, pipeline: PipelineName) -> None:
        allowed = {f"functions.{pipeline}", *SCIENCE_MAY_SHARE, *libraries(pipeline)}
        for path, tree in nonempty(science(pipeline)):
            elsewhere = {
                name
                for name in imports(tree)
                if name.split(".")[0] not in sys.stdlib_module_names and not is_from(name, allowed)
            }
            assert elsewhere == set(), path

    def test_touches_no_clock_chance_setting_or_file(self, pipeline: PipelineName) -> None:
        for path, tree in nonempty(science(pipeline)):
            impure = {name for name in imports(tree) if is_from(name, IMPURE_MODULES)}
            assert impure == set(), path
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    assert node.func.id not in IMPURE_NAMES, f"{path}:{node.lineno}"
                if isinstance(node, ast.Attribute):
                    assert node.attr not in IMPURE_ATTRIBUTES, f"{path}:{node.lineno}"

    def test_loads_its_libraries_inside_the_analysis(self, pipeline: PipelineName) -> None:
        """A health check must not pay for numpy: nothing that starts with the app imports it."""
        heavy = libraries(pipeline)
        eager = {name: _imports_at_start(tree) for name, tree in own_modules(pipeline).items()}
        graph = {name: used_modules(pipeline, names) for name, names in eager.items()}
        for name in nonempty(reached(graph, "app")):
            loaded = {entry for entry in eager[name] if is_from(entry, heavy)}
            assert loaded == set(), f"functions/{pipeline}/{name}.py"


def _imports_at_start(tree: ast.Module) -> set[str]:
    return imports(ast.Module([node for node in tree.body if not _is_lazy(node)], []))


def _is_lazy(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


@pytest.mark.parametrize("pipeline", PipelineName)
class TestPieces:
    """Add a member to `PipelineName`, and these say what is missing, and where."""

    @pytest.mark.parametrize("file", PIPELINE_FILES)
    def test_file(self, pipeline: PipelineName, file: str) -> None:
        path = Path("functions", pipeline, file)
        assert (ROOT / path).is_file(), f"{path} is missing"

    def test_dependency_group(self, pipeline: PipelineName) -> None:
        assert pipeline in GROUPS, f"pyproject.toml lacks the dependency group '{pipeline}'"

    def test_tables_that_know_it(self, pipeline: PipelineName) -> None:
        path = f"shared/database/models/results/{pipeline}.py"
        assert (ROOT / path).is_file(), f"{path} is missing"
        assert results_table(pipeline).name == f"{pipeline}_results"
        assert pipeline in REPORTED, "functions/fhir/reports/pipelines.py: REPORTED lacks it"

    async def test_biomarkers_are_in_the_catalog_as_it_measures_them(
        self, addresses: Addresses, pipeline: PipelineName
    ) -> None:
        connection = await asyncpg.connect(addresses.superuser)
        rows = await connection.fetch(
            "SELECT name, unit, category FROM biomarkers WHERE pipeline = $1", pipeline.value
        )
        await connection.close()
        card = card_of(pipeline)
        measured = {(name, kind.unit, kind.category) for name, kind in card.biomarkers.items()}
        assert {tuple(row) for row in rows} == measured, (
            f"a new version in migrations/versions has to bring the biomarkers of {pipeline}"
        )

    def test_its_own_limits_lie_on_known_biomarkers(self, pipeline: PipelineName) -> None:
        card = card_of(pipeline)
        assert set(card.norms) <= set(card.biomarkers)
        cited = {norm.range.source for norms in card.norms.values() for norm in norms}
        assert cited <= set(card.sources)

    @pytest.mark.parametrize("file", ["vercel.json", "template.yaml"])
    def test_deployment(self, pipeline: PipelineName, file: str) -> None:
        told = (ROOT / file).read_text()
        is_deployed = f"functions/{pipeline}" in told
        is_deployed |= re.search(rf"^  {pipeline}:", told, re.MULTILINE) is not None
        assert is_deployed, f"{file} does not deploy {pipeline}"


class TestContracts:
    async def test_golden_documents_are_what_the_functions_answer(self) -> None:
        documents = await files()
        values = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
        changed = sorted(
            name for name in documents | values if documents.get(name) != values.get(name)
        )
        assert changed == [], (
            f"docs/openapi differs for {', '.join(changed)}: if callers may see this change, run"
            " `uv run python -m local.openapi`"
        )

    async def test_every_route_lies_below_its_functions_own_path(self) -> None:
        documents = await contracts()
        del documents[JOINED]
        for name, text in nonempty(documents.items()):
            for path in nonempty(json.loads(text)["paths"]):
                assert path == f"/api/{name}" or path.startswith(f"/api/{name}/"), path
