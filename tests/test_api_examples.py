"""The examples of docs/api.md, run as they stand there against a server with a real database."""

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.errors import PAGE, STAGE_CODES, page, refusals
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file
from shared.permissions import RoleName
from tests.conftest import INTERPRETER, ROOT, Clinic
from tests.factories.examinations import stored
from tests.nonempty import nonempty

EXAMPLES = re.findall(
    r"```(python|javascript)\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL
)
COMMANDS = {"python": [sys.executable], "javascript": ["node"]}
SUFFIXES = {"python": "py", "javascript": "mjs"}


# A receiver's, which `test_outgoing_webhooks.py` runs on what really comes.
VERIFIES = "def verified("
CALLS = [example for example in EXAMPLES if VERIFIES not in example[1]]


@pytest.mark.parametrize("number", range(len(CALLS)))
async def test_example_runs_as_it_stands(
    clinic: Clinic, url: str, tmp_path: Path, number: int
) -> None:
    language, source = CALLS[number]
    if shutil.which(COMMANDS[language][0]) is None:
        pytest.skip("there is no node here")
    await stored(clinic)
    file = csv_file(synthesize([Episode(Rhythm.SINUS, 20, rate_bpm=72)], fs_hz=250, leads=("II",)))
    (tmp_path / "sample.csv").write_bytes(file.content)
    script = tmp_path / f"example.{SUFFIXES[language]}"
    script.write_text(source)
    environment = INTERPRETER | {
        "MEDILENS_URL": url,
        "MEDILENS_TOKEN": clinic.token(RoleName.CLINICIAN),
        "NO_PROXY": "127.0.0.1",
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [*COMMANDS[language], str(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"heart_rate 7\d|1 sign-offs", done.stdout), done.stdout


def test_there_is_an_example_of_each_kind_in_each_language() -> None:
    assert [language for language, _ in CALLS] == ["python", "javascript"] * 2


class TestErrors:
    def test_page_is_what_the_source_says(self) -> None:
        assert PAGE.read_text(encoding="utf-8") == page(), "run `uv run python -m local.errors`"

    def test_every_code_of_the_source_is_on_it(self) -> None:
        written = {
            code
            for folder in ("shared", "functions")
            for path in (ROOT / folder).glob("**/*.py")
            for code in re.findall(r'^    code = "([a-z-]+)"', path.read_text(), re.MULTILINE)
        }
        assert written <= refusals().keys()
        assert len(written) > 70

    def test_every_code_that_ends_a_stage_otherwise_is_on_it(self) -> None:
        sources = [ROOT / "shared/examination/worker.py", *ROOT.glob("migrations/versions/*.py")]
        written = {
            code
            for path in sources
            for code in re.findall(r"[\"'](analysis-\w+)", path.read_text())
        }
        assert written == STAGE_CODES.keys()

    def test_every_refusal_says_what_it_means_and_the_same_code_has_one_status(self) -> None:
        for code, kinds in nonempty(refusals().items()):
            assert all(kind.__doc__ for kind in kinds), code
            assert len({kind.status for kind in kinds}) == 1, code
