import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.science.models.slot import OperatorModel, load_operator_model
from shared.science.models.unusable import UnusableModel
from tests.shared.science.models.graphs import classifier

# Two labels of one gray channel: sigmoid of the mean, and of its opposite.
GRAPH = classifier([[4.0], [-4.0]], [-2.0, 2.0])
LABELS = ["Effusion", "No finding"]


def manifest(graph: bytes, **changes: Any) -> dict[str, Any]:
    stated: dict[str, Any] = {
        "schema": "medilens-picture-model-1",
        "name": "chest",
        "version": "7",
        "license": "of the clinic",
        "intended_use": "Adults, PA",
        "file": "chest.onnx",
        "sha256": hashlib.sha256(graph).hexdigest(),
        "input": {
            "name": "x", "channels": 1, "height": 32, "width": 32,
            "frame": "center", "scale": "unit",
        },
        "output": {"name": "p", "activation": "none", "labels": LABELS},
        "thresholds": {"Effusion": 0.5},
    }  # fmt: skip
    for name, change in changes.items():
        part = stated.get(name)
        stated[name] = part | change if isinstance(part, dict) else change
    return stated


def installed(folder: Path, graph: bytes = GRAPH, **changes: Any) -> OperatorModel:
    (folder / "chest.onnx").write_bytes(graph)
    content = json.dumps(manifest(graph, **changes)).encode()
    place = folder / "chest.json"
    place.write_bytes(content)
    return load_operator_model(place, hashlib.sha256(content).hexdigest())


class TestGoodModel:
    def test_gives_a_probability_for_each_label(self, tmp_path: Path) -> None:
        model = installed(tmp_path)
        white = model.probabilities(np.ones((50, 40), np.float32))
        assert white == pytest.approx({"Effusion": 0.881, "No finding": 0.119}, abs=1e-3)
        assert (model.used.name, model.used.version) == ("chest", "7")
        assert model.used.sha256 == hashlib.sha256(GRAPH).hexdigest()

    def test_color_becomes_gray_for_one_channel(self, tmp_path: Path) -> None:
        model = installed(tmp_path)
        colored = model.probabilities(np.ones((50, 40, 3), np.float32))
        assert colored["Effusion"] == pytest.approx(0.881, abs=1e-3)

    def test_gray_stands_in_all_of_three_channels(self, tmp_path: Path) -> None:
        graph = classifier([[1.0, 1.0, 1.0]], [-3.0])
        output = {"labels": ["Effusion"]}
        model = installed(tmp_path, graph, input={"channels": 3}, output=output)
        assert model.probabilities(np.ones((40, 40), np.float32))["Effusion"] == pytest.approx(0.5)

    @pytest.mark.parametrize(
        ("scale", "value"), [("unit", 0.75), ("imagenet", (0.75 - 0.485) / 0.229), ("xrv", 512.0)]
    )
    def test_values_are_brought_to_the_scale(
        self, tmp_path: Path, scale: str, value: float
    ) -> None:
        graph = classifier([[0.002, 0.0, 0.0]], [0.0])
        output = {"labels": ["Effusion"]}
        model = installed(tmp_path, graph, input={"channels": 3, "scale": scale}, output=output)
        probability = model.probabilities(np.full((40, 40), 0.75, np.float32))["Effusion"]
        assert probability == pytest.approx(1 / (1 + np.exp(-0.002 * value)), abs=1e-5)

    @pytest.mark.parametrize(("frame", "share"), [("center", 1.0), ("stretch", 0.5), ("pad", 0.25)])
    def test_wide_picture_is_framed_as_the_manifest_says(
        self, tmp_path: Path, frame: str, share: float
    ) -> None:
        picture = np.zeros((100, 200), np.float32)
        picture[:, 50:150] = 1
        model = installed(tmp_path, input={"frame": frame})
        probability = model.probabilities(picture)["Effusion"]
        assert probability == pytest.approx(1 / (1 + np.exp(2 - 4 * share)), abs=0.01)


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"sha256": "0" * 64}, "another sha256 than its manifest"),
            ({"schema": "other"}, "schema other"),
            ({"file": "../chest.onnx"}, "another folder"),
            ({"file": "absent.onnx"}, "absent.onnx cannot be read"),
            ({"thresholds": {"Mass": 0.5}}, "unknown label Mass"),
            ({"thresholds": {"Effusion": 2}}, "no probability"),
            ({"input": {"channels": 3}}, "1 channels; the manifest says 3"),
            ({"input": {"channels": 2}}, "2 channels; expected 1 or 3"),
            ({"input": {"height": 64}}, "32 rows; the manifest says 64"),
            ({"input": {"name": "image"}}, "inputs are x; the manifest names image"),
            ({"input": {"scale": "bytes"}}, "does not follow the schema"),
            ({"output": {"name": "y"}}, "outputs are p; the manifest names y"),
            ({"output": {"labels": ["Effusion", "b", "c"]}}, "2 values; its manifest names 3"),
            ({"output": {"labels": ["Effusion", "Effusion"]}}, "a label twice"),
        ],
    )
    def test_say_what_differs(self, tmp_path: Path, changes: dict[str, Any], told: str) -> None:
        with pytest.raises(UnusableModel, match=told):
            installed(tmp_path, **changes)

    def test_missing_part_is_named(self, tmp_path: Path) -> None:
        stated = manifest(GRAPH)
        del stated["license"]
        content = json.dumps(stated).encode()
        (tmp_path / "chest.json").write_bytes(content)
        with pytest.raises(UnusableModel, match="lacks license"):
            load_operator_model(tmp_path / "chest.json", hashlib.sha256(content).hexdigest())

    def test_manifest_that_the_deployment_does_not_name(self, tmp_path: Path) -> None:
        installed(tmp_path)
        with pytest.raises(UnusableModel, match="than the deployment names"):
            load_operator_model(tmp_path / "chest.json", "0" * 64)

    def test_weights_in_other_files(self, tmp_path: Path) -> None:
        graph = classifier([[4.0], [-4.0]], [-2.0, 2.0], external=True)
        with pytest.raises(UnusableModel, match="other files"):
            installed(tmp_path, graph)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_values_that_are_no_numbers(self, tmp_path: Path, value: float) -> None:
        graph = classifier([[value], [1.0]], [0.0, 0.0])
        with pytest.raises(UnusableModel, match="no numbers"):
            installed(tmp_path, graph)

    def test_operators_of_a_later_time(self, tmp_path: Path) -> None:
        graph = classifier([[4.0], [-4.0]], [-2.0, 2.0], opset=99)
        with pytest.raises(UnusableModel, match="opset"):
            installed(tmp_path, graph)

    def test_no_graph_at_all(self, tmp_path: Path) -> None:
        with pytest.raises(UnusableModel, match="no ONNX graph"):
            installed(tmp_path, b"hello")

    def test_is_a_503_with_a_stable_code(self) -> None:
        assert (UnusableModel("x").status, UnusableModel.code) == (503, "unusable-model")
