"""Hairs and other thin dark lines: found by what a closing fills, and painted over with it."""

from dataclasses import dataclass

import numpy as np

from functions.dermatology.grids import Bytes, Floats32, Mask, closed
from shared.science.images.distance import dilated
from shared.science.images.luminance import luminance
from shared.science.images.regions import Components, components
from shared.science.images.thinning import thin

# At the working size of 512 px: hairs there are up to 7 px wide, the closing fills up to 10.
CLOSING_RADIUS_PX = 5
MIN_DEPTH = 14.0  # gray levels below the surround
MIN_LENGTH_PX = 36
# A line is narrow about its center line, and this is no longer than a few crossing lines are: the
# meshes of a pigment network have many times the extent.
MAX_WIDTH_PX = 8.0
MAX_WINDINGS = 5.0
MARGIN_PX = 1


@dataclass(frozen=True)
class ThinLines:
    """Dark lines of a picture.

    Attributes
    ----------
    parts : Components
        All thin dark parts, lines or not.
    is_line : ndarray of bool, shape (n_components,)
    """

    parts: Components
    is_line: Mask

    @property
    def mask(self) -> Mask:
        return self.parts.selected(self.is_line)


def thin_lines(picture: Bytes) -> ThinLines:
    """Find long thin dark parts of a picture at the working size.

    A closing fills what is narrower than its square (the black-hat of Lee et al. 1997, DullRazor,
    doi:10.1016/S0010-4825(97)00020-6, used there too); long narrow parts of it are lines.
    Deviations: a square takes the place of their lines in three directions, and `without_lines`
    paints with the closing instead of interpolating between the pixels beside a hair.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
        At 512 px on the longer side: all limits of this module are pixels of that.

    Returns
    -------
    ThinLines
        Hairs, and the lines of a ruler and of ink, which look the same here.
    """
    gray = luminance(picture)
    parts = components(closed(gray, CLOSING_RADIUS_PX) - gray > MIN_DEPTH)
    lengths = extents_px(parts)
    is_long = lengths >= MIN_LENGTH_PX
    centers = parts.labels[thin(parts.selected(is_long))]
    center_lengths = np.bincount(centers, minlength=parts.count + 1)[1:]
    is_narrow = parts.areas_px <= MAX_WIDTH_PX * center_lengths
    return ThinLines(parts, is_long & is_narrow & (center_lengths <= MAX_WINDINGS * lengths))


def extents_px(parts: Components) -> Floats32:
    """Diagonal of each part's bounding box.

    Parameters
    ----------
    parts : Components
        `labels` of shape (height, width).

    Returns
    -------
    (n_components,) ndarray of float32
        Pixels, both ends counted: a part of one pixel has the square root of two.
    """
    rows, columns = np.nonzero(parts.labels)
    labels = parts.labels[rows, columns] - 1
    spans = []
    for places in (rows, columns):
        first = np.full(parts.count, max(parts.labels.shape))
        last = np.zeros(parts.count, int)
        np.minimum.at(first, labels, places)
        np.maximum.at(last, labels, places)
        spans.append(last - first + 1)
    return np.asarray(np.hypot(*spans), np.float32)


def without_lines(picture: Bytes, lines: Mask) -> Bytes:
    """Paint lines over with the closing of each channel.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
    lines : (height, width) ndarray of bool
        Painted with a margin of `MARGIN_PX` around it.

    Returns
    -------
    (height, width, 3) ndarray of uint8
        The picture itself, not a copy, where there is no line.
    """
    if not lines.any():
        return picture
    over = dilated(lines, MARGIN_PX)
    painted = closed(picture.astype(np.float32), CLOSING_RADIUS_PX)
    return np.where(over[..., None], painted, picture).astype(np.uint8)
