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
from tests.nonempty import nonempty

WRITE = """
import sys
from pathlib import Path
from local.samples.catalog import write
list(write(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All samples, made once: that takes seconds."""
    folder = tmp_path_factory.mktemp("samples")
    list(write(folder))
    return folder


def hashes_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


class TestSamples:
    def test_every_pipeline_has_some_and_no_two_have_one_name(self) -> None:
        missing = sorted(set(PipelineName) - {sample.pipeline for sample in SAMPLES})
        assert missing == [], f"local/samples/catalog.py has no sample of {', '.join(missing)}"
        assert len({(sample.pipeline, sample.slug) for sample in SAMPLES}) == len(SAMPLES)

    def test_another_process_makes_the_same_bytes(self, folder: Path, tmp_path: Path) -> None:
        """Chance in a file, such as an identifier of its container, would store it twice."""
        subprocess.run(
            [sys.executable, "-c", WRITE, tmp_path],
            cwd=ROOT,
            env={**INTERPRETER, "PYTHONHASHSEED": "7"},
            check=True,
        )
        made = hashes_of(folder)
        assert len(made) >= len(SAMPLES)
        assert hashes_of(tmp_path) == made


class TestWrite:
    def test_folder_of_a_pipeline_holds_its_recordings(self, folder: Path) -> None:
        for pipeline in nonempty(PipelineName):
            slugs = {sample.slug for sample in SAMPLES if sample.pipeline == pipeline}
            assert slugs, f"local/samples/catalog.py has no sample of {pipeline}"
            names = {
                recording.name.partition(".")[0] for recording in recordings([folder / pipeline])
            }
            assert names == slugs

    def test_header_names_its_signal_file(self, folder: Path) -> None:
        (twelve,) = recordings([folder / "cardiology" / "twelve-leads.hea"])
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
