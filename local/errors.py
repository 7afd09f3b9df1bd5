"""The list of all refusals, docs/errors.md, made from the exceptions themselves.

Run `uv run python -m local.errors` after adding one or changing its words.
"""

from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from shared.errors import MediLensError
from shared.http.documents import meaning

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "errors.md"
NO_MODULES = {"app", "worker", "__init__"}

# What ends an analysis without an exception of ours: the last stage of the assessment says so.
STAGE_CODES = {
    "analysis-abandoned": "No worker finished the analysis within a day.",
    "analysis-crashed": "The analysis failed by our mistake, three times.",
}

HEAD = """# Errors

Every refusal is `application/problem+json` (RFC 9457): `type` (`urn:medilens:problem:` and the
code), `title`, `status`, `code`, `detail` for people, and `instance`, the request's id, which finds
it in the log. Rely on `code`: it is stable, and the same refusal has the same code in every
function. A refused recording is kept as a failed assessment, which the problem names by
`assessment_id` and `stage`; its last stage has the same code.

This page is made from the source: `uv run python -m local.errors`.

| status | code | meaning | where |
|---|---|---|---|
"""

TAIL = """
## Codes of failed stages alone

| code | meaning |
|---|---|
"""


def refusals() -> dict[str, list[type[MediLensError]]]:
    """Return the exceptions that have a code of their own, by that code."""
    for path in sorted([*ROOT.glob("functions/*/**/*.py"), *ROOT.glob("shared/**/*.py")]):
        # Entry points build an application, which asks for a loop; they define no refusal.
        if path.stem not in NO_MODULES and "training" not in path.parts:
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    by_code: dict[str, list[type[MediLensError]]] = defaultdict(list)
    for kind in _family(MediLensError):
        if "code" in vars(kind):
            by_code[kind.code].append(kind)
    return {
        code: sorted(kinds, key=lambda kind: kind.__module__) for code, kinds in by_code.items()
    }


def _family(kind: type[MediLensError]) -> Iterator[type[MediLensError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith(("functions.", "shared.")):
            yield child
        yield from _family(child)


def page() -> str:
    listed = sorted(refusals().items(), key=lambda item: (item[1][0].status, item[0]))
    rows = "".join(_row(code, kinds) for code, kinds in listed)
    stages = "".join(f"| `{code}` | {words} |\n" for code, words in STAGE_CODES.items())
    return HEAD + rows + TAIL + stages


def _row(code: str, kinds: list[type[MediLensError]]) -> str:
    meanings = " / ".join(dict.fromkeys(map(meaning, kinds)))
    places = ", ".join(sorted({_place(kind) for kind in kinds}))
    return f"| {int(kinds[0].status)} | `{code}` | {meanings} | {places} |\n"


def _place(kind: type[MediLensError]) -> str:
    package, name, *_ = kind.__module__.split(".")
    return name if package == "functions" else "every function"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
