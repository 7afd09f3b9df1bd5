"""The line that a result comes down to, and the lines that a shell gets."""

import re
import shlex
from pathlib import Path

import pytest

from local.invitation import form_file
from local.result import RESULTS
from shared.pipelines import PipelineName
from tests.conftest import ROOT


class TestHeadline:
    @pytest.mark.parametrize(
        ("pipeline", "result", "line"),
        [
            ("cardiology", {"rhythm_classification": "sinus rhythm", "fs_hz": 1}, "sinus rhythm"),
            ("cardiology", {"rhythm_classification": None}, "rhythm not classified"),
            ("cognitive", {"validity": {"verdict": "valid", "reasons": []}}, "valid session"),
            ("radiology", {"heart_size": "normal"}, "heart size normal"),
            ("radiology", {"heart_size": None}, "heart size not judged"),
            ("dermatology", {"image_source": "dermoscopy"}, "lesion outlined, dermoscopy"),
            (
                "retinal",
                {"eye_laterality": "left", "referable_dr_flag": False},
                "left eye, referable retinopathy unlikely",
            ),
            (
                "retinal",
                {"eye_laterality": "unknown", "referable_dr_flag": True},
                "eye not told, referable retinopathy likely",
            ),
            ("speech", {"dysphonia_flag": None}, "voice quality not screened"),
        ],
    )
    def test_it_is_read_from_the_result(
        self, pipeline: str, result: dict[str, object], line: str
    ) -> None:
        assert RESULTS[PipelineName(pipeline)].model_validate(result).headline == line


class TestTypes:
    @pytest.mark.parametrize(
        "module", [*("client", "cli", "result", "showcase"), "assessment_table"]
    )
    def test_nothing_untyped_lies_between_the_answer_and_what_is_printed(self, module: str) -> None:
        """A misspelled name of an answer is then an error of mypy, not of the user's shell."""
        source = (ROOT / "local" / f"{module}.py").read_text()
        assert not re.search(r"\bAny\b|\.json\(\)", source)


class TestFormFile:
    @pytest.mark.parametrize("name", ["plain.csv", "two words.csv", "a;b,c.csv", 'it\'s "me".csv'])
    def test_shell_and_curl_read_the_path_as_it_is(self, name: str) -> None:
        (word,) = shlex.split(form_file(Path("/tmp") / name))
        assert word == 'file=@"/tmp/' + name.replace('"', '\\"') + '"'
