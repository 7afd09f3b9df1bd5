"""The networks that come with this function."""

from pathlib import Path

from shared.science.logistic import LogisticModel, read_model
from shared.science.models.network import Network, load_network

FOLDER = Path(__file__).parent / "models"


def network(name: str) -> Network:
    return load_network(FOLDER / f"{name}.onnx")


def referable_model() -> LogisticModel:
    return read_model(FOLDER / "referable.json")
