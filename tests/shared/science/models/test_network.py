import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from shared.errors import OurMistake
from shared.science.models.network import load_network
from tests.shared.science.models.graphs import classifier

GRAPH = classifier([[2.0, 0.0, 0.0]], [-1.0])


def committed(folder: Path, sha256: str) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(GRAPH)
    card = {"name": "model", "version": "3", "sha256": sha256}
    path.with_suffix(".json").write_text(json.dumps(card), encoding="utf-8")
    return path


class TestNetwork:
    def test_answers_what_its_graph_computes(self, tmp_path: Path) -> None:
        sha256 = hashlib.sha256(GRAPH).hexdigest()
        network = load_network(committed(tmp_path, sha256))
        picture = np.full((1, 3, 32, 32), 0.5, np.float32)
        assert network(picture) == pytest.approx(0.5)
        assert (network.used.name, network.used.version) == ("model", "3")
        assert network.used.sha256 == sha256

    def test_file_that_is_not_the_cards_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(OurMistake, match=r"model\.onnx"):
            load_network(committed(tmp_path, "0" * 64))
