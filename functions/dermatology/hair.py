"""Hairs and other thin dark lines: found by what a closing fills, and painted over with it."""

from dataclasses import dataclass

import numpy as np

from functions.dermatology.grids import Bytes, Floats32, Mask, closed, luminance
from shared.science.images.distance import dilated
from shared.science.images.regions import Components, components

# At the working size of 512 px: hairs there are up to 7 px wide, the closing fills up to 10.
CLOSING_RADIUS_PX = 5
MIN_DEPTH = 14.0  # gray levels below the surround
MIN_LENGTH_PX = 36
# A line's pixels are few beside the square of its extent; a blotch fills its frame.
MAX_WIDTH_PX = 7.0
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
    """
    gray = luminance(picture)
    parts = components(closed(gray, CLOSING_RADIUS_PX) - gray > MIN_DEPTH)
    lengths = extents_px(parts)
    widths = parts.areas_px / np.maximum(lengths, 1)
    return ThinLines(parts, (lengths >= MIN_LENGTH_PX) & (widths <= MAX_WIDTH_PX))


def extents_px(parts: Components) -> Floats32:
    """Diagonal of each part's bounding box."""
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
    """The picture with its lines painted over by the closing of each channel."""
    if not lines.any():
        return picture
    over = dilated(lines, MARGIN_PX)
    painted = closed(picture.astype(np.float32), CLOSING_RADIUS_PX)
    return np.where(over[..., None], painted, picture).astype(np.uint8)
