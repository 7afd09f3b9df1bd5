"""Add a member to `PipelineName`, and these say in words which of its words are missing, and where.

What it consists of beside its words, `tests/test_architecture.py` says.
"""

import json
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest

from functions.assistant.language import Voice, language
from shared.pipelines import PipelineName
from tests.conftest import ROOT
from tests.nonempty import nonempty

ENGLISH = language("en")
LANGUAGES = Path("functions/assistant/languages")
CONSOLE = Path("functions/console/site/words.js")
# What is read before it is committed, by the module that writes it.
GOLDEN = {
    "golden_records": ["records.json", *(f"explained-to-{voice}.txt" for voice in Voice)],
    "golden_histories": [f"history-for-{voice}.txt" for voice in Voice],
}


def measures(pipeline: PipelineName) -> list[str]:
    """Return the names of what a pipeline measures."""
    path = f"functions/{pipeline}/norms.py"
    assert (ROOT / path).is_file(), f"{path} is missing"
    names: Iterable[str] = import_module(f"functions.{pipeline}.norms").BIOMARKERS
    return nonempty(names)


@pytest.mark.parametrize("pipeline", PipelineName)
class TestWords:
    def test_assistant_has_its_opening_and_its_limits(self, pipeline: PipelineName) -> None:
        for path in nonempty((ROOT / LANGUAGES).glob("*.json")):
            told = json.loads(path.read_text(encoding="utf-8"))["pipelines"]
            assert pipeline in told, f"{LANGUAGES / path.name}: pipelines lacks {pipeline}"

    def test_patients_read_what_it_measures_in_plain_words(self, pipeline: PipelineName) -> None:
        missing = [
            name
            for name in measures(pipeline)
            if ENGLISH.name(name, Voice.PATIENT) == ENGLISH.name(name, Voice.CLINICIAN)
        ]
        assert missing == [], f"{LANGUAGES}/en.json: names lacks {', '.join(missing)}"

    def test_patients_read_what_that_means(self, pipeline: PipelineName) -> None:
        missing = [
            name for name in measures(pipeline) if not ENGLISH.description(name, "", Voice.PATIENT)
        ]
        assert missing == [], f"{LANGUAGES}/en.json: meanings lacks {', '.join(missing)}"

    def test_console_names_it(self, pipeline: PipelineName) -> None:
        words = (ROOT / CONSOLE).read_text(encoding="utf-8")
        assert f" {pipeline}: " in words, f"{CONSOLE}: no word for {pipeline}"

    @pytest.mark.parametrize("writer", GOLDEN)
    def test_its_explanations_were_read(self, pipeline: PipelineName, writer: str) -> None:
        folder = Path("tests", "functions", pipeline, "golden")
        missing = [name for name in GOLDEN[writer] if not (ROOT / folder / name).is_file()]
        assert missing == [], (
            f"{folder} lacks {', '.join(missing)}: `uv run python -m"
            f" tests.functions.assistant.{writer}` writes it, to be read before it is committed"
        )
