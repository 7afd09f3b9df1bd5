"""`medilens model evaluate` on a folder of labelled pictures."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from local.cli import app
from local.labelled_folder import UnlabelledFolder, labelled
from tests.shared.science.models.graphs import classifier
from tests.shared.science.models.test_slot import manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model that calls bright pictures an effusion, and twelve pictures of which eleven agree."""
    graph = classifier([[8.0], [-8.0]], [-4.0, 4.0])
    (tmp_path / "chest.onnx").write_bytes(graph)
    (tmp_path / "chest.json").write_text(json.dumps(manifest(graph)), encoding="utf-8")
    rows = ["file,Effusion,No finding"]
    for k in range(12):
        Image.fromarray(np.full((80, 80), 20 * k, np.uint8)).save(tmp_path / f"{k}.png")
        has_finding = int(k >= 6 or k == 0)
        rows.append(f"{k}.png,{has_finding},{'' if k == 3 else 1 - has_finding}")
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


class TestEvaluate:
    def test_prints_area_interval_and_calibration(self, folder: Path) -> None:
        result = CliRunner().invoke(
            app, ["model", "evaluate", str(folder / "chest.json"), str(folder)]
        )
        assert result.exit_code == 0, result.output
        assert "Effusion: AUC 0.857 (" in result.output
        assert "7 of 12 with it" in result.output
        assert "4 of 11 with it" in result.output
        assert "calibration error" in result.output

    def test_folder_without_labels_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UnlabelledFolder, match=r"labels\.csv is missing"):
            labelled(tmp_path)

    def test_row_without_a_file_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "labels.csv").write_text("name,Effusion\na.png,1\n", encoding="utf-8")
        with pytest.raises(UnlabelledFolder, match="column 'file'"):
            labelled(tmp_path)
