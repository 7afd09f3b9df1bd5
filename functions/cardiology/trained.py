"""The trained models that come with this function."""

from pathlib import Path

from shared.science.logistic import LogisticModel, read_model

FOLDER = Path(__file__).parent / "models"


def load_model(name: str) -> LogisticModel:
    return read_model(FOLDER / f"{name}.json")
