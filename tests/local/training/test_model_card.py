"""The card of a model says which bytes it is, and how sure its figures are."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from local.training.model_card import ModelCard, Source, figure, write_card

CARD = ModelCard(
    name="modality",
    version="1",
    purpose="Tells µ from the rest",
    input="RGB",
    output="logits",
    architecture="four convolutions",
    n_parameters=5,
    licence="Apache-2.0",
    trained_on=[Source("drawn", "own", "local/samples", 7)],
    split="every fifth",
    training="1 step",
    cpu_minutes=0.5,
    seeds=[0],
    figures=[figure("right", [True, True, False, True], "left out")],
    limits=["few pictures"],
)


class TestFigure:
    def test_value_is_the_mean_of_the_pictures(self) -> None:
        told = figure("right", [True, True, False, True], "left out")
        assert (told.name, told.value, told.n, told.data) == ("right", 0.75, 4, "left out")

    def test_interval_is_that_of_a_share(self) -> None:
        """Of 400 pictures with a share of 0.8 the standard error is 0.02."""
        told = figure("right", np.arange(400) % 5 > 0, "left out")
        assert told.low == pytest.approx(0.8 - 1.96 * 0.02, abs=0.006)
        assert told.high == pytest.approx(0.8 + 1.96 * 0.02, abs=0.006)

    def test_more_pictures_make_it_narrower(self) -> None:
        few, many = (figure("right", np.arange(n) % 2, "") for n in (20, 2000))
        assert few.high - few.low > 5 * (many.high - many.low)

    def test_pictures_that_agree_leave_no_doubt(self) -> None:
        told = figure("dice", [0.87654321] * 9, "")
        assert (told.low, told.value, told.high) == (0.8765, 0.8765, 0.8765)

    def test_same_pictures_give_the_same_interval(self) -> None:
        values = [0.1, 0.9, 0.4]
        assert figure("dice", values, "") == figure("dice", values, "")


class TestWriteCard:
    def test_it_lies_beside_the_model_and_names_its_bytes(self, tmp_path: Path) -> None:
        model = tmp_path / "modality.onnx"
        model.write_bytes(b"graph")
        write_card(CARD, model)
        told = json.loads((tmp_path / "modality.json").read_text(encoding="utf-8"))
        assert told.pop("sha256") == sha256(b"graph").hexdigest()
        assert told == asdict(CARD)

    def test_words_are_readable_as_they_are(self, tmp_path: Path) -> None:
        (tmp_path / "modality.onnx").touch()
        write_card(CARD, tmp_path / "modality.onnx")
        assert "Tells µ" in (tmp_path / "modality.json").read_text(encoding="utf-8")
