"""Patches of labelled photos, drawn at random."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from functions.retinal.canvas import Floats
from functions.retinal.field import Bytes
from local.training.augmentation import (
    Batch,
    Geometry,
    Photometry,
    draw_affine,
    photometric,
    stack,
    warp,
)

# Patches are drawn at twice their size and shrunk: masks of thin vessels need it.
OVERSAMPLING = 2
GRID_PX = 8  # where centers of patches may lie


@dataclass(frozen=True)
class Labelled:
    """A photo on its canvas with the labels of each pixel, in bytes.

    Attributes
    ----------
    rgb, label, inside
        `(height, width, channels)` the first two; `inside` marks the field with 255.
    scale
        Its pixels per pixel that the network sees.
    cut
        Labels above this (of 255) count as 1, the others as 0; without it they are probabilities.
    spots
        `(n, 2)` columns and rows around which half of the patches are drawn.
    """

    rgb: Bytes
    label: Bytes
    inside: Bytes
    scale: float
    cut: int | None
    spots: npt.NDArray[np.int_] = field(default_factory=lambda: np.empty((0, 2), int))


@dataclass(frozen=True)
class Patches:
    """How patches are drawn: their size and number, from each of the sources in turn."""

    sources: list[list[Labelled]]
    size_px: int
    number: int
    geometry: Geometry
    light: Photometry

    def __call__(self, rng: np.random.Generator) -> Batch:
        drawn = [
            self._patch(self.sources[index % len(self.sources)], rng)
            for index in range(self.number)
        ]
        pictures, labels, weights = (list(part) for part in zip(*drawn, strict=True))
        return stack(pictures), stack(labels), stack(weights)

    def _patch(
        self, source: list[Labelled], rng: np.random.Generator
    ) -> tuple[Floats, Floats, Floats]:
        item = source[rng.integers(len(source))]
        size = (OVERSAMPLING * self.size_px,) * 2
        scale = OVERSAMPLING / item.scale
        matrix = draw_affine(rng, _center(item, rng), size, self.geometry, scale)
        picture = halved(warp(item.rgb, matrix, size))
        label = halved(warp(item.label, matrix, size, border=0))
        inside = halved(warp(item.inside, matrix, size, border=0))
        if item.cut is not None:
            label = (label > item.cut / 255).astype(np.float32)
        weight = (inside > 1 / 2).astype(np.float32)
        return photometric(picture, rng, self.light), label, weight


def _center(item: Labelled, rng: np.random.Generator) -> tuple[float, float]:
    if len(item.spots) and rng.random() < 1 / 2:
        column, row = item.spots[rng.integers(len(item.spots))]
        return float(column), float(row)
    rows, columns = np.nonzero(item.inside[::GRID_PX, ::GRID_PX])
    pick = rng.integers(len(rows))
    return float(GRID_PX * columns[pick]), float(GRID_PX * rows[pick])


def halved(patch: Floats) -> Floats:
    """Means of blocks of `OVERSAMPLING` squared pixels, `(height, width, channels)`."""
    side = len(patch) // OVERSAMPLING
    blocks = patch.reshape(side, OVERSAMPLING, side, OVERSAMPLING, -1)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def as_bytes(image: Floats) -> Bytes:
    return np.round(image * 255).astype(np.uint8)
