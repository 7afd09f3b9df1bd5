"""Where the pigment ends abruptly: eight sectors of the border."""

from dataclasses import dataclass

import numpy as np

from functions.dermatology.standard import DIAMETER_PX, Standard
from shared.science.images.distance import distance_inside

SECTORS = 8
# Bands along the border, in diameters: near it on both sides, and where pigment and skin are plain.
NEAR = 0.05
DEEP = (0.08, 0.20)
OUT = (0.08, 0.20)
# Share of the whole contrast that falls within the near bands. Drawn lesions whose pigment fades
# over 3 % of the diameter have 0.74 (median), over 6 % 0.51, over 20 % 0.23.
ABRUPT_SHARE = 0.62
MIN_CONTRAST = 0.10  # absorbance: below it nothing ends
MIN_BAND_PX = 6


@dataclass(frozen=True)
class Sector:
    """One eighth of the border; `steepness` is None where the picture's edge cuts it."""

    steepness: float | None
    is_abrupt: bool


def sectors(lesion: Standard) -> tuple[Sector, ...]:
    """Judge the eight sectors, counted from the long axis' right end clockwise.

    The step between the bands just inside and outside of the outline is held against the whole
    contrast between pigment and skin, so that pale and dark lesions are judged alike.

    Parameters
    ----------
    lesion : Standard

    Returns
    -------
    tuple of Sector
        Eight. A sector with too few visible pixels in any band has no steepness and is not abrupt.
    """
    reach = int(max(DEEP[1], OUT[1]) * DIAMETER_PX) + 1
    inward = distance_inside(lesion.mask, reach) / DIAMETER_PX
    outward = distance_inside(~lesion.mask, reach) / DIAMETER_PX
    middle = (len(lesion.mask) - 1) / 2
    rows, columns = np.indices(lesion.mask.shape) - middle
    eighth = np.floor(np.arctan2(rows, columns) * SECTORS / (2 * np.pi)).astype(int) % SECTORS
    gray = lesion.absorbance.mean(axis=2)
    bands = {
        "inner": (inward > 0) & (inward <= NEAR),
        "deep": (inward > DEEP[0]) & (inward <= DEEP[1]),
        "outer": (outward > 0) & (outward <= NEAR) & lesion.visible,
        "skin": (outward > OUT[0]) & (outward <= OUT[1]) & lesion.visible,
    }
    judged = []
    for number in range(SECTORS):
        own = eighth == number
        levels = [gray[own & band] for band in bands.values()]
        if min(map(len, levels)) < MIN_BAND_PX:
            judged.append(Sector(None, is_abrupt=False))
            continue
        inner, deep, outer, skin = (float(np.median(level)) for level in levels)
        judged.append(_sector(max(inner, deep) - skin, inner - outer))
    return tuple(judged)


def _sector(contrast: float, step: float) -> Sector:
    if contrast < MIN_CONTRAST:
        return Sector(0.0, is_abrupt=False)
    steepness = float(np.clip(step / contrast, 0, 1))
    return Sector(steepness, steepness > ABRUPT_SHARE)
