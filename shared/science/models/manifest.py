"""What an operator states about a model of their own: its manifest, in JSON.

    {"schema": "medilens-picture-model-1", "name": "…", "version": "…", "license": "…",
     "intended_use": "…", "file": "cxr.onnx", "sha256": "…",
     "input": {"name": "x", "channels": 1, "height": 224, "width": 224,
               "frame": "center", "scale": "xrv"},
     "output": {"name": "p", "activation": "none", "labels": ["Effusion", "…"]},
     "thresholds": {"Effusion": 0.5}}

The deployment names the sha256 of the manifest, and the manifest that of the ONNX file beside it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from pathlib import PurePath
from typing import Any

from shared.science.models.unusable import UnusableModel

SCHEMA = "medilens-picture-model-1"
TEXTS = ("name", "version", "license", "intended_use", "file", "sha256")
CHANNELS = (1, 3)
MAX_SIDE_PX = 2048


class Scale(StrEnum):
    """Which values the network was trained on."""

    UNIT = "unit"  # 0 to 1
    IMAGENET = "imagenet"  # less ImageNet's mean, by its standard deviation
    XRV = "xrv"  # -1024 to 1024, as torchxrayvision


class Frame(StrEnum):
    """How a picture is brought to the input's shape."""

    CENTER = "center"  # the largest piece of that shape in the middle
    STRETCH = "stretch"  # the whole picture, its sides stretched
    PAD = "pad"  # the whole picture with black at its sides


class Activation(StrEnum):
    """What is still to be done to make probabilities of the output."""

    NONE = "none"
    SIGMOID = "sigmoid"
    SOFTMAX = "softmax"


@dataclass(frozen=True)
class Input:
    name: str
    channels: int
    height: int
    width: int
    frame: Frame
    scale: Scale


@dataclass(frozen=True)
class Output:
    name: str
    activation: Activation
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    name: str
    version: str
    license: str
    intended_use: str
    file: str
    sha256: str
    input: Input
    output: Output
    thresholds: Mapping[str, float]


def parse(content: bytes) -> Manifest:
    """Read a manifest.

    Raises
    ------
    UnusableModel
        Naming the part that is missing or makes no sense.
    """
    try:
        stated = json.loads(content)
        schema = stated["schema"]
        parsed = _manifest(stated)
    except KeyError as missing:
        raise UnusableModel(f"its manifest lacks {missing.args[0]}") from missing
    except (ValueError, TypeError, AttributeError) as invalid:
        raise UnusableModel("its manifest does not follow the schema") from invalid
    if schema != SCHEMA:
        raise UnusableModel(f"its manifest has the schema {schema}; expected {SCHEMA}")
    _require_sense(parsed)
    return parsed


def _manifest(stated: Mapping[str, Any]) -> Manifest:
    shape, answer = stated["input"], stated["output"]
    return Manifest(
        **{name: str(stated[name]) for name in TEXTS},
        input=Input(
            str(shape["name"]),
            int(shape["channels"]),
            int(shape["height"]),
            int(shape["width"]),
            Frame(shape["frame"]),
            Scale(shape["scale"]),
        ),
        output=Output(
            str(answer["name"]), Activation(answer["activation"]), tuple(map(str, answer["labels"]))
        ),
        thresholds={str(name): float(cut) for name, cut in stated.get("thresholds", {}).items()},
    )


def _require_sense(manifest: Manifest) -> None:
    labels, shape = manifest.output.labels, manifest.input
    if shape.channels not in CHANNELS:
        raise UnusableModel(f"its manifest states {shape.channels} channels; expected 1 or 3")
    if not all(1 <= side <= MAX_SIDE_PX for side in (shape.height, shape.width)):
        raise UnusableModel(f"its manifest states an input of {shape.height} x {shape.width}")
    if not labels or len(set(labels)) != len(labels):
        raise UnusableModel("its manifest names no labels, or a label twice")
    if manifest.file != PurePath(manifest.file).name:
        raise UnusableModel("its manifest names a file in another folder")
    strange = set(manifest.thresholds) - set(labels)
    if strange:
        raise UnusableModel(f"its manifest has a threshold for the unknown label {min(strange)}")
    if not all(isfinite(cut) and 0 <= cut <= 1 for cut in manifest.thresholds.values()):
        raise UnusableModel("its manifest has a threshold that is no probability")
