"""Chest films with the outlines of both lungs and the heart, as the training reads them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

ORGANS = ("right_lung", "left_lung", "heart")
FOREGROUND = 127  # the published masks were interpolated


@dataclass(frozen=True)
class Film:
    """A gray film `(height, width)` and its masks `(3, height, width)` in the order of `ORGANS`."""

    name: str
    gray: npt.NDArray[np.uint8]
    masks: npt.NDArray[np.bool_]


def read_films(folder: Path) -> list[Film]:
    """Read every film of a folder; the masks lie beside it as `<name>_<organ>.png`."""
    marks = {path.stem for path in folder.glob("*.png")}
    names = sorted(name for name in marks if f"{name}_heart" in marks)
    return [read_film(folder, name) for name in names]


def read_film(folder: Path, name: str) -> Film:
    """Read a film and its masks.

    Parameters
    ----------
    folder : Path
    name : str
        Of `<name>.png`.

    Returns
    -------
    Film

    Raises
    ------
    FileNotFoundError
        If one of the three masks is missing: `read_films` asks for that of the heart alone.
    """
    masks = [gray(folder / f"{name}_{organ}.png") > FOREGROUND for organ in ORGANS]
    return Film(name, gray(folder / f"{name}.png"), in_order(np.stack(masks)))


def gray(path: Path) -> npt.NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


def in_order(masks: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Put exchanged masks right: right lung, heart, left lung follow each other across a film.

    One film of the published set has left lung and heart exchanged.

    Parameters
    ----------
    masks : (3, height, width) ndarray of bool
        Of the three organs in any order, none empty.

    Returns
    -------
    (3, height, width) ndarray of bool
        In the order of `ORGANS`.
    """
    columns = [np.nonzero(mask)[1].mean() for mask in masks]
    right, heart, left = np.argsort(columns)
    return masks[[right, left, heart]]
