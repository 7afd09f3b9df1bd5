"""The card of a committed model: what it learned from, how well it does, and which bytes it is."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

DRAWS = 2000
INTERVAL = (2.5, 97.5)
DECIMALS = 4


@dataclass(frozen=True)
class Source:
    """A data set, its licence as stated, where it came from and how many pictures of it."""

    name: str
    licence: str
    origin: str
    n: int


@dataclass(frozen=True)
class Figure:
    """A measured figure with its 95 % interval over pictures."""

    name: str
    value: float
    low: float
    high: float
    n: int
    data: str


@dataclass(frozen=True)
class ModelCard:
    """What `write_card` writes beside the file of the model."""

    name: str
    version: str
    purpose: str
    input: str
    output: str
    architecture: str
    n_parameters: int
    licence: str
    trained_on: list[Source]
    split: str
    training: str
    cpu_minutes: float
    seeds: list[int]
    figures: list[Figure]
    limits: list[str]


def write_card(card: ModelCard, model: Path) -> None:
    """Write `<model>.json` beside `<model>.onnx`, with the sha256 of the file."""
    content = asdict(card) | {"sha256": hashlib.sha256(model.read_bytes()).hexdigest()}
    text = json.dumps(content, indent=2, ensure_ascii=False)
    model.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def figure(name: str, per_picture: npt.ArrayLike, data: str) -> Figure:
    """Mean of a figure per picture, with the bootstrap interval over pictures (fixed seed)."""
    values = np.asarray(per_picture, float)
    draws = np.random.default_rng(0).choice(values, (DRAWS, len(values))).mean(axis=1)
    low, high = np.percentile(draws, INTERVAL)
    return Figure(
        name, round(float(values.mean()), DECIMALS), round(float(low), DECIMALS),
        round(float(high), DECIMALS), len(values), data,
    )  # fmt: skip
