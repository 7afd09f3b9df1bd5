"""The trained models that come with this function."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType

from shared.science.logistic import LogisticModel, read_model

FOLDER = Path(__file__).parent / "models"
_NONE: Mapping[str, LogisticModel] = MappingProxyType({})
_STAND_INS = ContextVar("stand-ins", default=_NONE)


def load_model(name: str) -> LogisticModel:
    """Read a model that comes with this function, or what stands in for it."""
    return _STAND_INS.get().get(name) or read_model(FOLDER / f"{name}.json")


@contextmanager
def standing_in(models: Mapping[str, LogisticModel]) -> Iterator[None]:
    """Use other models by these names, to measure the analysis on people they never saw."""
    token = _STAND_INS.set(models)
    try:
        yield
    finally:
        _STAND_INS.reset(token)
