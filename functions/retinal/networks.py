"""The networks that come with this function."""

from pathlib import Path

from shared.science.logistic import LogisticModel, read_model
from shared.science.models.network import Network, load_network

FOLDER = Path(__file__).parent / "models"


def network(name: str) -> Network:
    """Load a network of this function's own, once per process.

    Parameters
    ----------
    name : str
        Of `models/<name>.onnx`.

    Returns
    -------
    Network
        From (n, channels, height, width) ndarray of float32 to its first output.

    Raises
    ------
    OurMistake
        If the file is not the one that its card describes.
    """
    return load_network(FOLDER / f"{name}.onnx")


def referable_model() -> LogisticModel:
    return read_model(FOLDER / "referable.json")
