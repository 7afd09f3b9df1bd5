"""Asymmetry across two axes at a right angle, in shape and in color.

The dermoscopy rule takes the two axes that give the least asymmetry and adds a point for each one
across which the halves differ (Nachbar et al. 1994). Deviations: structures are not compared, only
outline and color; the axes are chosen by the outline alone; what differs is told by the limits
below, not by eye.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from functions.dermatology.grids import Bytes, Floats32, Mask
from functions.dermatology.standard import Standard

type Turned = npt.NDArray[np.uint8]

STEP_DEG = 10
RIGHT_ANGLE_DEG = 90
HALF_LEVEL = 127
# Of drawn lesions that are symmetric but for texture and a slightly rough outline, 95 % stay below
# 0.052 and 0.28; lesions with rough outlines have 0.10 and more, those with a darker side 0.32.
MAX_SHAPE_DIFFERENCE = 0.075
MAX_COLOR_DIFFERENCE = 0.30
LEVELS_PER_UNIT = 60.0  # absorbance as bytes while it is turned
ZERO_LEVEL = 40
MIN_MEAN = 1e-3


@dataclass(frozen=True)
class Axis:
    """How a lesion's halves differ across one axis.

    Attributes
    ----------
    angle_deg : float
        From the lesion's long axis.
    shape_difference : float
        Area that the mirrored half does not cover, over twice the area: 0 is symmetric.
    color_difference : float
        Mean difference in absorbance of pixels that mirror each other, over the mean absorbance
        of the lesion.
    """

    angle_deg: float
    shape_difference: float
    color_difference: float

    @property
    def is_asymmetric(self) -> bool:
        return (
            self.shape_difference > MAX_SHAPE_DIFFERENCE
            or self.color_difference > MAX_COLOR_DIFFERENCE
        )


@dataclass(frozen=True)
class Asymmetry:
    """Both axes, the more symmetric one first."""

    axes: tuple[Axis, Axis]

    @property
    def score(self) -> int:
        return sum(axis.is_asymmetric for axis in self.axes)


def asymmetry(lesion: Standard) -> Asymmetry:
    """Find the pair of axes across which the lesion is most symmetric, and measure both.

    The pair is chosen by shape alone, in steps of ten degrees, and color is measured across the
    same two axes: the rule asks for both on one pair.

    Parameters
    ----------
    lesion : Standard

    Returns
    -------
    Asymmetry
    """
    angles = range(0, RIGHT_ANGLE_DEG, STEP_DEG)
    levels = lesion.mask.astype(np.uint8) * 255
    masks = {angle: _turned(levels, angle) > HALF_LEVEL for angle in angles}
    best = min(angles, key=lambda angle: sum(_shape_differences(masks[angle])))
    shapes = _shape_differences(masks[best])
    shades = _color_differences(_turned_colors(lesion.absorbance, best), masks[best])
    axes = [
        Axis(float(best + turn), shape, shade)
        for turn, shape, shade in zip((0, RIGHT_ANGLE_DEG), shapes, shades, strict=True)
    ]
    axes.sort(key=lambda axis: (axis.is_asymmetric, axis.shape_difference))
    return Asymmetry((axes[0], axes[1]))


def _turned(levels: Bytes, angle_deg: float) -> Turned:
    """The picture turned so that an axis at the angle lies along the rows."""
    image = Image.fromarray(levels).rotate(angle_deg, Image.Resampling.BILINEAR)
    return np.asarray(image)


def _turned_colors(absorbance: Floats32, angle_deg: float) -> Floats32:
    levels = np.clip(absorbance * LEVELS_PER_UNIT + ZERO_LEVEL, 0, 255).astype(np.uint8)
    return (_turned(levels, angle_deg).astype(np.float32) - ZERO_LEVEL) / LEVELS_PER_UNIT


def _centered(mask: Mask) -> tuple[slice, slice]:
    """The widest frame about the mask's center of area."""
    frame = []
    for axis, size in ((1, mask.shape[0]), (0, mask.shape[1])):
        counts = mask.sum(axis=axis)
        middle = round(2 * float(counts @ np.arange(size)) / max(int(counts.sum()), 1))
        half = min(middle, 2 * (size - 1) - middle)
        frame.append(slice((middle - half + 1) // 2, (middle + half) // 2 + 1))
    return frame[0], frame[1]


def _shape_differences(mask: Mask) -> tuple[float, float]:
    """Across the axis along the columns, then across the one along the rows."""
    framed = mask[_centered(mask)]
    both = 2 * max(int(mask.sum()), 1)
    upright, across = framed ^ framed[::-1], framed ^ framed[:, ::-1]
    return int(upright.sum()) / both, int(across.sum()) / both


def _color_differences(colors: Floats32, mask: Mask) -> tuple[float, float]:
    frame = _centered(mask)
    framed, shades = mask[frame], colors[frame]
    mean = max(float(np.abs(shades[framed]).mean()), MIN_MEAN)
    differences = []
    for turn in (np.s_[::-1], np.s_[:, ::-1]):
        both = framed & framed[turn]
        differs = np.abs(shades - shades[turn])[both]
        differences.append(float(differs.mean()) / mean if both.any() else 1.0)
    return differences[0], differences[1]
