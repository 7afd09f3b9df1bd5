"""The six colors of dermoscopy, told by absorbance against the person's own skin.

Melanin takes most of blue, less of green, least of red; blood takes green and blue and hardly red.
What takes no more of blue than of red looks blue-gray; what takes red too is black; what takes less
than the skin does is white.
"""

from collections.abc import Mapping

import numpy as np

from functions.dermatology.grids import Bytes, Floats32
from functions.dermatology.standard import Standard

NAMES = ("white", "red", "light_brown", "dark_brown", "blue_gray", "black")
MIN_SHARE = 0.03
# Absorbance of all channels in the mean: white below, pigment above, dark brown, black.
WHITE_BELOW = -0.06
PIGMENT_ABOVE = 0.10
DARK_ABOVE = 0.62
BLACK_RED_ABOVE = 1.05  # black takes two thirds of the red as well
# Share of the mean by which blue exceeds red: under it gray or blue. Melanin has 0.66.
BLUE_GRAY_BELOW = 0.16
GRAY_ABOVE = 0.25  # paler than that, gray is no color of its own
# How much green exceeds the middle of red and blue, as a share of the mean: blood has 0.69,
# melanin 0.01.
RED_ABOVE = 0.30


def color_shares(lesion: Standard) -> Mapping[str, float]:
    """Share of the lesion that each of the six colors takes.

    Parameters
    ----------
    lesion : Standard

    Returns
    -------
    mapping of str to float
        By `NAMES`, 0-1. They sum to less than one: the rest looks like the skin.
    """
    named = color_map(lesion.absorbance)[lesion.mask]
    counts = np.bincount(named, minlength=len(NAMES) + 1)
    total = max(len(named), 1)
    return {name: float(counts[1 + place] / total) for place, name in enumerate(NAMES)}


def color_map(absorbance: Floats32) -> Bytes:
    """Number of each pixel's color in `NAMES`, from 1; 0 where it looks like the skin.

    The limits above are this project's own, set on drawn lesions of known pigment: the rule names
    its colors and leaves telling them to the eye. The first color whose condition holds is taken.

    Parameters
    ----------
    absorbance : (height, width, 3) ndarray of float32
        Against the skin; red, green, blue.

    Returns
    -------
    (height, width) ndarray of uint8
    """
    red, green, blue = np.moveaxis(absorbance, 2, 0)
    mean = absorbance.mean(axis=2)
    slope = (blue - red) / np.maximum(mean, PIGMENT_ABOVE)
    excess = (green - (red + blue) / 2) / np.maximum(mean, PIGMENT_ABOVE)
    has_pigment = mean > PIGMENT_ABOVE
    choices = (
        mean < WHITE_BELOW,
        has_pigment & (excess > RED_ABOVE) & (mean < DARK_ABOVE),
        has_pigment & (red > BLACK_RED_ABOVE),
        (mean > GRAY_ABOVE) & (slope < BLUE_GRAY_BELOW),
        has_pigment & (mean > DARK_ABOVE),
        has_pigment,
    )
    order = ("white", "red", "black", "blue_gray", "dark_brown", "light_brown")
    numbers = [1 + NAMES.index(name) for name in order]
    return np.select(choices, numbers, 0).astype(np.uint8)


def present(shares: Mapping[str, float]) -> tuple[str, ...]:
    """The colors that take at least 3 % of the lesion."""
    return tuple(name for name, share in shares.items() if share >= MIN_SHARE)
