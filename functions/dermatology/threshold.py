"""The border by a threshold: a second opinion that has learned nothing.

Otsu's threshold on the blue channel, where pigment is darkest, outside the dermatoscope's dark
corners; the part nearest the middle; a little grown, for people draw the border outside of it.
"""

import numpy as np
import numpy.typing as npt

from functions.dermatology.grids import Bytes, Floats32, Mask, box_mean
from shared.science.images.distance import dilated
from shared.science.images.regions import border_touch, components, fill_holes

# At the working size of 512 px.
SMOOTHING_PX = 2
GROWTH_PX = 4
DARK_CORNER = 70  # gray levels: brighter is skin or lesion, not the dermatoscope's housing
MIN_PART_PX = 60
SPREAD = 0.35  # of the half diagonal: how fast the weight falls away from the middle
BLUE = 2
LEVELS = 256


def dark_corners(picture: Bytes) -> Mask:
    """Dark parts that hang on the frame's corners, such as a dermatoscope's housing.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
        At the working size of 512 px, so that the parts mean the same in every picture. A pixel is
        dark if its brightest channel is below `DARK_CORNER`: deep red of blood is not.

    Returns
    -------
    (height, width) ndarray of bool
    """
    dark = components(picture.max(axis=2) < DARK_CORNER)
    corners = dark.labels[[0, 0, -1, -1], [0, -1, 0, -1]]
    is_corner = np.isin(np.arange(1, dark.count + 1), corners)
    return dark.selected(is_corner)


def by_threshold(picture: Bytes) -> Mask:
    """Outline the darkest part near the middle, as a second opinion on the network's border.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
        At the working size of 512 px, its hairs painted over: they are darker than most lesions.

    Returns
    -------
    (height, width) ndarray of bool
        Empty where no pixel is darker than the threshold, where all is dark corner, and where the
        part takes the whole border of the frame. Where every part is smaller than `MIN_PART_PX`,
        the first of them.
    """
    corners = dark_corners(picture)
    blue = box_mean(picture[..., BLUE].astype(np.float32), SMOOTHING_PX)
    usable = ~dilated(corners, GROWTH_PX)
    if not usable.any():
        return np.zeros_like(corners)
    lesion = _part_near_middle((blue < otsu(blue[usable])) & usable)
    grown = dilated(fill_holes(lesion), GROWTH_PX)
    return grown if border_touch(grown) < 1 else np.zeros_like(grown)


def otsu(values: npt.NDArray[np.floating]) -> float:
    """Find the level that parts the values into two classes of least variance (Otsu 1979).

    Parameters
    ----------
    values : (n,) ndarray of floating point
        Gray levels of 0-255, their fractions cut off.

    Returns
    -------
    float
        One above the last level of the dark class, so that `values < level` is that class.

    Examples
    --------
    >>> otsu(np.array([10.0, 12.0, 200.0, 202.0]))
    13.0
    """
    counts = np.bincount(values.astype(np.uint8), minlength=LEVELS).astype(float)
    below = np.cumsum(counts)
    sums = np.cumsum(counts * np.arange(LEVELS))
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = sums / below - (sums[-1] - sums) / above
        between = below * above * distance**2
    return float(np.nanargmax(np.nan_to_num(between))) + 1


def _part_near_middle(dark: Mask) -> Mask:
    """The part of the most area, counted by its nearness to the middle."""
    parts = components(dark)
    if not parts.count:
        return dark
    weights = np.bincount(parts.labels.ravel(), _nearness(dark.shape).ravel())[1:]
    weights[parts.areas_px < MIN_PART_PX] = 0
    return np.asarray(parts.labels == 1 + int(np.argmax(weights)))


def _nearness(shape: tuple[int, ...]) -> Floats32:
    rows, columns = (np.linspace(-1, 1, n) for n in shape)
    distance = (rows[:, None] ** 2 + columns**2) / 2
    return np.exp(-distance / SPREAD).astype(np.float32)
