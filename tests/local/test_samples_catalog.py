"""The samples that the demo shows and the documents name."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from local.client import content_key
from local.recordings import recordings
from local.samples.catalog import SAMPLES, write
from shared.pipelines import PipelineName
from shared.recording import RecordingFile
from shared.schemas import PipelineInfo
from tests.conftest import INTERPRETER, ROOT

HASHES = """
from hashlib import sha256
from local.samples.catalog import SAMPLES
for sample in SAMPLES:
    print(sample.name, *(sha256(file.content).hexdigest() for file in sample.make()))
"""


class TestSamples:
    def test_every_pipeline_has_some_and_no_two_have_one_name(self) -> None:
        assert {sample.pipeline for sample in SAMPLES} == set(PipelineName)
        assert len({(sample.pipeline, sample.slug) for sample in SAMPLES}) == len(SAMPLES)

    def test_another_process_makes_the_same_bytes(self) -> None:
        """Chance in a file, such as an identifier of its container, would store it twice."""
        made = subprocess.run(
            [sys.executable, "-c", HASHES],
            cwd=ROOT,
            env={**INTERPRETER, "PYTHONHASHSEED": "7"},
            capture_output=True,
            text=True,
            check=True,
        )
        here = [
            " ".join([sample.name, *(sha256(file.content).hexdigest() for file in sample.make())])
            for sample in SAMPLES
        ]
        assert made.stdout.splitlines() == here


class TestWrite:
    def test_folder_of_a_pipeline_holds_its_recordings(self, tmp_path: Path) -> None:
        files = list(write(tmp_path))

        assert files
        for pipeline in PipelineName:
            names = {
                recording.name.partition(".")[0] for recording in recordings([tmp_path / pipeline])
            }
            assert names == {sample.slug for sample in SAMPLES if sample.pipeline == pipeline}

    def test_header_names_its_signal_file(self, tmp_path: Path) -> None:
        list(write(tmp_path))
        (twelve,) = recordings([tmp_path / "cardiology" / "twelve-leads.hea"])
        assert [path.name for path in twelve.paths] == ["twelve-leads.hea", "twelve-leads.dat"]


class TestContentKey:
    @pytest.fixture
    def info(self) -> PipelineInfo:
        return PipelineInfo(
            pipeline="cardiology", version="1.0.0", formats=[], limits={}, biomarkers=[], sources={}
        )

    def test_order_of_fields_and_name_of_a_copy_take_no_part(self, info: PipelineInfo) -> None:
        files = SAMPLES[0].make()
        copy = [RecordingFile("copy.csv", file.content) for file in files]
        fields = {"sex": "female", "age_years": "61"}
        turned = dict(reversed(fields.items()))
        assert content_key(info, files, fields) == content_key(info, copy, turned)

    def test_name_that_a_pipeline_reads_does(self, info: PipelineInfo) -> None:
        logs = info.model_copy(update={"pipeline": "cognitive"})
        named = [[RecordingFile(name, b"{}")] for name in ("stroop.json", "flanker.json")]
        assert len({content_key(logs, files, {}) for files in named}) == 2

    def test_content_field_and_version_do(self, info: PipelineInfo) -> None:
        files, others = SAMPLES[0].make(), SAMPLES[1].make()
        newer = info.model_copy(update={"version": "1.1.0"})
        keys = {
            content_key(info, files, {}),
            content_key(info, others, {}),
            content_key(info, files, {"sex": "male"}),
            content_key(newer, files, {}),
        }
        assert len(keys) == 4
