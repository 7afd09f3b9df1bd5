"""What an operator may state about a model, and what makes no sense."""

import json
from typing import Any

import pytest

from shared.science.models.manifest import Activation, Frame, Input, Output, Scale, parse
from shared.science.models.unusable import UnusableModel

STATED: dict[str, Any] = {
    "schema": "medilens-picture-model-1",
    "name": "chest",
    "version": 7,
    "license": "of the clinic",
    "intended_use": "Adults, PA",
    "file": "chest.onnx",
    "sha256": "ab" * 32,
    "input": {
        "name": "x", "channels": 3, "height": 224, "width": 256, "frame": "pad", "scale": "xrv",
    },
    "output": {"name": "p", "activation": "softmax", "labels": ["Effusion", "None"]},
    "thresholds": {"Effusion": 0.5},
}  # fmt: skip


def refusal_of(stated: Any) -> str:
    with pytest.raises(UnusableModel) as refusal:
        parse(json.dumps(stated).encode())
    return refusal.value.detail


class TestParse:
    def test_every_part_is_read(self) -> None:
        manifest = parse(json.dumps(STATED).encode())
        assert manifest.input == Input("x", 3, 224, 256, Frame.PAD, Scale.XRV)
        assert manifest.output == Output("p", Activation.SOFTMAX, ("Effusion", "None"))
        assert manifest.thresholds == {"Effusion": 0.5}
        assert (manifest.version, manifest.file) == ("7", "chest.onnx")

    def test_thresholds_may_be_missing(self) -> None:
        stated = {name: value for name, value in STATED.items() if name != "thresholds"}
        assert parse(json.dumps(stated).encode()).thresholds == {}

    @pytest.mark.parametrize("part", [name for name in STATED if name != "thresholds"])
    def test_any_other_missing_part_is_named(self, part: str) -> None:
        stated = {name: value for name, value in STATED.items() if name != part}
        assert f"lacks {part}" in refusal_of(stated)

    @pytest.mark.parametrize("part", STATED["input"])
    def test_missing_part_of_the_input_is_named(self, part: str) -> None:
        shape = {name: value for name, value in STATED["input"].items() if name != part}
        assert f"lacks {part}" in refusal_of(STATED | {"input": shape})

    @pytest.mark.parametrize(
        "content",
        [b"", b"\xff\xfe", b"{", b"[]", b"null", b'"chest"', b'{"schema": 1, "input": 2}'],
    )
    def test_what_is_no_manifest_at_all(self, content: bytes) -> None:
        with pytest.raises(UnusableModel, match="manifest"):
            parse(content)

    @pytest.mark.parametrize(
        "changes",
        [
            {"input": {"scale": "bytes"}},
            {"input": {"frame": "crop"}},
            {"input": {"width": "wide"}},
            {"output": {"activation": "relu"}},
            {"output": {"labels": 2}},
            {"thresholds": {"Effusion": "high"}},
        ],
    )
    def test_words_and_kinds_that_the_schema_does_not_have(self, changes: dict[str, Any]) -> None:
        changed = {name: STATED[name] | change for name, change in changes.items()}
        assert "does not follow the schema" in refusal_of(STATED | changed)


class TestSense:
    @pytest.mark.parametrize(("height", "width"), [(0, 224), (224, 0), (-1, 224), (224, 2049)])
    def test_sides_that_no_picture_has(self, height: int, width: int) -> None:
        shape = STATED["input"] | {"height": height, "width": width}
        assert f"{height} x {width}" in refusal_of(STATED | {"input": shape})

    @pytest.mark.parametrize("side", [1, 2048])
    def test_smallest_and_largest_sides(self, side: int) -> None:
        shape = STATED["input"] | {"height": side, "width": side}
        assert parse(json.dumps(STATED | {"input": shape}).encode()).input.width == side

    @pytest.mark.parametrize("channels", [0, 2, 4])
    def test_channels_of_neither_gray_nor_color(self, channels: int) -> None:
        stated = STATED | {"input": STATED["input"] | {"channels": channels}}
        assert f"{channels} channels" in refusal_of(stated)

    def test_no_labels(self) -> None:
        stated = STATED | {"output": STATED["output"] | {"labels": []}, "thresholds": {}}
        assert "names no labels" in refusal_of(stated)

    @pytest.mark.parametrize(
        "file", ["../chest.onnx", "/chest.onnx", "a/chest.onnx", "chest/", "."]
    )
    def test_file_of_another_folder(self, file: str) -> None:
        assert "another folder" in refusal_of(STATED | {"file": file})

    @pytest.mark.parametrize("cut", [-0.01, 1.01, float("nan"), float("inf")])
    def test_threshold_that_is_no_probability(self, cut: float) -> None:
        assert "no probability" in refusal_of(STATED | {"thresholds": {"Effusion": cut}})

    @pytest.mark.parametrize("cut", [0, 1])
    def test_threshold_at_an_end(self, cut: int) -> None:
        content = json.dumps(STATED | {"thresholds": {"Effusion": cut}}).encode()
        assert parse(content).thresholds == {"Effusion": cut}
