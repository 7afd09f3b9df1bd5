"""Where the lungs and the heart are: the network's outlines at the film's working size.

`models/outlines.json` says what the network learned from and how well it does.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from functions.radiology.film import Film, Floats, Mask
from shared.record import ModelUsed
from shared.science.images.regions import components, fill_holes
from shared.science.models.network import load_network

MODEL = Path(__file__).parent / "models" / "outlines.onnx"
SIDE_PX = 256


@dataclass(frozen=True)
class Organ:
    """The largest region of an organ, and how sure the network is of it.

    `dominance` is the region's share of all pixels given to the organ; `certainty` the mean
    probability inside the region.
    """

    mask: Mask
    dominance: float
    certainty: float

    @property
    def area(self) -> float:
        """Share of the film."""
        return float(self.mask.mean())

    @property
    def center(self) -> tuple[float, float]:
        """(column, row) in shares of the film's width and height."""
        rows, columns = np.nonzero(self.mask)
        height, width = self.mask.shape
        return float(columns.mean() + 0.5) / width, float(rows.mean() + 0.5) / height

    @property
    def columns(self) -> tuple[int, int]:
        """The first column and the one behind the last."""
        marked = np.flatnonzero(self.mask.any(axis=0))
        return int(marked[0]), int(marked[-1]) + 1

    @property
    def rows(self) -> tuple[int, int]:
        """The first row and the one behind the last."""
        marked = np.flatnonzero(self.mask.any(axis=1))
        return int(marked[0]), int(marked[-1]) + 1


@dataclass(frozen=True)
class Organs:
    """Right and left are the person's: the right lung lies on the left of a film."""

    right_lung: Organ
    left_lung: Organ
    heart: Organ
    used: ModelUsed

    @property
    def lungs(self) -> Mask:
        return self.right_lung.mask | self.left_lung.mask


def outline(film: Film) -> Organs:
    """Outline lungs and heart with the network, at the film's own working size.

    The film lies in the middle of a black square and is not stretched, as in training, there but
    for the drawn aspect.

    Parameters
    ----------
    film : Film

    Returns
    -------
    Organs
        What is missing has an empty mask; whether the outlines can be true is asked in
        `plausibility.py`.
    """
    side = max(film.gray.shape)
    square, place = np.zeros((side, side), np.float32), _middle(film.gray.shape, side)
    square[place] = film.gray
    small = Image.fromarray(square).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    network = load_network(MODEL)
    logits = network(np.asarray(small, np.float32)[None, None])[0]
    right, left, heart = (organ(_enlarged(channel, side)[place]) for channel in logits)
    return Organs(right, left, heart, network.used)


def _middle(shape: tuple[int, ...], side: int) -> tuple[slice, ...]:
    """Where a picture lies in the middle of a square."""
    starts = [(side - size) // 2 for size in shape]
    return tuple(slice(start, start + size) for start, size in zip(starts, shape, strict=True))


def _enlarged(logits: Floats, side: int) -> Floats:
    image = Image.fromarray(np.ascontiguousarray(logits, np.float32))
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))


def organ(logits: Floats) -> Organ:
    """Return the largest region where the logits are positive, its holes filled.

    Parameters
    ----------
    logits : (height, width) ndarray of float32

    Returns
    -------
    Organ
        Its mask has the shape of `logits`. The certainty is that before the holes were filled.
    """
    parts = components(logits > 0)
    if not parts.count:
        return Organ(np.zeros(logits.shape, bool), 0.0, 0.0)
    largest = int(np.argmax(parts.areas_px))
    mask = parts.labels == largest + 1
    certainty = float((1 / (1 + np.exp(-logits[mask]))).mean())
    dominance = float(parts.areas_px[largest] / parts.areas_px.sum())
    return Organ(fill_holes(mask), dominance, certainty)
