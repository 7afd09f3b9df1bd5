"""Lesions drawn small for the tests, and the committed network."""

from dataclasses import replace

import numpy as np

from functions.dermatology.analysis import BORDER_NETWORK
from functions.dermatology.border import Border, find_border
from functions.dermatology.grids import Bytes, Mask
from functions.dermatology.lesion import Lesion as Measures
from functions.dermatology.lesion import measure
from functions.dermatology.standard import Standard, standardized
from local.samples.lesion import Drawing, Lesion, Scene, draw
from shared.science.models.network import load_network

PLAIN = Scene(
    lesion=Lesion(diameter=0.45, roughness=0.02, mottling=0.1), height_px=288, width_px=384, seed=4
)
MANY = replace(
    PLAIN,
    lesion=replace(PLAIN.lesion, dark_share=0.3, blue_share=0.2, roughness=0.08),
    seed=5,
)


def outlined(picture: Bytes) -> Border:
    border = find_border(picture, load_network(BORDER_NETWORK))
    assert border is not None
    return border


def measured(picture: Bytes) -> Measures:
    return measure(outlined(picture), (picture.shape[0], picture.shape[1]), 1.0)


def viewed(lesion: Lesion, seed: int = 3) -> Standard:
    """A lesion by its true outline."""
    drawing = drawn(lesion, seed)
    return standardized(drawing.picture, drawing.lesion)


def drawn(lesion: Lesion, seed: int = 3) -> Drawing:
    return draw(Scene(lesion=lesion, height_px=288, width_px=384, seed=seed))


def painted(colors: list[tuple[float, float, float]]) -> Standard:
    """A disc whose vertical stripes have the given colors, on plain skin of (220, 180, 160)."""
    rows, columns = np.mgrid[:288, :384]
    mask: Mask = np.hypot(rows - 144, columns - 192) <= 80
    picture = np.empty((288, 384, 3), np.uint8)
    picture[:] = (220, 180, 160)
    stripes = np.clip((columns - 112) * len(colors) // 161, 0, len(colors) - 1)
    picture[mask] = np.array(colors)[stripes[mask]].astype(np.uint8)
    return standardized(picture, mask)
