"""The networks that come with this function, and their maps of a canvas."""

from pathlib import Path

import numpy as np

from functions.retinal.field import MULTIPLE, Floats
from shared.science.logistic import LogisticModel, read_model
from shared.science.models.network import Network, load_network

FOLDER = Path(__file__).parent / "models"


def network(name: str) -> Network:
    return load_network(FOLDER / f"{name}.onnx")


def maps(model: Network, rgb: Floats) -> Floats:
    """Probabilities, `(channels, height, width)`, of a picture `(height, width, 3)`."""
    height, width = rgb.shape[:2]
    margins = ((0, -height % MULTIPLE), (0, -width % MULTIPLE), (0, 0))
    padded = np.pad(rgb, margins, mode="reflect")
    output = model(np.ascontiguousarray(padded.transpose(2, 0, 1))[None])
    return output[0, :, :height, :width]


def referable_model() -> LogisticModel:
    return read_model(FOLDER / "referable.json")
