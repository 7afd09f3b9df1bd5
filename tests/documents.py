"""The commands that the documents name, and how each is checked."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.conftest import ROOT

PATTERNS = ("*.md", "docs/**/*.md", "functions/*/README.md", "migrations/README.md")
HISTORY = ROOT / "CHANGELOG.md"
DOCUMENTS = [
    *sorted({path for pattern in PATTERNS for path in ROOT.glob(pattern)} - {HISTORY}),
    ROOT / "tests" / "accuracy" / "README.md",
]

BLOCK = re.compile(
    r"(?:^ *<!-- (?P<mark>[^>]+) -->\n)?^(?P<indent> *)```sh\n(?P<script>.*?)^ *```",
    re.DOTALL | re.MULTILINE,
)
PROGRAMS = r"\./medilens|medilens|make|uv run|curl|psql|python3?|sam|vercel|aws|git"
INLINE = re.compile(rf"(?<!`)`((?:[A-Z_]+=\S+ )*(?:{PROGRAMS}) [^`\n]+)`(?!`)")


class How(StrEnum):
    """How a command is known to work."""

    HERE = "run by tests/test_first_hour.py, as it stands"
    ARTIFACTS = "run by tests/artifacts/test_runbook.py, as it stands"
    ACCOUNT = "needs an account: parsed"
    ELSEWHERE = "run by a gate, or too long for one"


@dataclass(frozen=True)
class Command:
    """One block, or one command within a line."""

    document: Path
    script: str
    mark: str | None = None

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}: {self.script.strip().splitlines()[0]}"

    @property
    def how(self) -> How:
        if self.mark == "needs an account":
            return How.ACCOUNT
        if self.mark == "run offline":
            return How.ARTIFACTS
        lines = [line.partition("  #")[0].strip() for line in self.script.splitlines()]
        if all(re.sub(r"^([A-Z_]+=\S+ )+", "", line) in ELSEWHERE for line in lines if line):
            return How.ELSEWHERE
        programs = {"sam", "vercel", "aws", "psql"}
        return How.ACCOUNT if self.script.split()[0] in programs else How.HERE


# Commands that no test may run, and what does instead: a file that holds them, or why nothing can.
ELSEWHERE = {
    "make run": "",  # by MakeRun of tests/medilens.py
    # They measure every sample anew.
    "uv run python -m tests.functions.assistant.golden_records": "",
    "uv run python -m tests.functions.assistant.golden_histories": "",
    "./medilens dev": "Makefile",
    "make test": ".ci/run",
    "make check": ".ci/run",
    "make build": ".ci/run",
    "make build-for-aws": "",
    "make build-for-vercel": "",
    "make test-artifacts": ".ci/run",
    "make test-clock": "",
    "make test-faults": "",
    "make lock": "",
    "make bench": "",
    "./medilens bench": "Makefile",
    "./medilens bench --quick": ".ci/run",
    "make check && make test && make build && make test-artifacts": "",
    "uv run pytest tests/accuracy": "",
    "uv run python -m bench.cold_start": "",
    "uv run python -m bench.exports": "",
    "uv run python -m bench.reports": "",
    # On a database that was put back from a dump: tests/functions/maintenance/test_erasures.py.
    "./medilens restore": "",
    # The console's copy of a library is made again by tests/functions/console/test_vendor.py.
    "make vendored": "functions/console/site/vendor/VENDOR.json",
    # Pictures of the console are looked at, by the browser that `make sync` does not bring.
    "make screenshots": "",
    # Each attack is tried by tests/local/prove, the command itself by test_stranger.py there.
    "./medilens prove --html report.html": "",
    "./medilens prove --html report.html --json report.json": "",
    "./medilens prove --url https://api.example.org --tokens tokens.json --html report.html": "",
    "./medilens prove tokens tokens.json": "",
    "./medilens prove table": "",
    # Their outcome is compared with what is kept, by a test each.
    "make pages": "",
    "uv run python -m local.openapi": "tests/test_architecture.py",
    "uv run python -m local.errors": "tests/test_api_examples.py",
    "uv run python -m tests.access": "tests/access.py",
    "uv run python -m local.schema_page": "tests/migrations/test_schema_page.py",
    "uv run python -m local.science_lock": "local/science_lock.py",
    "uv run python -m local.science_lock --same-numbers cardiology": "",
    # Parts of the tests themselves.
    "make sync": "",
    "uv run --frozen pytest tests/functions/cardiology/test_hrv.py": "",
    "uv run --frozen pytest tests/functions/cardiology -k ectopic": "",
    "uv run --frozen pytest tests/test_architecture.py -q": "",
    "uv run --frozen pytest tests/functions/records -x --pdb": "",
    "uv run --frozen pytest tests/test_architecture.py tests/test_words*.py tests/migrations": "",
    "uv run --frozen pytest tests/test_template.py tests/test_deploy_drift.py tests/test_docs.py"
    " tests/local tests/functions/assistant": "",
    "uv run python -m functions.cardiology.training.evidence": "",
    # They measure the labelled recordings, for minutes.
    "uv run python -m functions.speech.training.one_voice": "",
    "uv run python -m functions.speech.training.codec_limits": "",
    # They train networks, for minutes, with libraries that nothing else installs.
    "uv run --group training python -m functions.dermatology.training.border": "",
    "uv run --group training python -m functions.radiology.training.outlines": "",
    # An operator's own files; tests/local/test_models.py runs it with a graph made in code.
    "./medilens model evaluate model.json labelled/": "",
    # Its form without arguments; README.md has one that runs.
    "./medilens organization create …": "",
    # Its form with ID; tests/local/test_replay.py runs it with one.
    "./medilens replay ID [FILES…]": "",
    # Its form with ID; tests/local/test_explaining.py runs it with one.
    "./medilens explain ID": "",
    # Its form with PERSON; tests/local/test_leaving.py runs it with one.
    "./medilens export PERSON --whole --fhir --pdf --csv --to FOLDER": "",
    "./medilens export PERSON --whole": "",
    # Its form with ORGANIZATION; tests/local/test_trail.py runs it with one.
    "./medilens audit export ORGANIZATION": "",
}


def commands(document: Path) -> list[Command]:
    text = document.read_text(encoding="utf-8")
    blocks = [
        Command(document, match["script"].replace("\n" + match["indent"], "\n"), match["mark"])
        for match in BLOCK.finditer(text)
    ]
    inline = [Command(document, script) for script in INLINE.findall(BLOCK.sub("", text))]
    return blocks + list(dict.fromkeys(inline))


COMMANDS = [command for document in DOCUMENTS for command in commands(document)]
